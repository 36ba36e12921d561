//! Problems in what the user wrote, with their place, the bound and the way out.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A text file the user wrote, kept whole so that a problem can show its line.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path as the user named it.
    pub path: String,
    /// The file's text.
    pub text: String,
}

/// Where a value stands in a user's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// Length in characters on that line; at least 1.
    pub length: usize,
}

/// A [`Place`] that can be stored in a run record: path, line and column without the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Location {
    /// Path of the contract or configuration file, as the user named it.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// Column behind the last character, counted from 1; absent where the length is unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_column: Option<usize>,
}

impl Place {
    /// The storable part.
    #[must_use]
    pub fn location(&self) -> Location {
        Location {
            file: self.file.path.clone(),
            line: self.line,
            column: self.column,
            end_column: Some(self.column + self.length.max(1)),
        }
    }
}

/// One problem in what the user wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable kebab-case code, for example `unknown-column`.
    pub code: &'static str,
    /// Lowercase fragment that names the value and the bound.
    pub message: String,
    /// Where it stands; absent for problems of a whole file.
    pub place: Option<Place>,
    /// Short text under the caret.
    pub label: String,
    /// The way out.
    pub help: Option<String>,
}

/// Characters of a message that are shown: what a file quotes must not fill the screen.
const LONGEST_MESSAGE: usize = 800;

fn cut(message: String) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}...", &message[..end]),
        None => message,
    }
}

impl Diagnostic {
    /// A problem without a place; add one with [`Diagnostic::at`]. A message of more than 800 characters is cut.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: cut(message.into()),
            place: None,
            label: String::new(),
            help: None,
        }
    }

    /// Sets the place and the text under the caret.
    #[must_use]
    pub fn at(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.place = Some(place.clone());
        self.label = label.into();
        self
    }

    /// Sets the way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Whether it is of the machine that reads, and may be none on another: a file that cannot be read, a variable of the
    /// environment that is not set.
    #[must_use]
    pub fn is_of_this_machine(&self) -> bool {
        self.code == "missing-variable" || self.code.starts_with("unreadable-")
    }

    /// Renders the problem as plain text: message, <file:line:column>, snippet, label and help.
    #[must_use]
    pub fn render(&self) -> String {
        use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
        let title = format!("[{}]: {}", self.code, self.message);
        let mut group = Group::with_title(
            Level::ERROR
                .no_name()
                .primary_title(format!("error{title}")),
        );
        if let Some(place) = &self.place {
            let range = byte_range(&place.file.text, place);
            group = group.element(
                Snippet::source(&place.file.text)
                    .path(&place.file.path)
                    .annotation(AnnotationKind::Primary.span(range).label(&self.label)),
            );
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        crate::report::text::safe_block(&Renderer::plain().render(&[group]))
    }
}

fn byte_range(text: &str, place: &Place) -> std::ops::Range<usize> {
    let start_of_line = text
        .split_inclusive('\n')
        .take(place.line.saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let line = text[start_of_line..].lines().next().unwrap_or_default();
    let byte_at = |column: usize| {
        line.char_indices()
            .nth(column)
            .map_or(line.len(), |(index, _)| index)
    };
    let from = byte_at(place.column.saturating_sub(1));
    let to = byte_at(place.column.saturating_sub(1) + place.length.max(1)).max(from);
    start_of_line + from..start_of_line + to
}

/// `1 row`, `2 rows`.
#[must_use]
pub fn plural(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// What is said of a name that does not exist: ``no check `x`; checks are a, b; did you mean `a`?``.
#[must_use]
pub fn unknown<'a>(noun: &str, wanted: &str, all: impl IntoIterator<Item = &'a str>) -> String {
    let names = listing(&format!("{noun}s"), wanted, all);
    format!("no {noun} `{wanted}`; {names}")
}

/// The candidate nearest to `wanted` when it is near enough to be a slip of the finger.
///
/// Unit: twice the characters that stay in an edit from one to the other, over the characters of both, case ignored
/// (0 to 1); below 0.6 there is no suggestion. Edge: of equally near candidates the first in alphabetical order.
pub fn did_you_mean<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| {
            (
                similar::TextDiff::from_chars(wanted.to_lowercase(), c.to_lowercase()).ratio(),
                c,
            )
        })
        .filter(|(ratio, _)| *ratio >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, c)| c)
}

/// `help:` text that lists what exists and suggests the nearest: `columns are a, b; did you mean `a`?`; of a long list
/// only the nearest, where there is one.
pub fn listing<'a>(noun: &str, wanted: &str, all: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let shown = all.iter().take(40).copied().collect::<Vec<_>>().join(", ");
    let more = if all.len() > 40 {
        format!(" and {} more", all.len() - 40)
    } else {
        String::new()
    };
    match did_you_mean(wanted, all.iter().copied()) {
        Some(near) if all.len() > 40 => format!("did you mean `{near}`?"),
        Some(near) => format!("{noun} are {shown}{more}; did you mean `{near}`?"),
        None => format!("{noun} are {shown}{more}"),
    }
}
