//! A DQDL document as rules: what each asks, of which parameters, under which condition.

use super::token::{Kind, Token, tokens};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use std::sync::Arc;

/// A rule, or rules that `and` or `or` join.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    /// One rule.
    One(Box<Rule>),
    /// All must hold.
    All(Vec<Tree>),
    /// One must hold.
    Any(Vec<Tree>),
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Its type, such as `IsComplete`.
    pub(super) name: String,
    /// Where the type stands.
    pub(super) place: Place,
    /// Its parameters, in quotes or not.
    pub(super) params: Vec<(String, Place)>,
    /// What must be true of what it measures.
    pub(super) condition: Option<Condition>,
    /// What must be true of the share of rows that hold the condition.
    pub(super) threshold: Option<Condition>,
    /// Only rows where this SQL is true.
    pub(super) filter: Option<(String, Place)>,
    /// Keys such as `labels` that promise nothing.
    pub(super) tags: Vec<(String, Place)>,
}

/// An operator with its operands.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) op: Op,
    pub(super) operands: Vec<Operand>,
    pub(super) place: Place,
}

/// Operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Between,
    NotBetween,
    In,
    NotIn,
    Matches,
    NotMatches,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    /// A number.
    Number(f64),
    /// A text, which may be a day.
    Text(String),
    /// `NULL`, `EMPTY` or `WHITESPACES_ONLY`, in upper case.
    Keyword(String),
    /// `24 hours` in minutes.
    Minutes(f64),
    /// Anything else as it is written: `now() - 3 days`, `avg(last(10)) * 0.6`, `2 MB`.
    Other(String),
}

/// A document.
#[derive(Debug)]
pub(super) struct Document {
    /// The rules, each with its place.
    pub(super) rules: Vec<(Tree, Place)>,
    /// Analyzers and other sections: they promise nothing.
    pub(super) told: Vec<(String, Place)>,
}

/// Most parentheses inside each other.
const DEPTH: usize = 60;

/// Reads a document.
///
/// Errors: the first thing that the language does not have, at its place; no list of rules.
pub(super) fn document(file: &Arc<SourceFile>) -> Result<Document, Diagnostic> {
    let tokens = tokens(file)?;
    let end = Place {
        file: Arc::clone(file),
        line: file.text.lines().count().max(1),
        column: 1,
        length: 1,
    };
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        end,
    };
    parser.document()
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    end: Place,
}

type Read<T> = Result<T, Diagnostic>;

impl Parser {
    fn document(&mut self) -> Read<Document> {
        let mut found = Document {
            rules: Vec::new(),
            told: Vec::new(),
        };
        let mut seen = false;
        while self.at < self.tokens.len() {
            let place = self.place();
            let name = self.name("a section such as `Rules`")?;
            self.sign("=")?;
            if name == "Rules" {
                seen = true;
                self.rules(&mut found.rules)?;
            } else {
                self.skip_section()?;
                found.told.push((name, place));
            }
        }
        if seen {
            return Ok(found);
        }
        Err(self.problem("the document has no `Rules = [ .. ]`", "nothing here"))
    }

    fn rules(&mut self, found: &mut Vec<(Tree, Place)>) -> Read<()> {
        self.sign("[")?;
        while !self.takes("]") {
            let place = self.place();
            found.push((self.tree()?, place));
            if !self.takes(",") {
                self.sign("]")?;
                break;
            }
        }
        Ok(())
    }

    /// Everything up to the bracket that closes the section.
    fn skip_section(&mut self) -> Read<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek().map(|t| &t.kind) {
                None => return Err(self.problem("a section has no end", "ends here")),
                Some(Kind::Sign("[" | "{" | "(")) => depth += 1,
                Some(Kind::Sign("]" | "}" | ")")) => depth = depth.saturating_sub(1),
                Some(_) => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn tree(&mut self) -> Read<Tree> {
        let first = self.group()?;
        let joined = |word: &str| {
            ["and", "or"]
                .into_iter()
                .find(|w| word.eq_ignore_ascii_case(w))
        };
        let mut all = vec![first];
        let mut with: Option<&'static str> = None;
        while let Some(Kind::Name(word)) = self.peek().map(|t| &t.kind)
            && let Some(word) = joined(word)
        {
            if with.is_some_and(|w| w != word) {
                return Err(self.problem(
                    "`and` and `or` are mixed without parentheses",
                    "which one first?",
                ));
            }
            with = Some(word);
            self.at += 1;
            all.push(self.group()?);
        }
        Ok(match with {
            None => all.swap_remove(0),
            Some("and") => Tree::All(all),
            Some(_) => Tree::Any(all),
        })
    }

    fn group(&mut self) -> Read<Tree> {
        if !self.takes("(") {
            return self.rule().map(|r| Tree::One(Box::new(r)));
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.problem("parentheses are nested too deeply", "here"));
        }
        let inner = self.tree()?;
        self.depth -= 1;
        self.sign(")")?;
        Ok(inner)
    }

    fn rule(&mut self) -> Read<Rule> {
        let place = self.place();
        let name = self.name("a rule such as `IsComplete \"column\"`")?;
        let mut rule = Rule {
            name,
            place,
            params: Vec::new(),
            condition: None,
            threshold: None,
            filter: None,
            tags: Vec::new(),
        };
        while let Some(Kind::Text(text) | Kind::Number(text)) = self.peek().map(|t| t.kind.clone())
        {
            rule.params.push((text, self.place()));
            self.at += 1;
        }
        rule.condition = self.condition()?;
        loop {
            let place = self.place();
            if self.word("with") {
                if !self.word("threshold") {
                    return Err(self.problem("`with` needs `threshold`", "expected here"));
                }
                rule.threshold = self.condition()?;
                if rule.threshold.is_none() {
                    return Err(self.problem("`with threshold` needs a condition", "expected here"));
                }
            } else if self.word("where") {
                rule.filter = Some((self.text()?, place));
            } else if let Some(tag) = self.tag()? {
                rule.tags.push((tag, place));
            } else {
                return Ok(rule);
            }
        }
    }

    /// `labels = [..]` and the like: a name with a value that promises nothing.
    fn tag(&mut self) -> Read<Option<String>> {
        let named = match (self.peek(), self.tokens.get(self.at + 1)) {
            (
                Some(Token {
                    kind: Kind::Name(name),
                    ..
                }),
                Some(next),
            ) if next.kind == Kind::Sign("=") => name.clone(),
            _ => return Ok(None),
        };
        self.at += 2;
        match self.peek().map(|t| &t.kind) {
            Some(Kind::Sign("[" | "{")) => self.skip_section()?,
            Some(_) => self.at += 1,
            None => return Err(self.problem(&format!("`{named}` has no value"), "expected here")),
        }
        Ok(Some(named))
    }

    fn condition(&mut self) -> Read<Option<Condition>> {
        let place = self.place();
        let signs = [
            ("=", Op::Equal),
            ("!=", Op::NotEqual),
            ("<=", Op::LessEqual),
            (">=", Op::GreaterEqual),
            ("<", Op::Less),
            (">", Op::Greater),
        ];
        if let Some((_, op)) = signs.iter().find(|(sign, _)| self.is(sign)) {
            self.at += 1;
            let operands = vec![self.operand()?];
            return Ok(Some(Condition {
                op: *op,
                operands,
                place,
            }));
        }
        let not = self.is_word("not") && self.tokens.get(self.at + 1).is_some();
        let after = self
            .tokens
            .get(self.at + usize::from(not))
            .map(|t| t.kind.clone());
        let Some(Kind::Name(word)) = after else {
            return Ok(None);
        };
        let op = match (word.to_lowercase().as_str(), not) {
            ("between", false) => Op::Between,
            ("between", true) => Op::NotBetween,
            ("in", false) => Op::In,
            ("in", true) => Op::NotIn,
            ("matches", false) => Op::Matches,
            ("matches", true) => Op::NotMatches,
            _ => return Ok(None),
        };
        self.at += 1 + usize::from(not);
        let operands = match op {
            Op::Between | Op::NotBetween => {
                let first = self.operand()?;
                if !self.word("and") {
                    return Err(
                        self.problem("`between` needs `and` and a second bound", "expected here")
                    );
                }
                vec![first, self.operand()?]
            }
            Op::In | Op::NotIn => self.list()?,
            _ => vec![Operand::Text(self.text()?)],
        };
        Ok(Some(Condition {
            op,
            operands,
            place,
        }))
    }

    fn list(&mut self) -> Read<Vec<Operand>> {
        self.sign("[")?;
        let mut found = Vec::new();
        while !self.takes("]") {
            found.push(self.operand()?);
            if !self.takes(",") {
                self.sign("]")?;
                break;
            }
        }
        Ok(found)
    }

    /// One value: everything up to a word that cannot belong to it.
    fn operand(&mut self) -> Read<Operand> {
        let from = self.at;
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            let ends = match &token.kind {
                Kind::Sign("," | "]" | ")") => depth == 0,
                Kind::Sign("=" | "!=" | "<" | ">" | "<=" | ">=") => true,
                Kind::Name(word) => depth == 0 && ENDS.iter().any(|e| word.eq_ignore_ascii_case(e)),
                Kind::Text(_) => self.at > from && depth == 0,
                _ => false,
            };
            let tag = matches!(&token.kind, Kind::Name(_))
                && self
                    .tokens
                    .get(self.at + 1)
                    .is_some_and(|t| t.kind == Kind::Sign("="));
            if ends || (tag && depth == 0) {
                break;
            }
            match &token.kind {
                Kind::Sign("(") => depth += 1,
                Kind::Sign(")") => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
        let kinds: Vec<&Kind> = self.tokens[from..self.at].iter().map(|t| &t.kind).collect();
        if kinds.is_empty() {
            return Err(self.problem("a value is missing", "expected here"));
        }
        Ok(operand(&kinds))
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn place(&self) -> Place {
        self.peek()
            .map_or_else(|| self.end.clone(), |t| t.place.clone())
    }

    fn problem(&self, message: &str, label: &str) -> Diagnostic {
        Diagnostic::new("invalid-dqdl", message).at(&self.place(), label)
    }

    fn is(&self, sign: &str) -> bool {
        self.peek()
            .is_some_and(|t| matches!(&t.kind, Kind::Sign(s) if *s == sign))
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    fn sign(&mut self, sign: &str) -> Read<()> {
        if self.takes(sign) {
            return Ok(());
        }
        Err(self.problem(&format!("`{sign}` is expected"), "found something else"))
    }

    fn is_word(&self, word: &str) -> bool {
        self.peek()
            .is_some_and(|t| matches!(&t.kind, Kind::Name(n) if n.eq_ignore_ascii_case(word)))
    }

    fn word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.at += usize::from(is);
        is
    }

    fn name(&mut self, wanted: &str) -> Read<String> {
        if let Some(Kind::Name(name)) = self.peek().map(|t| t.kind.clone()) {
            self.at += 1;
            return Ok(name);
        }
        Err(self.problem(&format!("{wanted} is expected"), "found something else"))
    }

    fn text(&mut self) -> Read<String> {
        if let Some(Kind::Text(text)) = self.peek().map(|t| t.kind.clone()) {
            self.at += 1;
            return Ok(text);
        }
        Err(self.problem(
            "a text in double quotes is expected",
            "found something else",
        ))
    }
}

/// Words that end a value.
const ENDS: &[&str] = &["with", "where", "and", "or"];

fn operand(kinds: &[&Kind]) -> Operand {
    let number = |text: &str| text.parse::<f64>().ok();
    let named = match kinds {
        [Kind::Number(n)] => number(n).map(Operand::Number),
        [Kind::Sign("-"), Kind::Number(n)] => number(n).map(|v| Operand::Number(-v)),
        [Kind::Text(text)] => Some(Operand::Text(text.clone())),
        [Kind::Name(word)] => ["NULL", "EMPTY", "WHITESPACES_ONLY"]
            .into_iter()
            .find(|k| word.eq_ignore_ascii_case(k))
            .map(|k| Operand::Keyword(k.to_owned())),
        [Kind::Number(n), Kind::Name(unit)] => minutes(unit)
            .zip(number(n))
            .map(|(each, n)| Operand::Minutes(each * n)),
        _ => None,
    };
    named.unwrap_or_else(|| Operand::Other(written(kinds)))
}

fn minutes(unit: &str) -> Option<f64> {
    match unit.to_lowercase().as_str() {
        "minute" | "minutes" => Some(1.0),
        "hour" | "hours" => Some(60.0),
        "day" | "days" => Some(1440.0),
        "week" | "weeks" => Some(7.0 * 1440.0),
        _ => None,
    }
}

/// The words as a person reads them.
fn written(kinds: &[&Kind]) -> String {
    let mut text = String::new();
    for kind in kinds {
        let (word, tight) = match kind {
            Kind::Name(word) | Kind::Number(word) => (word.clone(), false),
            Kind::Text(inner) => (format!("\"{inner}\""), false),
            Kind::Sign(sign) => ((*sign).to_owned(), matches!(*sign, "(" | ")" | ",")),
        };
        if !(text.is_empty() || tight || text.ends_with('(')) {
            text.push(' ');
        }
        text.push_str(&word);
    }
    text
}
