//! One column of a foreign file being read, with what became of its rules; the words that several forms share.

use super::Coverage;
use super::build::{ColumnDraft, ContractDraft, flag, int, list, number, text};
use super::ecma;
use super::keys::Keys;
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Place;
use crate::formats::{Draft, Formats, JsonSchema};

/// A column on its way into a contract.
#[derive(Debug)]
pub struct Column {
    /// Name or path.
    pub path: String,
    /// What is promised of it.
    pub draft: ColumnDraft,
    /// What became of its rules.
    pub coverage: Coverage,
}

/// Whether a JSON Schema can be judged here.
///
/// Errors: why it cannot, in one sentence without a full stop.
pub(super) fn judged(schema: &Node) -> Result<(), String> {
    if !matches!(schema.value, Value::Map(_)) {
        return Err("the schema is no mapping of keywords".to_owned());
    }
    let text = crate::schema::plain(schema).to_string();
    let read = JsonSchema::new(&text, Draft::Draft2020, Formats::Told);
    read.map(drop)
        .map_err(|why| format!("the schema cannot be judged here: {why}"))
}

impl Column {
    /// A column by name, which is a rule itself: the dataset has it.
    pub fn new(place: &Place, path: impl Into<String>) -> Self {
        let path = path.into();
        let mut coverage = Coverage::default();
        coverage.mapped(place, format!("column {path}"), "columns");
        Self {
            draft: ColumnDraft::new(place, path.clone()),
            path,
            coverage,
        }
    }

    fn what(&self, key: &str) -> String {
        format!("{key} of {}", self.path)
    }

    /// A rule that is held as a check.
    pub fn held(&mut self, place: &Place, key: &str, check: &str, args: Vec<(&str, Node)>) {
        self.draft.expect(place, check, args);
        let what = self.what(key);
        self.coverage.mapped(place, what, check);
    }

    /// A rule that is held as a key of the native column, such as `nullable: false`.
    pub fn set(&mut self, place: &Place, key: &str, native: &'static str, value: Node) {
        let to = format!("{native}: {}", value.value);
        self.draft.set(native, value);
        let what = self.what(key);
        self.coverage.mapped(place, what, to);
    }

    /// A rule that is held, with something to know.
    pub fn note(&mut self, place: &Place, key: &str, note: impl Into<String>) {
        let what = self.what(key);
        self.coverage.note(place, what, note);
    }

    /// A rule that is not held, and why.
    pub fn dropped(&mut self, place: &Place, key: &str, reason: impl Into<String>) {
        let what = self.what(key);
        self.coverage.dropped(place, what, reason);
    }

    /// Adds the column and what became of its rules; where there is one of this name, only its rules.
    pub fn put(self, draft: &mut ContractDraft, coverage: &mut Coverage) {
        coverage.items.extend(self.coverage.items);
        coverage.told.extend(self.coverage.told);
        match draft.column(&self.path) {
            Some(there) => there.expect.extend(self.draft.expect),
            None => draft.columns.push(self.draft),
        }
    }

    /// `nullable: false`.
    pub fn not_null(&mut self, place: &Place, key: &str) {
        self.set(place, key, "nullable", flag(place, false));
    }

    /// Least and greatest number of characters.
    pub fn lengths(&mut self, keys: &Keys, names: [&'static str; 2], problems: &mut Problems) {
        self.counted("length", keys, names, problems);
    }

    /// Fewest and most items of a list, under the names that are given, and whether one may be there twice.
    pub fn list_items(
        &mut self,
        keys: &Keys,
        [least, most, unique]: [&'static str; 3],
        problems: &mut Problems,
    ) {
        self.counted("list_length", keys, [least, most], problems);
        if let Some((true, place)) = keys.flag(unique, problems) {
            self.held(place, unique, "list_unique_items", Vec::new());
        }
    }

    /// A JSON Schema that the column's JSON texts must fit; one that cannot be judged here is dropped with the reason.
    pub fn json_schema(&mut self, schema: &Node, place: &Place, key: &str) {
        match judged(schema) {
            Ok(()) => self.held(place, key, "json_schema", vec![("schema", schema.clone())]),
            Err(reason) => self.dropped(place, key, reason),
        }
    }

    /// A check with `min` and `max`, which two keys say.
    fn counted(
        &mut self,
        check: &str,
        keys: &Keys,
        [least, most]: [&'static str; 2],
        problems: &mut Problems,
    ) {
        let low = keys.count(least, problems);
        let high = keys.count(most, problems);
        let mut args = Vec::new();
        args.extend(low.map(|(n, place)| ("min", int(place, n))));
        args.extend(high.map(|(n, place)| ("max", int(place, n))));
        let Some(place) = args.first().map(|(_, node)| node.place.clone()) else {
            return;
        };
        self.draft.expect(&place, check, args);
        for (key, bound) in [(least, low), (most, high)] {
            if let Some((_, place)) = bound {
                let what = self.what(key);
                self.coverage.mapped(place, what, check);
            }
        }
    }

    /// A regular expression of ECMA 262 that is found anywhere in the text; one that is not of the Rust syntax is dropped.
    pub fn ecma_pattern(&mut self, pattern: &str, place: &Place, key: &str) {
        match ecma::pattern(pattern) {
            Some(read) => self.held(place, key, "matches", vec![("pattern", text(place, read))]),
            None => self.dropped(place, key, ecma::UNREADABLE),
        }
    }

    /// A regular expression of the whole text; one that is not of the Rust syntax is dropped.
    pub fn pattern(&mut self, pattern: &str, place: &Place, key: &str) {
        if regex::Regex::new(pattern).is_err() {
            self.dropped(place, key, ecma::UNREADABLE);
            return;
        }
        let args = vec![
            ("pattern", text(place, pattern)),
            ("match", text(place, "full")),
        ];
        self.held(place, key, "matches", args);
    }

    /// `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`; an exclusive one that is `true` leaves the other itself out.
    pub fn range(&mut self, keys: &Keys, problems: &mut Problems) {
        for (arg, names) in [
            ("min", ["minimum", "exclusiveMinimum"]),
            ("max", ["maximum", "exclusiveMaximum"]),
        ] {
            let mut closed = keys.get(names[0]);
            let mut open = keys.get(names[1]);
            if let Some(Value::Bool(exclusive)) = open.map(|n| &n.value) {
                open = closed.filter(|_| *exclusive);
                closed = closed.filter(|_| !*exclusive);
            }
            for (node, name) in [(closed, names[0]), (open, names[1])] {
                let Some(node) = node else { continue };
                if !matches!(node.value, Value::Int(_) | Value::Float(_) | Value::Text(_)) {
                    problems.wrong_type(node, name, "a number, or a day or time as text");
                    continue;
                }
                let mut args = vec![(arg, self.valued(node))];
                if name == names[1] {
                    let ends = if arg == "min" { "(]" } else { "[)" };
                    args.push(("bounds", text(&node.place, ends)));
                }
                self.held(&node.place, name, "between", args);
            }
        }
    }

    /// A value as the column has it: a number that was written as text, a moment with `T` between day and time.
    #[must_use]
    pub fn valued(&self, node: &Node) -> Node {
        let Value::Text(written) = &node.value else {
            return node.clone();
        };
        let kind = self
            .draft
            .get("type")
            .and_then(super::text_of)
            .unwrap_or_default();
        let numeric = ["integer", "number", "float", "decimal"].contains(&kind);
        if let Some(value) = written.trim().parse::<i128>().ok().filter(|_| numeric) {
            return super::build::node(&node.place, Value::Int(value));
        }
        if let Some(value) = written
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|v| numeric && v.is_finite())
        {
            return number(&node.place, value);
        }
        let day = written
            .get(..10)
            .is_some_and(|d| d.parse::<chrono::NaiveDate>().is_ok());
        match written.split_once(' ').filter(|_| day) {
            Some((day, time)) => text(&node.place, format!("{day}T{time}")),
            None => node.clone(),
        }
    }

    /// The values that may occur; null among them says that nulls may, which `in_set` lets them anyway.
    pub fn allowed(
        &mut self,
        items: &[Node],
        place: &Place,
        key: &str,
        mut more: Vec<(&'static str, Node)>,
    ) {
        let single = |n: &&Node| n.value != Value::Null;
        let listed: Vec<Node> = items
            .iter()
            .filter(single)
            .map(|n| self.valued(n))
            .collect();
        if listed.is_empty() || listed.iter().any(|n| n.value.scalar().is_none()) {
            self.dropped(
                place,
                key,
                "it lists nothing, or values that are not single ones",
            );
            return;
        }
        let mut args = vec![("values", list(place, listed))];
        args.append(&mut more);
        self.held(place, key, "in_set", args);
    }

    /// One of the native text formats by the word of another tool.
    pub fn format(&mut self, word: &str, place: &Place, key: &str) {
        let known = match word {
            "email" => "email",
            "uri" | "iri" => "uri",
            "url" => "url",
            "hostname" => "hostname",
            "ipv4" => "ipv4",
            "ipv6" => "ipv6",
            "uuid" => "uuid",
            "date" => "iso_date",
            "date-time" => "iso_datetime",
            "byte" | "binary" => "base64",
            _ => {
                self.dropped(place, key, format!("there is no format `{word}` here"));
                return;
            }
        };
        self.held(place, key, "format", vec![("kind", text(place, known))]);
    }
}
