//! Keys of other datasets.

use super::yaml;
use crate::diagnostic::plural;

/// The key of another dataset that all values of a column are among.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The other dataset's name in `tollgate.yaml`.
    pub dataset: String,
    /// Its key.
    pub column: String,
    /// Rows with a value that were looked up.
    pub rows: u64,
}

impl Relation {
    /// The expectation of a column, and the reason for it.
    pub(super) fn expectation(&self, column: &str) -> (String, String) {
        let (mine, theirs) = (yaml::scalar(column), yaml::scalar(&self.column));
        let keys = if self.column == column {
            String::new()
        } else {
            format!(", their_columns: {theirs}")
        };
        let dataset = yaml::scalar(&self.dataset);
        (
            format!("foreign_key: {{columns: {mine}, dataset: {dataset}{keys}}}"),
            format!(
                "all of {} are among the keys of the other dataset",
                plural(self.rows, "value")
            ),
        )
    }
}

/// Whether a column's name says that it holds the keys of a dataset: the same name, or the dataset's with it.
#[must_use]
pub fn is_named_after(column: &str, key: &str, dataset: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let (column, key, dataset) = (plain(column), plain(key), plain(dataset));
    let single = dataset.strip_suffix('s').unwrap_or(&dataset);
    let generic = ["id", "key", "code", "no", "number", "nr"].contains(&key.as_str());
    (column == key && !generic)
        || column == format!("{single}{key}")
        || column == format!("{dataset}{key}")
}

#[cfg(test)]
mod tests {
    use super::is_named_after;

    #[test]
    fn names_say_whose_keys_they_are() {
        for (column, key, dataset) in [
            ("carrier", "carrier", "airlines"),
            ("customer_id", "id", "customers"),
            ("CustomerId", "id", "customer"),
        ] {
            assert!(is_named_after(column, key, dataset), "{column}");
        }
        for (column, key, dataset) in [
            ("id", "id", "customers"),
            ("hour", "id", "customers"),
            ("order_id", "id", "customers"),
        ] {
            assert!(!is_named_after(column, key, dataset), "{column}");
        }
    }
}
