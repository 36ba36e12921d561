//! `--output`: the folder of the reports, or one report in one format.

use crate::diagnostic::unknown;
use crate::error::{Error, Result};
use crate::report::Format;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder where none is named.
pub(super) const FOLDER: &str = "tollgate-report";

/// Where reports go besides those of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outputs {
    /// Folder of report.html, report.md and run.json.
    pub(super) folder: PathBuf,
    /// Reports by format and path.
    pub(super) named: Vec<(Format, PathBuf)>,
}

/// Reads the values: `FORMAT=PATH` is one report, anything else the folder. A folder whose name has a `=` is written
/// with a `/` before it.
///
/// Errors: [`Error::Usage`] for a format that is none, a folder or path that is empty, and a second folder.
pub(super) fn parse(values: &[OsString]) -> Result<Outputs> {
    let mut folder: Option<PathBuf> = None;
    let mut named = Vec::new();
    for value in values {
        if value.is_empty() {
            let way_out = "name a folder, or `.` for the one that the program was started in";
            return Err(Error::Usage(format!("--output names nothing; {way_out}")));
        }
        let cut = value.to_str().and_then(|v| v.split_once('='));
        let word = |w: &str| {
            w.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        match cut.filter(|(format, _)| word(format)) {
            Some((format, path)) => named.push((known(format)?, file(format, path)?)),
            None if value.to_str() == Some(STDOUT) => {
                let way_out = "name the report's format, as --output junit=-; a folder of that name is written ./-";
                return Err(Error::Usage(format!("--output - has no format; {way_out}")));
            }
            None => {
                if let Some(other) = folder.replace(PathBuf::from(value)) {
                    return Err(Error::Usage(format!(
                        "--output names two folders, {} and {}; name one, and single reports as FORMAT=PATH",
                        other.display(),
                        PathBuf::from(value).display()
                    )));
                }
            }
        }
    }
    if let [first, second, ..] = &on_stdout(&named)[..] {
        return Err(Error::Usage(format!(
            "--output sends two reports to standard output, {} and {}; give one of them a file",
            first.name(),
            second.name()
        )));
    }
    Ok(Outputs {
        folder: folder.unwrap_or_else(|| PathBuf::from(FOLDER)),
        named,
    })
}

fn on_stdout(named: &[(Format, PathBuf)]) -> Vec<Format> {
    let all = named.iter().filter(|(_, path)| is_stdout(path));
    all.map(|(format, _)| *format).collect()
}

impl Outputs {
    /// Whether a report goes to standard output.
    pub(super) fn takes_stdout(&self) -> bool {
        !on_stdout(&self.named).is_empty()
    }
}

fn known(name: &str) -> Result<Format> {
    let found = Format::parse(name).filter(|f| *f != Format::Terminal);
    found.ok_or_else(|| {
        let said = unknown("format", name, Format::files().map(Format::name));
        Error::Usage(format!(
            "--output {name}=…: {said}; a folder of that name is written ./{name}=…"
        ))
    })
}

fn file(format: &str, path: &str) -> Result<PathBuf> {
    if path.is_empty() {
        return Err(Error::Usage(format!(
            "--output {format}= names no file; write --output {format}=PATH"
        )));
    }
    Ok(PathBuf::from(path))
}

/// The path that stands for standard output.
pub(super) const STDOUT: &str = "-";

/// Whether a report goes to standard output, where nothing else goes then.
pub(super) fn is_stdout(path: &Path) -> bool {
    path == Path::new(STDOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(values: &[&str]) -> std::result::Result<Outputs, String> {
        let values: Vec<OsString> = values.iter().map(OsString::from).collect();
        parse(&values).map_err(|e| e.to_string())
    }

    #[test]
    fn folders_and_reports_are_told_apart() {
        let outputs = parsed(&["junit=a/b=c.xml", "out", "markdown-comment=c.md"]).unwrap();
        assert_eq!(outputs.folder, PathBuf::from("out"));
        let named = [
            (Format::Junit, PathBuf::from("a/b=c.xml")),
            (Format::MarkdownComment, PathBuf::from("c.md")),
        ];
        assert_eq!(outputs.named, named);
        for folder in ["./a=b", "/a=b", "a b=c", "out"] {
            let outputs = parsed(&[folder]).unwrap();
            assert_eq!(outputs.folder, PathBuf::from(folder));
        }
        assert_eq!(parsed(&[]).unwrap().folder, PathBuf::from(FOLDER));
    }

    #[test]
    fn what_is_neither_is_refused_with_a_way_out() {
        for (values, said) in [
            (&["junti=a.xml"][..], "did you mean `junit`?"),
            (&["terminal=a.txt"], "./terminal="),
            (&["=a"], "no format ``"),
            (&["junit="], "names no file"),
            (&["a", "b"], "two folders, a and b"),
            (&[""], "names nothing"),
            (&["-"], "--output - has no format"),
            (&["junit=-", "sarif=-"], "two reports to standard output"),
        ] {
            let message = parsed(values).unwrap_err();
            assert!(message.contains(said), "{message}");
        }
    }
}
