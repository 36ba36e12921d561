//! Text formats: pure tests of one value against a published standard. No normalising, no trimming: a blank at either
//! end fails.

mod banking;
mod codes;
mod digits;
mod form;
mod geography;
mod identity;
mod json_schema;
mod kinds;
mod moment;
mod network;
mod notation;
mod plain;
mod publishing;
mod vat;

pub use form::{Form, Setting};
pub use json_schema::{Draft, Formats, JsonSchema};
pub use kinds::{KINDS, Kind};
pub use plain::Plain;

use std::fmt;

/// One line of [`KINDS`]: name in contracts, the kind, what is accepted.
pub type Entry = (&'static str, Kind, &'static str);

impl Kind {
    /// Reads the name in a contract; `None` when it is none of [`KINDS`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        KINDS.iter().find(|k| k.0 == name).map(|k| k.1)
    }

    /// The name in contracts.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|k| k.1 == self).map_or("", |k| k.0)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the text is an RFC 3339 date and time without its offset; second 60 only at 23:59.
#[must_use]
pub fn is_local_datetime(text: &str) -> bool {
    moment::local_datetime(text)
}
