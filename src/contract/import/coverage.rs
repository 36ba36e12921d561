//! What became of every rule of a file in another form.

use crate::diagnostic::{Diagnostic, Place, plural};
use crate::report::text;

/// What became of every rule of a file, in file order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// One item per rule.
    pub items: Vec<Item>,
    /// Keys that hold no rule about rows or columns, such as a team or a price: kept in the file, promised by nobody here.
    pub told: Vec<(Place, String)>,
}

/// One rule of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it stands.
    pub place: Place,
    /// The rule in the words of its form: `quality nullValues of email`.
    pub what: String,
    /// What became of it.
    pub outcome: Fate,
}

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is held exactly, as the check or key named here.
    Mapped(String),
    /// It is held; the text says which reading was chosen, or what differs.
    Note(String),
    /// It is not held.
    Dropped {
        /// Why.
        reason: String,
    },
}

impl Coverage {
    /// Adds a rule that is held exactly, as `to`.
    pub fn mapped(&mut self, place: &Place, what: impl Into<String>, to: impl Into<String>) {
        self.add(place, what, Fate::Mapped(to.into()));
    }

    /// Adds a rule that is held, with something to know about it.
    pub fn note(&mut self, place: &Place, what: impl Into<String>, note: impl Into<String>) {
        self.add(place, what, Fate::Note(note.into()));
    }

    /// Adds a rule that is not held, and why.
    pub fn dropped(&mut self, place: &Place, what: impl Into<String>, reason: impl Into<String>) {
        let reason = reason.into();
        self.add(place, what, Fate::Dropped { reason });
    }

    /// Adds a key that holds no rule.
    pub fn told(&mut self, place: &Place, what: impl Into<String>) {
        self.told.push((place.clone(), what.into()));
    }

    fn add(&mut self, place: &Place, what: impl Into<String>, outcome: Fate) {
        self.items.push(Item {
            place: place.clone(),
            what: what.into(),
            outcome,
        });
    }

    /// Puts rules and keys into the order of the file.
    pub fn sort(&mut self) {
        self.items.sort_by_key(|i| (i.place.line, i.place.column));
        self.told.sort_by_key(|(p, _)| (p.line, p.column));
    }

    /// The rules that are not held, with the reason.
    pub fn missing(&self) -> impl Iterator<Item = (&Item, &str)> {
        self.items.iter().filter_map(|i| match &i.outcome {
            Fate::Dropped { reason } => Some((i, reason.as_str())),
            Fate::Mapped(_) | Fate::Note(_) => None,
        })
    }

    /// The rules that are held with something to know.
    pub fn notes(&self) -> impl Iterator<Item = (&Item, &str)> {
        self.items.iter().filter_map(|i| match &i.outcome {
            Fate::Note(note) => Some((i, note.as_str())),
            Fate::Mapped(_) | Fate::Dropped { .. } => None,
        })
    }

    /// How many rules are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.items.len() - self.missing().count()
    }

    /// `mapped 12 of 14 rules; not held: line 40 freshness (…)`: one line, every rule that is not held named.
    #[must_use]
    pub fn line(&self) -> String {
        let rules = plural(self.items.len() as u64, "rule");
        let mut line = format!("mapped {} of {rules}", self.held());
        let dropped = |(item, reason): (&Item, &str)| {
            format!("line {} {} ({reason})", item.place.line, item.what)
        };
        let missing: Vec<String> = self.missing().map(dropped).collect();
        if !missing.is_empty() {
            line = format!("{line}; not held: {}", missing.join("; "));
        }
        text::line(&line)
    }

    /// The same, and what there is to know of rules that are held: for forms that have no comments.
    #[must_use]
    pub fn line_with_notes(&self) -> String {
        let told = |(item, note): (&Item, &str)| {
            format!("line {} {} ({note})", item.place.line, item.what)
        };
        let notes: Vec<String> = self.notes().map(told).collect();
        if notes.is_empty() {
            return self.line();
        }
        text::line(&format!("{}; to know: {}", self.line(), notes.join("; ")))
    }

    /// The same without reasons, for a report: `mapped 12 of 14 rules; not held: sla freshness (line 40)`.
    #[must_use]
    pub fn short(&self) -> String {
        let rules = plural(self.items.len() as u64, "rule");
        let dropped =
            |(item, _): (&Item, &str)| format!("{} (line {})", item.what, item.place.line);
        let missing: Vec<String> = self.missing().map(dropped).collect();
        let held = format!("mapped {} of {rules}", self.held());
        if missing.is_empty() {
            return held;
        }
        text::line(&format!("{held}; not held: {}", missing.join(", ")))
    }

    /// One problem with its place per rule that is not held: what `--strict` and `strict: true` report.
    #[must_use]
    pub fn problems(&self) -> Vec<Diagnostic> {
        let problem = |(item, reason): (&Item, &str)| {
            Diagnostic::new("not-mapped", format!("{} is not held: {reason}", item.what))
                .at(&item.place, "no check holds this")
                .help("remove the rule, write it as a check of your own, or read the file without `strict`")
        };
        self.missing().map(problem).collect()
    }
}
