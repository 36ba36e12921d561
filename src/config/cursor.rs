//! A text read from its beginning to its end, in which every place is known.

use crate::diagnostic::{Place, SourceFile};
use std::sync::Arc;

/// Where a reader is in a text.
pub(crate) struct Cursor<'a> {
    file: &'a Arc<SourceFile>,
    /// Byte that comes next.
    pub(crate) at: usize,
    /// Byte up to which `line` and `column` are counted.
    seen: usize,
    line: usize,
    column: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of a file.
    pub(crate) fn new(file: &'a Arc<SourceFile>) -> Self {
        Self {
            file,
            at: 0,
            seen: 0,
            line: 1,
            column: 1,
        }
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a str {
        &self.file.text[self.at..]
    }

    /// Leaves out what the text begins with, down to `rest`, which is its end.
    pub(crate) fn skip_to(&mut self, rest: &str) {
        self.at = self.file.text.len() - rest.len();
    }

    /// Takes a character off the front, where it is this one.
    pub(crate) fn take(&mut self, c: char) -> bool {
        let is = self.rest().starts_with(c);
        if is {
            self.at += c.len_utf8();
        }
        is
    }

    /// The place of `length` characters from here on, of one at least.
    pub(crate) fn place(&mut self, length: usize) -> Place {
        for c in self.file.text[self.seen..self.at].chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.seen = self.at;
        Place {
            file: Arc::clone(self.file),
            line: self.line,
            column: self.column,
            length: length.max(1),
        }
    }
}
