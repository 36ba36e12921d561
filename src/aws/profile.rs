//! The files that profiles of tools for S3 are written in.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".

use std::collections::BTreeMap;

/// Values of the section called `name`, or `None` when the file has none. Keys are in lower case; of a key that comes
/// twice the last value counts. Indented lines belong to nested values, which are left out.
pub(super) fn section(text: &str, name: &str) -> Option<BTreeMap<String, String>> {
    let mut found: Option<BTreeMap<String, String>> = None;
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(title) = trimmed.strip_prefix('[').and_then(|t| t.split(']').next()) {
            inside = title.split_whitespace().eq(name.split_whitespace());
            if inside {
                found.get_or_insert_default();
            }
        } else if let (true, Some((key, value))) = (
            inside && !line.starts_with([' ', '\t']),
            trimmed.split_once('='),
        ) {
            let entry = (key.trim().to_lowercase(), value.trim().to_owned());
            found.get_or_insert_default().extend([entry]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let text = "[default]\nregion = a\n[profile  b]\n# c\nregion=b=c\ns3 =\n  region = nested\nREGION = d\n[e]\nregion = f\n";
        let region = |name| section(text, name).map(|s| s["region"].clone());
        assert_eq!(region("default").as_deref(), Some("a"));
        assert_eq!(region("profile b").as_deref(), Some("d"));
        assert_eq!(section(text, "profile"), None);
    }
}
