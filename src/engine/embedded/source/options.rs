//! How a dataset is read, besides where it is.

use crate::contract::selection::{glob, is_pattern};
use crate::engine::embedded::store::Store;
use crate::types::TypePattern;
use std::sync::Arc;

/// How text formats are read.
#[derive(Debug, Clone, Default)]
pub struct SourceOptions {
    /// Format by name; told by the file's name when absent.
    pub format: Option<String>,
    /// CSV dialect; what is absent is found by looking, or has its usual value.
    pub csv: crate::config::CsvConfig,
    /// Types that the contract declares, by column or by pattern of columns; they win where every cell can be read so.
    pub types: Vec<(String, TypePattern)>,
    /// When the profile of all columns is made.
    pub profile: ProfileAt,
    /// What was found before, by content.
    pub store: Option<Arc<Store>>,
}

/// When the profile of all columns of a dataset is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProfileAt {
    /// By a scan, if anybody asks for it.
    #[default]
    Scan,
    /// While a dataset is opened whose types are found by reading all of it (CSV); asking for it then reads nothing.
    Open,
}

impl SourceOptions {
    /// The type that the contract declares for a column; by its name, else by the first pattern that it matches.
    pub(super) fn declared(&self, column: &str) -> Option<&TypePattern> {
        let named = self.types.iter().find(|(name, _)| name == column);
        named.map(|(_, t)| t).or_else(|| self.by_pattern(column))
    }

    /// The type of the first pattern that a column matches.
    pub(super) fn by_pattern(&self, column: &str) -> Option<&TypePattern> {
        let matches = |written: &str| {
            is_pattern(written) && glob(written).is_some_and(|g| g.is_match(column))
        };
        let mut types = self.types.iter();
        types.find(|(name, _)| matches(name)).map(|(_, t)| t)
    }
}
