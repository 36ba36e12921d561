//! Files that a CI system picks up, written into the folder of the reports.

use super::System;
use crate::report::Format;
use std::path::{Path, PathBuf};

/// Reports that a system shows by itself or by one line of its configuration, where the user did not name a path for the
/// format: test results, code quality, numbers.
///
/// The folder `test-results` is one that Bitbucket finds by its name, and the one that `CircleCI` is given.
#[must_use]
pub fn extra(system: System, folder: &Path, named: &[Format]) -> Vec<(Format, PathBuf)> {
    let junit = (Format::Junit, "test-results/tollgate.xml");
    let all = match system {
        System::Github => vec![],
        System::Gitlab => vec![
            junit,
            (Format::Gitlab, "gl-code-quality.json"),
            (Format::Openmetrics, "metrics.txt"),
        ],
        System::Jenkins => vec![junit, (Format::Sarif, "tollgate.sarif")],
        System::Azure | System::Buildkite | System::Bitbucket | System::Circleci => vec![junit],
    };
    let free = all
        .into_iter()
        .filter(|(format, _)| !named.contains(format));
    free.map(|(format, name)| (format, folder.join(name)))
        .collect()
}
