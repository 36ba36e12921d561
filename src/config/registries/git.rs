//! `kind: git`: tags of a repository.

use crate::config::WrittenPath;
use crate::config::dataset::written;
use crate::config::fields::{Fields, Problems, text};
use crate::diagnostic::Diagnostic;

/// Tags of a git repository as a registry.
#[derive(Debug, Clone)]
pub struct GitConfig {
    /// The checkout, relative to the configuration; the configuration's own where absent.
    pub path: Option<WrittenPath>,
    /// The remote whose tags count: a name of the checkout's, or an address.
    pub remote: String,
}

/// Where nothing is said.
pub const REMOTE: &str = "origin";

pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Option<GitConfig> {
    let path = written(fields, "path", problems);
    let node = fields.get("remote");
    let remote = match node {
        None => REMOTE.to_owned(),
        Some(node) => {
            let remote = text(node, "remote", problems)?;
            if remote.is_empty() || remote.starts_with('-') || remote.chars().any(char::is_control)
            {
                problems.add(
                    Diagnostic::new("wrong-value", "`remote` is no remote of git's")
                        .at(&node.place, "not a name or an address")
                        .help("name a remote of the checkout, as origin, or give its address"),
                );
                return None;
            }
            remote
        }
    };
    Some(GitConfig { path, remote })
}
