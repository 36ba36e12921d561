//! `notify`: whom to tell what became of runs and promotions.

use super::fields::{Fields, Problems, may_leave, text};
use super::tree::{Key, Node};
use crate::diagnostic::{Diagnostic, listing};
use crate::notify::Event;

/// Words of `kind`.
pub const KINDS: &[&str] = &["slack", "teams", "webhook"];

/// Somebody who is told.
#[derive(Debug, Clone)]
pub struct NotifyConfig {
    /// The name in the configuration.
    pub name: String,
    /// In which form.
    pub channel: Channel,
    /// Variable of the environment that holds the address, which is a secret.
    pub url_from: String,
    /// What is told.
    pub on: Vec<Event>,
}

/// In which form somebody is told.
#[derive(Debug, Clone)]
pub enum Channel {
    /// An incoming webhook of Slack's.
    Slack,
    /// A workflow of Microsoft Teams.
    Teams,
    /// A server of one's own.
    Webhook {
        /// Variable of the environment that holds the secret by which messages are signed.
        secret_from: String,
    },
}

/// Reads `notify`; every problem is added.
pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Vec<NotifyConfig> {
    let entries = fields.entries("notify", problems);
    let all = entries.iter();
    all.filter_map(|(key, node)| one(key, node, problems))
        .collect()
}

fn one(key: &Key, node: &Node, problems: &mut Problems) -> Option<NotifyConfig> {
    let what = format!("`{}` of `notify`", key.name);
    let mut fields = Fields::of(node, &what, problems)?;
    fields.require("kind", problems);
    let known = |word: &str| KINDS.contains(&word).then(|| word.to_owned());
    let kind = fields.word("kind", KINDS, known, problems);
    fields.require("url_from", problems);
    let url_from = variable(&mut fields, "url_from", problems);
    let channel = match kind.as_deref() {
        Some("slack") => Some(Channel::Slack),
        Some("teams") => Some(Channel::Teams),
        Some(_) => {
            fields.require("secret_from", problems);
            let secret_from = variable(&mut fields, "secret_from", problems);
            secret_from.map(|secret_from| Channel::Webhook { secret_from })
        }
        None => None,
    };
    let mut on = Vec::new();
    for node in fields.list("on") {
        let Some(word) = text(node, "on", problems) else {
            continue;
        };
        match Event::parse(&word) {
            Some(event) => on.push(event),
            None => problems.add(
                Diagnostic::new("unknown-value", format!("nothing is told on `{word}`"))
                    .at(&node.place, "not known")
                    .help(listing("values", &word, Event::WORDS.iter().copied())),
            ),
        }
    }
    if fields.get("on").is_none() {
        on = Event::ALL.to_vec();
    }
    fields.finish(problems);
    Some(NotifyConfig {
        name: key.name.clone(),
        channel: channel?,
        url_from: url_from?,
        on,
    })
}

/// The name of a variable of the environment; an address itself is refused, because it is a secret.
fn variable(fields: &mut Fields, key: &'static str, problems: &mut Problems) -> Option<String> {
    let node = fields.get(key)?;
    let name = text(node, key, problems)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.is_empty() && name.chars().all(plain) {
        return may_leave(&name, &node.place, problems).then_some(name);
    }
    problems.add(
        Diagnostic::new(
            "wrong-value",
            format!("`{key}` must be the name of a variable of the environment"),
        )
        .at(&node.place, "not a name")
        .help("what it holds is a secret and has no place in the file: write its name, as SLACK_WEBHOOK_URL"),
    );
    None
}
