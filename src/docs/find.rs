//! Checks found by a word: their own words, or the name that another tool has for the same promise.

use crate::catalogue::{Catalogue, Check, ParamKind};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// A check and where the word stands in its names elsewhere: `Great Expectations expect_column_to_exist`.
#[derive(Debug, Clone)]
pub struct Found {
    /// The check.
    pub check: Arc<Check>,
    /// Tools and names that hold the word; empty when it was found in the check's own words.
    pub names: Vec<String>,
}

/// Checks that a word is found in, those with the word in their id first, then by id.
///
/// The word is looked for in id, summary, doc, words of parameters, and names in other tools. Case, blanks, hyphens and
/// underscores do not matter. A word of these alone finds nothing.
#[must_use]
pub fn find(catalogue: &Catalogue, word: &str) -> Vec<Found> {
    let word = bare(word);
    if word.is_empty() {
        return Vec::new();
    }
    let holds = |text: &str| bare(text).contains(&word);
    let mut found: Vec<Found> = catalogue
        .checks
        .iter()
        .filter_map(|check| {
            let named = |(tool, names): (&str, &[String])| {
                let fits = |name: &&String| holds(name) || holds(tool);
                let of = names.iter().filter(fits).map(|n| format!("{tool} {n}"));
                of.collect::<Vec<_>>()
            };
            let elsewhere: Vec<String> = check.known_as.said().flat_map(named).collect();
            let own = own_words(check).into_iter().any(holds);
            (own || !elsewhere.is_empty()).then(|| Found {
                check: Arc::clone(check),
                names: elsewhere,
            })
        })
        .collect();
    found.sort_by_key(|f| !holds(&f.check.id));
    found
}

fn own_words(check: &Check) -> Vec<&str> {
    let mut words = vec![check.id.as_str(), &check.summary, &check.doc];
    for param in &check.params {
        words.extend([param.name.as_str(), &param.doc]);
        if let ParamKind::Word(of) | ParamKind::Words(of) = &param.kind {
            words.extend(of.iter().map(String::as_str));
        }
    }
    words
}

/// Lower case, letters and digits alone.
fn bare(text: &str) -> String {
    let lower = text.chars().filter(|c| c.is_alphanumeric());
    lower.flat_map(char::to_lowercase).collect()
}

/// For a terminal: a line each, and below it the names elsewhere that hold the word.
#[must_use]
pub fn found_text(found: &[Found]) -> String {
    let mut text = String::new();
    for Found { check, names } in found {
        writeln!(text, "{:<20} {}", check.id, check.summary)
            .expect("writing to a String cannot fail");
        for name in names {
            writeln!(text, "    {name}").expect("writing to a String cannot fail");
        }
    }
    text + "\n`tollgate explain CHECK` says what is counted, of what, and what nulls, NaN and empty data do.\n"
}

/// For programs: an array in the order of [`find`].
#[must_use]
pub fn found_json(found: &[Found]) -> Value {
    let one =
        |f: &Found| json!({"id": f.check.id, "summary": f.check.summary, "found_in": f.names});
    found.iter().map(one).collect()
}
