//! How a dataset is read, besides where it is.

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
    /// Types that the contract declares, by column; they win where every cell can be read so.
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
    /// The type that the contract declares for a column.
    pub(super) fn declared(&self, column: &str) -> Option<&TypePattern> {
        let mut types = self.types.iter();
        types.find(|(name, _)| name == column).map(|(_, t)| t)
    }
}
