//! Files that a run or a model left: the description of the model, and rows of predictions.

use super::access::Access;
use super::fail;
use crate::error::{Error, Result};
use crate::http::Answer;
use reqwest::Url;
use std::io::Write;
use tempfile::TempPath;

/// Where files are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Artifacts {
    /// Address of the model's folder in the artifact store.
    pub(super) model: Option<String>,
    /// Address of the run's folder.
    pub(super) run: Option<String>,
    pub(super) run_id: Option<String>,
}

impl Access {
    /// The text of the model's `MLmodel` file, which holds its signature and size; `None` when the run left no model.
    ///
    /// Errors: [`Error::Data`] when the server does not hand it out, or it is no text.
    pub fn mlmodel(&self, artifacts: &Artifacts) -> Result<Option<String>> {
        let Some(folder) = &artifacts.model else {
            return Ok(None);
        };
        let answer = self.file(folder, "MLmodel", artifacts.run_id.as_deref())?;
        let text = String::from_utf8(answer.body);
        text.map(Some)
            .map_err(|_| fail(self, "MLmodel", "it is not UTF-8"))
    }

    /// A file of the run as a temporary file that is removed with the result; its name ends as the file's own does.
    ///
    /// Errors: [`Error::Data`] for a path that leaves the run's folder, when there is no such file, or the server does not
    /// hand it out; [`Error::Io`].
    pub fn download(&self, artifacts: &Artifacts, path: &str) -> Result<TempPath> {
        let Some(folder) = &artifacts.run else {
            return Err(fail(self, path, "no run left files"));
        };
        let answer = self.file(folder, path, artifacts.run_id.as_deref())?;
        let plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
        let suffix: String = path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(plain)
            .collect();
        let suffix = &suffix[suffix.len().saturating_sub(64)..];
        let make = || {
            let mut file = tempfile::Builder::new()
                .prefix("tollgate-")
                .suffix(&format!("-{suffix}"))
                .tempfile()?;
            file.write_all(&answer.body)?;
            Ok(file.into_temp_path())
        };
        make().map_err(|e| Error::io("write", std::env::temp_dir(), e))
    }

    fn file(&self, folder: &str, path: &str, run: Option<&str>) -> Result<Answer> {
        let leaves = |part: &str| part.is_empty() || part == "." || part == "..";
        if path.split('/').any(leaves) || path.contains('\\') {
            return Err(fail(
                self,
                path,
                "the path leaves the folder, or has an empty part",
            ));
        }
        let answer = match self.proxied(folder)? {
            Some(below) => {
                let below = format!("{below}/{path}");
                self.answer(
                    &["api", "2.0", "mlflow-artifacts", "artifacts"],
                    &below,
                    &[],
                )?
            }
            None => match run {
                Some(run) if !folder.starts_with("models:") => {
                    self.answer(&[], "get-artifact", &[("run_uuid", run), ("path", path)])?
                }
                _ => {
                    let reason = format!(
                        "it is in {}, which the server does not hand out; fetch it and give its path",
                        crate::config::shown(folder)
                    );
                    return Err(fail(self, path, reason));
                }
            },
        };
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(fail(self, path, self.refused(&answer)))
        }
    }

    /// The path of a folder that the server hands out itself.
    fn proxied(&self, folder: &str) -> Result<Option<String>> {
        let Some(rest) = folder.strip_prefix("mlflow-artifacts:") else {
            return Ok(None);
        };
        let Some(with_host) = rest.strip_prefix("//") else {
            return Ok(Some(rest.trim_matches('/').to_owned()));
        };
        let url = Url::parse(&format!("http://{with_host}"));
        match url {
            Ok(url) if self.serves(&url) => Ok(Some(url.path().trim_matches('/').to_owned())),
            _ => {
                let reason = "another server holds it; credentials are not sent there";
                Err(fail(self, &crate::config::shown(folder), reason))
            }
        }
    }
}
