//! One comment on a pull request of GitHub, changed from run to run.

use super::{Telling, Told, Variables, github};
use crate::http::{Again, Limits, Redirects, Tls, client, exchange};
use crate::report::Format;
use serde_json::{Value, json};
use std::time::Duration;

/// Whether a comment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comment {
    /// None.
    Off,
    /// One for each configuration, found again by a mark in it.
    Sticky,
}

/// Characters of a comment that GitHub takes.
const MOST: usize = 65_536;
/// Comments that are asked for at once, which is as many as the service gives.
const PAGE: usize = 100;
/// Pages that are looked through for the comment.
const PAGES: usize = 30;
/// Version of the interface.
const API: &str = "2022-11-28";

/// Where the comment belongs, and who writes it.
struct Target {
    api: String,
    repository: String,
    number: u64,
    token: String,
}

/// Writes the comment or changes the one that is there; what does not work becomes one notice and one note.
///
/// A comment counts as ours by its mark and its author: a bot, or somebody who may write to the repository. A stranger's
/// comment with the mark is left alone, because its author could change it afterwards.
///
/// Source: "Issue comments" of GitHub's REST interface, version 2022-11-28 (from memory).
pub(super) fn put(telling: &Telling, told: &mut Told) {
    let written = Target::of(telling.variables).and_then(|target| {
        let mark = format!("<!-- tollgate:{} -->", telling.id());
        let page = telling.markdown(Format::MarkdownComment);
        let body = format!("{mark}\n{page}");
        debug_assert!(body.chars().count() <= MOST);
        target.put(&mark, &body)
    });
    if let Err(reason) = written {
        let said = format!("no comment was written: {reason}");
        told.before.push_str(&github::notice(&said));
        told.notes.push(said);
    }
}

impl Target {
    fn of(variables: &Variables) -> Result<Self, String> {
        let get = |name: &str| {
            let value = variables.get(name);
            value.ok_or_else(|| format!("the variable {name} is not set"))
        };
        let token = get("GITHUB_TOKEN")?.to_owned();
        let repository = get("GITHUB_REPOSITORY")?.to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let parts: Vec<&str> = repository.split('/').collect();
        let named = parts.len() == 2 && parts.iter().all(|p| !p.trim_matches('.').is_empty());
        if !named || !repository.chars().all(plain) {
            return Err("GITHUB_REPOSITORY is not OWNER/NAME".to_owned());
        }
        let api = variables.get("GITHUB_API_URL");
        let api = api
            .unwrap_or("https://api.github.com")
            .trim_end_matches('/');
        let loopback = ["http://127.0.0.1:", "http://localhost:"];
        if !api.starts_with("https://") && !loopback.iter().any(|l| api.starts_with(l)) {
            return Err(
                "GITHUB_API_URL is not an https address, and a token is not sent openly".to_owned(),
            );
        }
        let file = get("GITHUB_EVENT_PATH")?;
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|e| format!("the event cannot be read: {e}"))?;
        let event: Value =
            serde_json::from_str(&text).map_err(|e| format!("the event is no JSON: {e}"))?;
        let number = ["/pull_request/number", "/issue/number"];
        let number = number.iter().find_map(|at| event.pointer(at)?.as_u64());
        Ok(Self {
            api: api.to_owned(),
            repository,
            number: number.ok_or("the event is not of a pull request")?,
            token,
        })
    }

    fn put(&self, mark: &str, body: &str) -> Result<(), String> {
        let Self {
            api,
            repository,
            number,
            ..
        } = self;
        let body = json!({ "body": body }).to_string();
        let (method, url) = match self.find(mark)? {
            Some(id) => (
                "PATCH",
                format!("{api}/repos/{repository}/issues/comments/{id}"),
            ),
            None => (
                "POST",
                format!("{api}/repos/{repository}/issues/{number}/comments"),
            ),
        };
        self.ask(method, &url, Some(&body)).map(drop)
    }

    /// The comment with the mark that is ours; the first one where there are several.
    fn find(&self, mark: &str) -> Result<Option<u64>, String> {
        let Self {
            api,
            repository,
            number,
            ..
        } = self;
        for page in 1..=PAGES {
            let url = format!(
                "{api}/repos/{repository}/issues/{number}/comments?per_page={PAGE}&page={page}"
            );
            let answer = self.ask("GET", &url, None)?;
            let list = answer.as_array().ok_or("the service lists no comments")?;
            let ours = list.iter().find(|c| is_ours(c, mark));
            if let Some(id) = ours.and_then(|c| c["id"].as_u64()) {
                return Ok(Some(id));
            }
            if list.len() < PAGE {
                return Ok(None);
            }
        }
        Err(format!(
            "no comment of ours is among the first {}",
            PAGES * PAGE
        ))
    }

    fn ask(&self, method: &str, url: &str, body: Option<&str>) -> Result<Value, String> {
        let wait = Duration::from_secs(20);
        let client = client(Redirects::Kept, wait, &Tls::default())?;
        let limits = Limits {
            attempts: 3,
            bytes: 32 << 20,
            time: Duration::from_mins(1),
        };
        let verb = reqwest::Method::from_bytes(method.as_bytes()).map_err(|e| e.to_string())?;
        let request = || {
            let request = client
                .request(verb.clone(), url)
                .bearer_auth(&self.token)
                .header("Accept", "application/vnd.github+json")
                .header("X-GitHub-Api-Version", API);
            match body {
                Some(body) => request
                    .header("Content-Type", "application/json")
                    .body(body.to_owned()),
                None => request,
            }
        };
        // To change a comment twice is to change it once; to write one twice would leave two.
        let again = match method {
            "POST" => Again::Unsent,
            _ => Again::Read,
        };
        let answer = exchange(request, again, &limits).map_err(|f| f.words().to_owned())?;
        match answer.status {
            200..300 => answer.json(),
            401 => Err("the token is not accepted (401)".to_owned()),
            403 | 404 => Err(format!(
                "the token may not write comments here ({}); a pull request from a fork has one that only reads, others need \
                 `permissions: pull-requests: write`",
                answer.status
            )),
            _ => Err(answer.refusal_without(&[(self.token.clone(), "${GITHUB_TOKEN}".to_owned())])),
        }
    }
}

fn is_ours(comment: &Value, mark: &str) -> bool {
    let marked = comment["body"]
        .as_str()
        .is_some_and(|b| b.starts_with(mark));
    let bot = comment["user"]["type"] == "Bot";
    let member = ["OWNER", "MEMBER", "COLLABORATOR"];
    let member = member
        .iter()
        .any(|word| comment["author_association"] == *word);
    marked && (bot || member)
}
