//! A registered model as one answer of the server tells it: where the alias leads, who asks for the lock, what is kept.

use super::history::{self, Kept};
use super::lock::Announced;
use super::server::Said;
use crate::config::registries::Pointer;
use crate::registry::{Answer, Move, Trouble};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What one answer tells.
pub(super) struct State {
    /// The version that the alias leads to.
    pub(super) version: Option<String>,
    /// Everybody that asks for the lock.
    pub(super) locks: Vec<Announced<Move>>,
    /// The moves that are kept, oldest first.
    pub(super) moves: Vec<Kept>,
    date: Option<i64>,
}

/// The value of a lock's tag.
#[derive(Serialize, Deserialize)]
struct Text {
    since: i64,
    lease: i64,
    #[serde(rename = "move")]
    change: Move,
}

/// What the names of an alias's locks begin with.
pub(super) fn lock_prefix(alias: &str) -> String {
    format!("tollgate.lock.{}.", history::label(alias))
}

/// The value of a lock's tag.
pub(super) fn lock_text(since: i64, lease: i64, change: &Move) -> String {
    let fitted = history::fitted(change);
    format!(r#"{{"since":{since},"lease":{lease},"move":{fitted}}}"#)
}

impl State {
    /// Reads an answer to `registered-models/get`.
    ///
    /// Errors: [`Trouble::Broken`] for an answer of another form, and for a lock that cannot be read.
    pub(super) fn read(said: &Said, alias: &str, pointer: Pointer) -> Answer<Self> {
        let Some(model) = said.value.get("registered_model").filter(|m| m.is_object()) else {
            return Err(Trouble::Broken(
                "the answer has no `registered_model`".to_owned(),
            ));
        };
        let tags = tags(model);
        let prefix = lock_prefix(alias);
        let locks = tags.iter().filter(|(key, _)| key.starts_with(&prefix));
        let locks = locks.map(|(key, value)| lock(key, value));
        Ok(Self {
            version: version(model, alias, pointer),
            locks: locks.collect::<Answer<_>>()?,
            moves: history::read(&tags, alias),
            date: said.date.map(|d| d.timestamp_millis()),
        })
    }

    /// The server's clock. Unit: milliseconds since 1970.
    ///
    /// Errors: [`Trouble::Broken`] where it does not say, because no lock can end then.
    pub(super) fn clock(&self) -> Answer<i64> {
        self.date.ok_or_else(|| {
            Trouble::Broken(
                "the server does not tell its clock (`Date`), by which locks end; set `lock: false` and run one promotion at a \
                 time"
                    .to_owned(),
            )
        })
    }
}

fn lock(key: &str, value: &str) -> Answer<Announced<Move>> {
    let text: Text = serde_json::from_str(value).map_err(|e| {
        Trouble::Broken(format!(
            "tag `{key}` is no lock of tollgate's ({e}); remove it, unless a newer tollgate wrote it"
        ))
    })?;
    Ok(Announced {
        key: key.to_owned(),
        since: text.since,
        lease: text.lease,
        change: text.change,
    })
}

fn version(model: &Value, alias: &str, pointer: Pointer) -> Option<String> {
    let (list, name) = match pointer {
        Pointer::Alias => ("aliases", "alias"),
        Pointer::Stage => ("latest_versions", "current_stage"),
    };
    let mut all = model.get(list)?.as_array()?.iter();
    let found = all.find(|a| a.get(name).and_then(Value::as_str) == Some(alias))?;
    text(found.get("version")?)
}

/// A text, or a whole number as one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Names and values of the tags of a model or version.
pub(super) fn tags(of: &Value) -> Vec<(String, String)> {
    let all = of.get("tags").and_then(Value::as_array);
    let pair = |t: &Value| {
        let get = |key: &str| t.get(key).and_then(Value::as_str).map(str::to_owned);
        Some((get("key")?, get("value").unwrap_or_default()))
    };
    all.into_iter().flatten().filter_map(pair).collect()
}

/// The value of one tag.
pub(super) fn tag(of: &Value, key: &str) -> Option<String> {
    let all = tags(of);
    all.into_iter().find(|(k, _)| k == key).map(|(_, v)| v)
}

/// The tag of a version that keeps digests of its files; where they are many there are several, from 1 on.
pub(super) fn digests_key(number: usize) -> String {
    match number {
        1 => "tollgate.digests".to_owned(),
        _ => format!("tollgate.digests.{number}"),
    }
}

/// The digests in the tags of a version.
pub(super) fn digests(version: &Value) -> Vec<String> {
    let parts = (1..).map_while(|number| tag(version, &digests_key(number)));
    let texts: Vec<String> = parts.collect();
    let all = texts.iter().flat_map(|text| text.split_whitespace());
    all.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::MoveKind;
    use serde_json::json;

    fn read(model: &Value, pointer: Pointer) -> Answer<State> {
        let said = Said {
            value: json!({"registered_model": model}),
            date: None,
        };
        State::read(&said, "champion", pointer)
    }

    #[test]
    fn alias_or_stage_and_locks_are_read_from_one_answer() {
        let change = Move {
            id: "a".repeat(32),
            kind: MoveKind::Promotion,
            model: "late".to_owned(),
            alias: "champion".to_owned(),
            from: None,
            to: "2".to_owned(),
            at: "2013-04-01T00:00:00Z".to_owned(),
            by: Some("x\"}".to_owned()),
            reason: Some("r".repeat(9_000)),
            basis: None,
        };
        let value = lock_text(7_000, 120_000, &change);
        assert!(value.len() < 5_000);
        let model = json!({
            "aliases": [{"alias": "Champion", "version": "1"}, {"alias": "champion", "version": "2"}],
            "latest_versions": [{"current_stage": "champion", "version": 3}],
            "tags": [{"key": "tollgate.lock.champion.x", "value": value}, {"key": "tollgate.lock.champion2.x"}],
        });
        let state = read(&model, Pointer::Alias).unwrap();
        assert_eq!(state.version.as_deref(), Some("2"));
        let [lock] = state.locks.as_slice() else {
            panic!("{:?}", state.locks);
        };
        assert_eq!((lock.since, lock.until()), (7_000, 127_000));
        assert_eq!((&lock.change.id, &lock.change.by), (&change.id, &change.by));
        assert!(
            state
                .clock()
                .unwrap_err()
                .to_string()
                .contains("lock: false")
        );
        let state = read(&model, Pointer::Stage).unwrap();
        assert_eq!(state.version.as_deref(), Some("3"));
    }

    #[test]
    fn a_model_without_anything_has_no_champion_and_a_broken_lock_is_told() {
        assert_eq!(read(&json!({}), Pointer::Alias).unwrap().version, None);
        let broken = json!({"tags": [{"key": "tollgate.lock.champion.x", "value": "{}"}]});
        let told = read(&broken, Pointer::Alias).err().unwrap().to_string();
        assert!(told.contains("tollgate.lock.champion.x"), "{told}");
        assert!(read(&json!(null), Pointer::Alias).is_err());
    }
}
