//! What a move leaves in a server: history of the model, tags of the version, verdict and reports on the run that made it.

use super::server::{API, Twice};
use super::{Mlflow, history, state};
use crate::registry::{Answer, Attached, Call, Move, MoveKind, Seen, Trouble};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Folder of a run's files in which reports are left.
const FOLDER: &str = "tollgate";

/// Digests that the value of one tag holds, with a space between two.
const DIGESTS_IN_A_TAG: usize = history::LONGEST / 65;

/// Characters of a dataset's digest: the server takes 36.
const DIGEST: usize = 32;

impl Mlflow {
    /// History first, because it is what the next promotion relies on; what adorns it comes after.
    pub(super) fn kept(&self, change: &Move, attached: Option<&Attached>) -> Answer<()> {
        let state = self.state()?;
        if let Some(key) = history::place(&state.moves, change, state.version.as_deref()) {
            let value = history::fitted(change);
            self.server
                .tag("registered-models/set-tag", &self.model(), &key, &value)?;
        }
        let Some(version) = self.version(&change.to)? else {
            // Deleted since; its moves stay in the history.
            return Ok(());
        };
        let left = match (attached, version.get("run_id").and_then(Value::as_str)) {
            (Some(attached), Some(run)) if !run.is_empty() => {
                Some(self.left_on_run(run, change, attached)?)
            }
            (Some(_), _) => Some("the version names no run".to_owned()),
            (None, _) => None,
        };
        let mut all = told(change, attached, left);
        if let Some(attached) = attached {
            // Digests of an earlier promotion that was judged by more files.
            let parts = attached.digests.len().div_ceil(DIGESTS_IN_A_TAG);
            let old = (parts + 1..).map(state::digests_key);
            let old = old.take_while(|key| state::tag(&version, key).is_some());
            all.extend(old.map(|key| (key, String::new())));
        }
        for (key, value) in all {
            if state::tag(&version, &key).as_deref() != Some(&value) {
                let of = json!({"name": self.target.model, "version": change.to});
                self.server
                    .tag("model-versions/set-tag", &of, &key, &value)?;
            }
        }
        Ok(())
    }

    /// A version as the server tells it; `None` where it is not there.
    pub(super) fn version(&self, version: &str) -> Answer<Option<Value>> {
        if version.is_empty() || !version.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(None);
        }
        let query = [("name", self.target.model.as_str()), ("version", version)];
        let said = self.server.read("model-versions/get", &query)?;
        said.map(|mut said| match said.value.get_mut("model_version") {
            Some(found) if found.is_object() => Ok(found.take()),
            _ => Err(Trouble::Broken(
                "the answer has no `model_version`".to_owned(),
            )),
        })
        .transpose()
    }

    /// The newest version that a run made: by its id, or by the id of a model that it logged.
    pub(super) fn version_of(&self, run: &str) -> Answer<Option<String>> {
        let plain = |id: &str| {
            id.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        if !plain(run) {
            return Ok(None);
        }
        if let Some(found) = self.newest(&format!("run_id = '{run}'"))? {
            return Ok(Some(found));
        }
        let Some(said) = self.server.read("runs/get", &[("run_id", run)])? else {
            return Ok(None);
        };
        let models = said.value.pointer("/run/outputs/model_outputs");
        let models = models.and_then(Value::as_array).into_iter().flatten();
        let ids = models.filter_map(|m| m.get("model_id")?.as_str());
        let mut found = Vec::new();
        for id in ids.filter(|id| plain(id)) {
            found.extend(self.newest(&format!("source_path = 'models:/{id}'"))?);
        }
        Ok(found
            .into_iter()
            .max_by_key(|v| v.parse::<u64>().unwrap_or(0)))
    }

    fn newest(&self, filter: &str) -> Answer<Option<String>> {
        let rows = self
            .server
            .rows("model-versions/search", filter, "model_versions")?;
        let ours = rows.iter().filter(|row| {
            row.get("name").and_then(Value::as_str) == Some(self.target.model.as_str())
        });
        let numbers = ours.filter_map(|row| row.get("version")?.as_str()?.parse::<u64>().ok());
        Ok(numbers.max().map(|n| n.to_string()))
    }

    /// Leaves verdict, datasets and reports on the run that made a version, and says what it left, or why nothing.
    ///
    /// A run that is gone, or that we may not write to, does not undo a promotion: the version says so.
    fn left_on_run(&self, run: &str, change: &Move, attached: &Attached) -> Answer<String> {
        let mut left = Vec::new();
        let tags: Vec<Value> = told(change, None, None)
            .into_iter()
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect();
        let body = json!({"run_id": run, "tags": tags});
        let datasets = datasets(attached.run.1);
        let inputs = json!({"run_id": run, "datasets": datasets});
        let post = |path, body: &Value| {
            self.server
                .tell(Method::POST, path, body, Twice::Harmless, None)
        };
        let mut steps = || -> Answer<()> {
            post("runs/log-batch", &body)?;
            left.push("tags".to_owned());
            if !datasets.is_empty() {
                post("runs/log-inputs", &inputs)?;
                left.push("datasets".to_owned());
            }
            let Some(folder) = self.folder_of(run)? else {
                left.push("no files: the server does not take them".to_owned());
                return Ok(());
            };
            let (path, bytes) = attached.run;
            self.put(&folder, path, bytes)?;
            left.push(name(path).to_owned());
            for file in attached.files {
                match &file.bytes {
                    Ok(bytes) => {
                        self.put(&folder, &file.path, bytes)?;
                        left.push(name(&file.path).to_owned());
                    }
                    Err(why) => left.push(format!("no {}: {why}", name(&file.path))),
                }
            }
            Ok(())
        };
        match steps() {
            Ok(()) => {}
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
            Err(trouble) => left.push(crate::report::text::short(&trouble.to_string(), 300)),
        }
        Ok(left.join(", "))
    }

    /// The folder of a run's files, where the server hands them on itself.
    fn folder_of(&self, run: &str) -> Answer<Option<String>> {
        let said = self.server.read("runs/get", &[("run_id", run)])?;
        let uri = said
            .as_ref()
            .and_then(|s| s.value.pointer("/run/info/artifact_uri"));
        Ok(uri
            .and_then(Value::as_str)
            .and_then(|uri| self.server.below(uri)))
    }

    fn put(&self, folder: &str, file: &Path, bytes: &[u8]) -> Answer<()> {
        self.server
            .put(&format!("{folder}/{FOLDER}/{}", name(file)), bytes)
    }

    /// The calls of a move, for `--dry-run`.
    pub(super) fn planned(&self, change: &Move, seen: &Seen) -> Vec<Call> {
        let call = |verb: &str, path: &str, body: &Value| Call {
            verb: verb.to_owned(),
            to: self.server.address(path),
            body: body.to_string(),
        };
        let tag =
            |key: &str, value: &str| json!({"name": self.target.model, "key": key, "value": value});
        let locked = self.config.locking == crate::config::registries::Locking::Tag;
        let key = format!("{}…", state::lock_prefix(&self.target.alias));
        let mut calls = Vec::new();
        if locked {
            calls.push(call(
                "POST",
                "registered-models/set-tag",
                &tag(&key, &change.line()),
            ));
        }
        let (path, body) = self.moving(change);
        calls.push(call("POST", path, &body));
        let number = seen.token.as_deref().and_then(|t| t.parse::<u64>().ok());
        let history = format!(
            "tollgate.history.{}.{:06}.{}",
            history::label(&change.alias),
            number.unwrap_or(0) + 1,
            change.id
        );
        calls.push(call(
            "POST",
            "registered-models/set-tag",
            &tag(&history, &change.line()),
        ));
        for (key, value) in told(change, None, None) {
            let mut body = tag(&key, &value);
            body["version"] = json!(change.to);
            calls.push(call("POST", "model-versions/set-tag", &body));
        }
        if change.kind == MoveKind::Promotion {
            calls.push(Call {
                verb: "PUT".to_owned(),
                to: format!(
                    "{}/{}-artifacts/artifacts/…/{FOLDER}/",
                    self.server.shown(),
                    API.join("/")
                ),
                body: String::new(),
            });
        }
        if locked {
            let body = json!({"name": self.target.model, "key": key});
            calls.push(call("DELETE", "registered-models/delete-tag", &body));
        }
        calls
    }
}

/// The last part of a path.
fn name(path: &Path) -> &str {
    path.file_name()
        .and_then(|n| n.to_str())
        .unwrap_or("run.json")
}

/// What the tags of a version say of the move that made it champion.
fn told(change: &Move, attached: Option<&Attached>, left: Option<String>) -> Vec<(String, String)> {
    let mut tags = vec![("tollgate.move".to_owned(), history::fitted(change))];
    let previous = change.from.as_deref().unwrap_or("none");
    let mut tag = |key: &str, text: String| tags.push((key.to_owned(), text));
    tag("tollgate.prev_version", previous.to_owned());
    if let Some(basis) = &change.basis {
        tag("tollgate.verdict", basis.verdict.clone());
        tag("tollgate.report_sha256", basis.run_sha256.clone());
        tag("tollgate.policy_sha256", basis.policy_sha256.clone());
        if let Some(url) = &basis.url {
            tag("tollgate.run_url", crate::report::text::short(url, 1_000));
        }
    }
    if let Some(attached) = attached {
        let parts = attached.digests.chunks(DIGESTS_IN_A_TAG);
        let parts = (1..).zip(parts.map(|digests| digests.join(" ")));
        tags.extend(parts.map(|(number, text)| (state::digests_key(number), text)));
    }
    tags.extend(left.map(|left| ("tollgate.attached".to_owned(), left)));
    tags
}

/// The datasets of a run's record, as inputs of the run that made the model. One digest stands for all files of a dataset.
fn datasets(record: &[u8]) -> Vec<Value> {
    let Ok(run) = serde_json::from_slice::<crate::record::Run>(record) else {
        return Vec::new();
    };
    let of = |dataset: &crate::record::DatasetRecord| {
        let files: Option<Vec<&str>> = dataset.files.iter().map(|f| f.sha256.as_deref()).collect();
        let digest = match files?.as_slice() {
            [] => return None,
            [one] => (*one).to_owned(),
            several => crate::report::text::hex(&Sha256::digest(several.join("\n"))),
        };
        let source = json!({"uri": crate::config::shown(&dataset.path)}).to_string();
        let profile = json!({"num_rows": dataset.rows}).to_string();
        Some(json!({
            "tags": [{"key": "mlflow.data.context", "value": "tollgate"}],
            "dataset": {
                "name": crate::report::text::short(&dataset.name, 200),
                "digest": digest.get(..DIGEST).unwrap_or(&digest),
                "source_type": "local", "source": source, "profile": profile,
            },
        }))
    };
    run.datasets.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A champion that was judged by many files is known by all of them.
    #[test]
    fn digests_of_many_files_are_kept_in_several_tags() {
        let digests: Vec<String> = (0..200).map(|n| format!("{n:064x}")).collect();
        let change = Move {
            id: String::new(),
            kind: MoveKind::Promotion,
            model: "late".to_owned(),
            alias: "champion".to_owned(),
            from: None,
            to: "2".to_owned(),
            at: "2013-04-01T00:00:00Z".to_owned(),
            by: None,
            reason: None,
            basis: None,
        };
        let attached = Attached {
            run: (Path::new("run.json"), b"{}"),
            files: &[],
            digests: &digests,
            metrics: &[],
            judged: None,
        };
        let tags = told(&change, Some(&attached), None);
        let longest = tags.iter().map(|(_, value)| value.len()).max();
        assert!(longest <= Some(history::LONGEST), "{longest:?}");
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"key": key, "value": value}));
        let version = json!({"tags": tags.collect::<Vec<_>>()});
        assert_eq!(state::digests(&version), digests);
        assert!(state::digests(&json!({})).is_empty());
    }
}
