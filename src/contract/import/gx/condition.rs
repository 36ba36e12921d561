//! Row conditions: the structured form of 1.x, the `col("x") == 1` form of 0.x, and what people write for pandas' `query`.
//!
//! Source: the documentation of row conditions in Great Expectations 0.18 and 1.x, and of `pandas.DataFrame.query`.
//! A comparison with null is false there and `!=` is true; the SQL says so where it would differ. In the form of
//! Great Expectations itself, and in that of 1.x, a null is left out by `!=` as well, as their SQL does.

use super::super::promise::{Refused, items, words};
use super::rule::wrong;
use super::token::{Token, tokens};
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::Place;
use crate::scalar::number_text;
use crate::sql;

/// A condition as boolean SQL.
pub(super) fn sql(node: &Node, parser: Option<&str>, at: &Place) -> Result<String, Refused> {
    match (&node.value, parser) {
        (Value::Map(_), _) => structured(node),
        (Value::Text(text), Some("pandas" | "python")) => Text::read(text, node, Nulls::Differ),
        (Value::Text(text), Some(p)) if p.starts_with("great_expectations") || p == "ge" => {
            Text::read(text, node, Nulls::Unknown)
        }
        (Value::Text(text), None) => Text::read(text, node, Nulls::Unknown),
        (Value::Text(text), Some("spark" | "spark_sql" | "sql")) => Ok(text.replace('`', "\"")),
        (Value::Text(_), Some(other)) => Err(wrong(
            at,
            format!("`condition_parser` cannot be `{other}`: pandas, spark or great_expectations"),
            "not known",
        )),
        _ => Err(Refused::kind(node, "row_condition", "text or a mapping")),
    }
}

fn entry<'a>(entries: &'a [(Key, Node)], name: &str, at: &Node) -> Result<&'a Node, Refused> {
    let found = entries.iter().find(|(k, _)| k.name == name);
    found
        .map(|(_, v)| v)
        .ok_or_else(|| Refused::missing(&at.place, "a row condition", name))
}

/// The form of 1.x: a tree of `comparison`, `nullity`, `and`, `or` and `pass_through`.
fn structured(node: &Node) -> Result<String, Refused> {
    let Value::Map(entries) = &node.value else {
        return Err(Refused::kind(node, "row_condition", "a mapping"));
    };
    let kind = words(entry(entries, "type", node)?, "type")?;
    match kind {
        "pass_through" => {
            let text = entry(entries, "pass_through_filter", node)?;
            Text::read(words(text, "pass_through_filter")?, text, Nulls::Differ)
        }
        "nullity" => {
            let null = entry(entries, "is_null", node)?.value == Value::Bool(true);
            let word = if null { "IS NULL" } else { "IS NOT NULL" };
            Ok(format!("{} {word}", column(entries, node)?))
        }
        "and" | "or" => {
            let parts = items(entry(entries, "conditions", node)?, "conditions")?;
            let parts: Vec<String> = parts.iter().map(structured).collect::<Result<_, _>>()?;
            if parts.is_empty() {
                return Err(Refused::kind(node, "conditions", "a list of one or more"));
            }
            let word = if kind == "and" { ") AND (" } else { ") OR (" };
            Ok(format!("({})", parts.join(word)))
        }
        "comparison" => comparison(entries, node),
        other => Err(wrong(
            &node.place,
            format!("a row condition cannot be of type `{other}`"),
            "not known",
        )),
    }
}

fn column(entries: &[(Key, Node)], at: &Node) -> Result<String, Refused> {
    let node = entry(entries, "column", at)?;
    let name = match &node.value {
        Value::Map(inner) => words(entry(inner, "name", node)?, "name")?,
        _ => words(node, "column")?,
    };
    Ok(sql::identifier(name))
}

fn comparison(entries: &[(Key, Node)], node: &Node) -> Result<String, Refused> {
    let column = column(entries, node)?;
    let operator = entry(entries, "operator", node)?;
    let value = entry(entries, "parameter", node)?;
    let word = words(operator, "operator")?;
    let op = match word {
        "==" => "=",
        "!=" => "<>",
        "<" | "<=" | ">" | ">=" => word,
        "IN" | "NOT_IN" => {
            let values = items(value, "parameter")?;
            let values: Vec<String> = values.iter().map(literal).collect::<Result<_, _>>()?;
            return Ok(match (values.is_empty(), word) {
                (true, "IN") => "FALSE".to_owned(),
                (true, _) => "TRUE".to_owned(),
                (false, "IN") => format!("{column} IN ({})", values.join(", ")),
                (false, _) => format!("{column} NOT IN ({})", values.join(", ")),
            });
        }
        other => {
            return Err(wrong(
                &operator.place,
                format!("`operator` cannot be `{other}`"),
                "not known",
            ));
        }
    };
    Ok(format!("{column} {op} {}", literal(value)?))
}

fn literal(node: &Node) -> Result<String, Refused> {
    node.value
        .scalar()
        .map(|v| sql::literal(&v))
        .ok_or_else(|| Refused::kind(node, "parameter", "one value"))
}

/// What `!=` and `not` make of a null.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// They are true of it, as in pandas.
    Differ,
    /// They are not, as in SQL.
    Unknown,
}

/// Deepest nesting of parentheses.
const DEPTH: usize = 60;

/// A condition written as text, read from left to right.
struct Text<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    node: &'a Node,
    nulls: Nulls,
}

impl<'a> Text<'a> {
    fn read(text: &str, node: &'a Node, nulls: Nulls) -> Result<String, Refused> {
        let tokens = tokens(text).ok_or_else(|| unread(text))?;
        let mut reading = Self {
            tokens,
            at: 0,
            depth: 0,
            node,
            nulls,
        };
        let sql = reading.any().ok_or_else(|| unread(text))?;
        if reading.at < reading.tokens.len() || reading.node.value == Value::Null {
            return Err(unread(text));
        }
        Ok(sql)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn sign(&mut self, signs: &[&str]) -> Option<&'static str> {
        match self.peek() {
            Some(Token::Sign(sign)) if signs.contains(sign) => {
                let sign = *sign;
                self.at += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn word(&mut self, words: &[&str]) -> Option<String> {
        match self.peek() {
            Some(Token::Name(name)) if words.contains(&name.to_lowercase().as_str()) => {
                let name = name.to_lowercase();
                self.at += 1;
                Some(name)
            }
            _ => None,
        }
    }

    fn any(&mut self) -> Option<String> {
        let mut parts = vec![self.all()?];
        while self.sign(&["|", "||"]).is_some() || self.word(&["or"]).is_some() {
            parts.push(self.all()?);
        }
        Some(joined(parts, ") OR ("))
    }

    fn all(&mut self) -> Option<String> {
        let mut parts = vec![self.negated()?];
        while self.sign(&["&", "&&"]).is_some() || self.word(&["and"]).is_some() {
            parts.push(self.negated()?);
        }
        Some(joined(parts, ") AND ("))
    }

    fn negated(&mut self) -> Option<String> {
        if self.sign(&["~"]).is_some() || self.word(&["not"]).is_some() {
            self.depth += 1;
            let inner = (self.depth < DEPTH).then(|| self.negated()).flatten()?;
            self.depth -= 1;
            return Some(match self.nulls {
                Nulls::Differ => format!("NOT COALESCE({inner}, FALSE)"),
                Nulls::Unknown => format!("NOT ({inner})"),
            });
        }
        if self.sign(&["("]).is_some() {
            self.depth += 1;
            let inner = (self.depth < DEPTH).then(|| self.any()).flatten()?;
            self.depth -= 1;
            self.sign(&[")"])?;
            return Some(format!("({inner})"));
        }
        self.relation()
    }

    fn relation(&mut self) -> Option<String> {
        let left = self.operand()?;
        if self.sign(&["."]).is_some() {
            return self.method(&left);
        }
        let negative = self.word(&["not"]).is_some();
        if negative || matches!(self.peek(), Some(Token::Name(n)) if n.eq_ignore_ascii_case("in")) {
            self.word(&["in"])?;
            return self.among(&left, negative);
        }
        let mut parts = Vec::new();
        let mut before = left;
        while let Some(op) = self.sign(&["==", "!=", "<=", ">=", "<", ">", "="]) {
            if matches!(op, "==" | "!=") && self.peek() == Some(&Token::Sign("[")) {
                parts.push(self.among(&before, op == "!=")?);
                break;
            }
            let next = self.operand()?;
            parts.push(self.compared(&before, op, &next));
            before = next;
        }
        if parts.is_empty() {
            // A boolean column alone.
            return before.starts_with('"').then_some(before);
        }
        Some(joined(parts, ") AND ("))
    }

    fn compared(&self, left: &str, op: &str, right: &str) -> String {
        match op {
            "==" | "=" => format!("{left} = {right}"),
            "!=" if self.nulls == Nulls::Differ => {
                let side = |s: &str| s.starts_with('"').then(|| format!(" OR {s} IS NULL"));
                let nulls: String = [left, right].into_iter().filter_map(side).collect();
                if nulls.is_empty() {
                    format!("{left} <> {right}")
                } else {
                    format!("({left} <> {right}{nulls})")
                }
            }
            "!=" => format!("{left} <> {right}"),
            other => format!("{left} {other} {right}"),
        }
    }

    fn method(&mut self, left: &str) -> Option<String> {
        let name = match self.peek()? {
            Token::Name(name) => name.to_lowercase(),
            _ => return None,
        };
        self.at += 1;
        self.sign(&["("])?;
        let sql = match name.as_str() {
            "isnull" | "isna" => format!("{left} IS NULL"),
            "notnull" | "notna" => format!("{left} IS NOT NULL"),
            "isin" => self.among(left, false)?,
            _ => return None,
        };
        self.sign(&[")"])?;
        Some(sql)
    }

    fn among(&mut self, left: &str, negative: bool) -> Option<String> {
        let close = if self.sign(&["["]).is_some() {
            "]"
        } else {
            self.sign(&["("])?;
            ")"
        };
        let mut values = Vec::new();
        while self.sign(&[close]).is_none() {
            values.push(self.operand()?);
            if self.sign(&[","]).is_none() {
                self.sign(&[close])?;
                break;
            }
        }
        let listed = values.join(", ");
        Some(match (values.is_empty(), negative) {
            (true, false) => "FALSE".to_owned(),
            (true, true) => "TRUE".to_owned(),
            (false, false) => format!("{left} IN ({listed})"),
            (false, true) if self.nulls == Nulls::Differ => {
                format!("({left} NOT IN ({listed}) OR {left} IS NULL)")
            }
            (false, true) => format!("{left} NOT IN ({listed})"),
        })
    }

    fn operand(&mut self) -> Option<String> {
        let minus = self.sign(&["-", "+"]) == Some("-");
        let token = self.peek()?.clone();
        self.at += 1;
        match token {
            Token::Number(v) => Some(number_text(if minus { -v } else { v })),
            Token::Text(text) if !minus => Some(sql::text_literal(&text)),
            Token::Quoted(name) if !minus => Some(sql::identifier(&name)),
            Token::Name(name) if !minus => match name.to_lowercase().as_str() {
                "true" => Some("TRUE".to_owned()),
                "false" => Some("FALSE".to_owned()),
                "none" | "and" | "or" | "not" | "in" => None,
                "col" | "date" if self.peek() == Some(&Token::Sign("(")) => self.call(&name),
                _ => Some(sql::identifier(&name)),
            },
            _ => None,
        }
    }

    /// `col("x")` and `date("2020-01-31")`.
    fn call(&mut self, name: &str) -> Option<String> {
        self.sign(&["("])?;
        let Some(Token::Text(text)) = self.peek().cloned() else {
            return None;
        };
        self.at += 1;
        self.sign(&[")"])?;
        Some(match name {
            "col" => sql::identifier(&text),
            _ => format!("DATE {}", sql::text_literal(&text)),
        })
    }
}

fn joined(parts: Vec<String>, word: &str) -> String {
    match &parts[..] {
        [one] => one.clone(),
        _ => format!("({})", parts.join(word)),
    }
}

fn unread(text: &str) -> Refused {
    Refused::Dropped(format!(
        "the row condition `{text}` cannot be read here: write it as `where` in SQL"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree;
    use crate::diagnostic::SourceFile;
    use std::sync::Arc;

    fn read(written: &str, parser: Option<&str>) -> Option<String> {
        let file = Arc::new(SourceFile {
            path: "suite.json".into(),
            text: written.into(),
        });
        let node = tree::parse(&file).unwrap();
        sql(&node, parser, &node.place).ok()
    }

    #[test]
    fn pandas_conditions_keep_their_nulls() {
        let cases = [
            ("'x == 1'", "\"x\" = 1"),
            (
                "'x!=1 & w!=6'",
                "((\"x\" <> 1 OR \"x\" IS NULL)) AND ((\"w\" <> 6 OR \"w\" IS NULL))",
            ),
            ("'`a b` > -1.5e3'", "\"a b\" > -1500"),
            (
                "'1 < x <= 3 or not y'",
                "((1 < \"x\") AND (\"x\" <= 3)) OR (NOT COALESCE(\"y\", FALSE))",
            ),
            ("\"c in ['a', 'it\\\\'s']\"", "\"c\" IN ('a', 'it''s')"),
            (
                "'c not in (1, 2)'",
                "(\"c\" NOT IN (1, 2) OR \"c\" IS NULL)",
            ),
            (
                "'c.notnull() and (d.isna())'",
                "(\"c\" IS NOT NULL) AND ((\"d\" IS NULL))",
            ),
        ];
        for (written, wanted) in cases {
            let found = read(written, Some("pandas"));
            let plain = found.as_deref().map(|f| {
                f.strip_prefix('(')
                    .and_then(|f| f.strip_suffix(')'))
                    .unwrap_or(f)
            });
            assert!(
                found.as_deref() == Some(wanted) || plain == Some(wanted),
                "{written}: {found:?}"
            );
        }
    }

    #[test]
    fn their_own_forms() {
        assert_eq!(
            read(
                "'col(\"x\") != 1'",
                Some("great_expectations__experimental__")
            )
            .unwrap(),
            "\"x\" <> 1"
        );
        assert_eq!(
            read("'col(\"x\").notNull()'", Some("great_expectations")).unwrap(),
            "\"x\" IS NOT NULL"
        );
        assert_eq!(
            read("'col(\"d\") >= date(\"2020-01-31\")'", None).unwrap(),
            "\"d\" >= DATE '2020-01-31'"
        );
        assert_eq!(
            read("'`x` > 1 AND y IS NULL'", Some("spark")).unwrap(),
            "\"x\" > 1 AND y IS NULL"
        );
        let tree = "{type: and, conditions: [{type: comparison, column: {name: x}, operator: '==', parameter: a'b}, {type: nullity, column: {name: y}, is_null: false}]}";
        assert_eq!(
            read(tree, None).unwrap(),
            "(\"x\" = 'a''b') AND (\"y\" IS NOT NULL)"
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for written in [
            "'x =='",
            "'@limit < x'",
            "'x.str.len() > 3'",
            "'(((x == 1'",
            "'x == \"a'",
            "'x ; y'",
            "''",
        ] {
            assert!(read(written, Some("pandas")).is_none(), "{written}");
        }
        assert!(read("'x == 1'", Some("bad_parser")).is_none());
        let deep = format!("'{}x{}'", "(".repeat(100), ")".repeat(100));
        assert!(read(&deep, Some("pandas")).is_none());
        let nots = format!("'{} x'", "not ".repeat(10_000));
        assert!(read(&nots, Some("pandas")).is_none());
    }
}
