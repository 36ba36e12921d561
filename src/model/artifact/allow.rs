//! Which names a pickle may import: a list of what is allowed, never one of what is not.

use std::collections::HashSet;

/// Names that are allowed unless a user says otherwise; the file says which and why.
const USUAL: &str = include_str!("allow.txt");

/// Names that pickles may import.
///
/// A pattern is a dotted path, module then name. Within a segment `*` stands for any letters; a segment `**` for any
/// number of segments. The first segment has no star: it names a package. A name that is itself dotted
/// (`Class.method`, which Python follows attribute by attribute) is allowed only by a pattern without stars.
#[derive(Debug, Clone)]
pub struct Allow {
    exact: HashSet<String>,
    patterns: Vec<Vec<String>>,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` {why}")]
pub struct BadPattern {
    /// As it was written.
    pub pattern: String,
    /// What is wrong, and what would be right.
    pub why: &'static str,
}

impl Allow {
    /// The usual names and those of `more`.
    ///
    /// Errors: the first pattern that is none.
    pub fn usual_and<'a>(more: impl IntoIterator<Item = &'a str>) -> Result<Self, BadPattern> {
        let mut allow = Self::only(more)?;
        for line in USUAL.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            if let Some(prefix) = words.next() {
                for name in words {
                    allow.add(&format!("{prefix}.{name}"))?;
                }
            }
        }
        Ok(allow)
    }

    /// These names and no others.
    ///
    /// Errors: the first pattern that is none.
    pub fn only<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, BadPattern> {
        let mut allow = Self {
            exact: HashSet::new(),
            patterns: Vec::new(),
        };
        for pattern in patterns {
            allow.add(pattern)?;
        }
        Ok(allow)
    }

    fn add(&mut self, pattern: &str) -> Result<(), BadPattern> {
        let segments: Vec<&str> = pattern.split('.').collect();
        let bad = |why| {
            Err(BadPattern {
                pattern: pattern.to_owned(),
                why,
            })
        };
        if segments.len() < 2 {
            return bad("has no module: write `module.name`, such as `collections.OrderedDict`");
        }
        if segments[0].contains('*') {
            return bad("allows any package: its first part must be a name");
        }
        let fits = |s: &&str| {
            !s.is_empty()
                && s.chars()
                    .all(|c| c == '*' || c == '_' || c.is_alphanumeric())
        };
        if !segments.iter().all(fits) {
            return bad("is no dotted name: letters, digits, `_`, `.` and `*` are known");
        }
        if segments.iter().any(|s| s.contains("**") && *s != "**") {
            return bad(
                "has `**` inside a part: it stands for whole parts, such as `sklearn.**.Pipeline`",
            );
        }
        if pattern.contains('*') {
            self.patterns
                .push(segments.iter().map(ToString::to_string).collect());
        } else {
            self.exact.insert(pattern.to_owned());
        }
        Ok(())
    }

    /// Whether a name of a module may be imported.
    #[must_use]
    pub fn allows(&self, module: &str, name: &str) -> bool {
        if self.exact.contains(&format!("{module}.{name}")) {
            return true;
        }
        if name.contains('.') || name.is_empty() {
            return false;
        }
        let path: Vec<&str> = module.split('.').chain([name]).collect();
        self.patterns.iter().any(|p| fits_path(p, &path))
    }
}

/// Whether the segments fit; the last of a pattern fits the last only.
fn fits_path(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((p, rest)), _) if p == "**" => {
            if rest.is_empty() {
                return !path.is_empty();
            }
            (0..=path.len()).any(|skip| fits_path(rest, &path[skip..]))
        }
        (Some((p, rest)), Some((s, after))) => {
            fits_word(p.as_bytes(), s.as_bytes()) && fits_path(rest, after)
        }
        _ => false,
    }
}

fn fits_word(pattern: &[u8], word: &[u8]) -> bool {
    match pattern.split_first() {
        None => word.is_empty(),
        Some((b'*', rest)) => (0..=word.len()).any(|skip| fits_word(rest, &word[skip..])),
        Some((c, rest)) => word.first() == Some(c) && fits_word(rest, &word[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_inside_its_part_and_dotted_names_need_their_own_entry() {
        let allow = Allow::usual_and(["mine.models.*", "mine.x.Model.load"]).unwrap();
        assert!(allow.allows("sklearn.linear_model._logistic", "LogisticRegression"));
        assert!(allow.allows("sklearn", "Pipeline"));
        assert!(allow.allows("mine.models", "Late"));
        assert!(!allow.allows("mine.models.deep", "Late"));
        assert!(!allow.allows("mine.models", "os.system"));
        assert!(!allow.allows("mine", "models.Late"));
        assert!(allow.allows("mine.x", "Model.load"));
        assert!(allow.allows("collections", "OrderedDict"));
        assert!(!allow.allows("sklearn.utils", "os.system"));
        assert!(!allow.allows("builtins", "eval"));
        assert!(!allow.allows("builtins", "getattr"));
        assert!(!allow.allows("numpy", "load"));
        assert!(!allow.allows("", "system"));
    }

    #[test]
    fn patterns_that_allow_anything_are_refused() {
        for bad in [
            "*",
            "**",
            "*.x",
            "os",
            "a..b",
            "a.b c",
            "a.**b",
            "**.system",
            "",
        ] {
            assert!(Allow::only([bad]).is_err(), "{bad}");
        }
    }
}
