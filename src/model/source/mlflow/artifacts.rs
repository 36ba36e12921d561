//! Files that a run or a model left: the description of the model, and rows of predictions.

use super::access::{Access, Way};
use super::fail;
use crate::error::{Error, Result};
use reqwest::Url;
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
        let way = self.way(artifacts, folder, "MLmodel")?;
        let answer = self.answer(&way)?;
        if !answer.is_success() {
            return Err(fail(self, "MLmodel", self.refused(&answer)));
        }
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
        let way = self.way(artifacts, folder, path)?;
        let plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
        let suffix: String = path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(plain)
            .collect();
        let suffix = &suffix[suffix.len().saturating_sub(64)..];
        let mut file = tempfile::Builder::new()
            .prefix("tollgate-")
            .suffix(&format!("-{suffix}"))
            .tempfile()
            .map_err(|e| Error::io("write", std::env::temp_dir(), e))?;
        let answer = self.fetched(&way, file.as_file_mut())?;
        if answer.is_success() {
            Ok(file.into_temp_path())
        } else {
            Err(fail(self, path, self.refused(&answer)))
        }
    }

    /// Where a file of a folder is on this server.
    pub(super) fn way<'a>(
        &self,
        artifacts: &Artifacts,
        folder: &str,
        path: &str,
    ) -> Result<Way<'a>> {
        let leaves = |part: &str| part.is_empty() || part == "." || part == "..";
        if path.split('/').any(leaves) || path.contains('\\') {
            let reason = "the path leaves the folder, or has an empty part";
            return Err(fail(self, path, reason));
        }
        if let Some(below) = self.proxied(folder)? {
            return Ok(Way {
                below: &["api", "2.0", "mlflow-artifacts", "artifacts"],
                path: format!("{below}/{path}"),
                query: Vec::new(),
            });
        }
        // what lies in a run's folder is handed out by the run's id, wherever that folder is
        let in_run = artifacts
            .run
            .as_deref()
            .and_then(|run| folder.strip_prefix(run));
        if let Some((run, inside)) = artifacts.run_id.clone().zip(in_run) {
            let path = format!("{inside}/{path}")
                .trim_start_matches('/')
                .to_owned();
            return Ok(Way {
                below: &[],
                path: "get-artifact".to_owned(),
                query: vec![("run_uuid", run), ("path", path)],
            });
        }
        let reason = format!(
            "it is in {}, which the server does not hand out; fetch it and give its path",
            crate::config::shown(folder)
        );
        Err(fail(self, path, reason))
    }

    /// The path of a folder that the server hands out itself.
    pub(crate) fn proxied(&self, folder: &str) -> Result<Option<String>> {
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
