//! Names of outcomes: patterns that waivers and `--only` match them by.

use regex::Regex;

/// An id, or a pattern of ids.
#[derive(Debug, Clone)]
pub struct IdPattern {
    written: String,
    open: Option<Regex>,
}

impl IdPattern {
    /// `*` is any text, `?` one character; everything else is itself, brackets too, because ids have some.
    #[must_use]
    pub fn new(written: &str) -> Self {
        let part = |c: char| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            c => regex::escape(c.encode_utf8(&mut [0; 4])),
        };
        let source: String = written.chars().map(part).collect();
        let open = written.contains(['*', '?']);
        Self {
            written: written.to_owned(),
            open: if open {
                Regex::new(&format!("(?s)^{source}$")).ok()
            } else {
                None
            },
        }
    }

    /// As written.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether a text matches as a whole; a text that is the same as what is written always does.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.written == text || self.open.as_ref().is_some_and(|g| g.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::IdPattern;

    #[test]
    fn ids_match_as_a_whole() {
        let is = |pattern: &str, id: &str| IdPattern::new(pattern).matches(id);
        assert!(is("d.not_null(a)[x]", "d.not_null(a)[x]"));
        assert!(!is("d.not_null(a)", "d.not_null(a)[x]"));
        assert!(is("d.not_null(*)*", "d.not_null(a)[x]") && is("d.?ot_null(a)", "d.not_null(a)"));
        assert!(!is("not_null*", "d.not_null(a)") && is("d.between(a)?2", "d.between(a)#2"));
        assert!(!is("d.a", "d_a") && is("a*b", "a*b"));
    }
}
