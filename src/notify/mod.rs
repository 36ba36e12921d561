//! Notifications of what became of a run, a promotion or a way back: told where the configuration says so, once everything is
//! written. None of them changes what became of it.
//!
//! They hold sentences of the verdict, ids of outcomes and versions, and no value of any dataset.

mod forms;

pub use forms::{signature, slack, teams, webhook};

use crate::config::Config;
use crate::config::notify::{Channel, NotifyConfig};
use crate::error::Error;
use crate::http::{Again, Limits, Redirects, Tls, client, exchange};
use crate::promote::{Outcome, Promotion};
use crate::record::{Run, Status};
use crate::report::text::value;
use chrono::{DateTime, Utc};
use reqwest::Url;
use std::time::Duration;

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Outcomes that are named at most.
const NAMED: usize = 20;

/// Characters of a line at most.
const LINE: usize = 300;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A run ended with another exit code than 0, or a promotion or a way back in an error.
    Failed,
    /// An alias was moved to a candidate.
    Promoted,
    /// An alias was not moved: by a rule, or because somebody was first.
    Refused,
    /// An alias was moved back.
    RolledBack,
}

impl Event {
    /// Words of `on`.
    pub const WORDS: &[&str] = &["failed", "promoted", "refused", "rolled_back"];

    /// All of them, in the order of their words.
    pub const ALL: &[Self] = &[
        Self::Failed,
        Self::Promoted,
        Self::Refused,
        Self::RolledBack,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Promoted => "promoted",
            Self::Refused => "refused",
            Self::RolledBack => "rolled_back",
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|e| e.word() == word)
    }
}

/// What is told. Texts hold no control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What happened.
    pub event: Event,
    /// In one sentence.
    pub title: String,
    /// What belongs to it, a line each.
    pub lines: Vec<String>,
    /// Address of the job, http or https.
    pub url: Option<String>,
}

/// What is told of a run; `None` where it passed.
#[must_use]
pub fn of_run(run: &Run, url: Option<&str>) -> Option<News> {
    if run.verdict.exit_code == 0 {
        return None;
    }
    let bad = |status| !matches!(status, Status::Pass | Status::Skipped);
    let mut all: Vec<_> = run.outcomes.iter().filter(|o| bad(o.status)).collect();
    all.sort_by_key(|o| weight(o.status));
    let named = all.iter().take(NAMED);
    let mut lines: Vec<String> = named
        .map(|o| value(&format!("{} {}", o.status.word(), o.id), LINE))
        .collect();
    if all.len() > NAMED {
        lines.push(format!("and {} more", all.len() - NAMED));
    }
    Some(News {
        event: Event::Failed,
        title: value(&format!("tollgate: {}", run.verdict.sentence), LINE),
        lines,
        url: web(url),
    })
}

/// What is worst comes first, so that it is among those that are named.
fn weight(status: Status) -> u8 {
    match status {
        Status::Fail => 0,
        Status::Error => 1,
        Status::Inconclusive => 2,
        Status::Warn => 3,
        Status::Waived => 4,
        Status::Skipped | Status::Pass => 5,
    }
}

/// What is told of a run that could not be evaluated; `None` where nobody else needs to know: a mistake on the command line,
/// an interruption.
///
/// The message of the error is not told: it may name addresses and values. The log of the job has it.
#[must_use]
pub fn of_error(error: &Error, url: Option<&str>) -> Option<News> {
    if let Error::Usage(_) | Error::Interrupted = error {
        return None;
    }
    Some(News {
        event: Event::Failed,
        title: format!("tollgate: {}", error.headline()),
        lines: vec![format!(
            "exit code {}; the log says what is wrong",
            error.exit_code()
        )],
        url: web(url),
    })
}

/// What a move was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    /// To a candidate.
    Forward,
    /// To a version before.
    Back,
}

/// What is told of a promotion or a way back; `None` where there is nothing new.
#[must_use]
pub fn of_promotion(promotion: &Promotion, meant: Meant, url: Option<&str>) -> Option<News> {
    let event = match (promotion.ended, meant) {
        (Outcome::Moved, Meant::Forward) => Event::Promoted,
        (Outcome::Moved, Meant::Back) => Event::RolledBack,
        (Outcome::Refused | Outcome::Conflict | Outcome::Busy, _) => Event::Refused,
        (Outcome::Error, _) => Event::Failed,
        (Outcome::Begun | Outcome::Already | Outcome::Planned, _) => return None,
    };
    let mut lines = vec![value(&promotion.registry, LINE)];
    if let Some(change) = &promotion.change {
        let by = change.by.as_ref().map(|by| format!("by {by}"));
        let all = by.into_iter().chain(change.reason.clone());
        lines.extend(all.map(|text| value(&text, LINE)));
    }
    let refusals = promotion.refusals.iter();
    lines.extend(refusals.map(|r| value(&format!("{}: {}", r.rule, r.message), LINE)));
    let what = match (promotion.ended, meant) {
        (Outcome::Error, Meant::Forward) => {
            format!("the promotion of {} ended in an error: ", promotion.name)
        }
        (Outcome::Error, Meant::Back) => {
            format!("the way back of {} ended in an error: ", promotion.name)
        }
        _ => String::new(),
    };
    Some(News {
        event,
        title: value(&format!("tollgate: {what}{}", promotion.sentence), LINE),
        lines,
        url: web(url),
    })
}

/// An address that a page may link to.
fn web(url: Option<&str>) -> Option<String> {
    let parsed = Url::parse(url?).ok()?;
    matches!(parsed.scheme(), "http" | "https").then(|| parsed.to_string())
}

/// Tells news to everybody whom the configuration names; returns what could not be told, a line each, without secrets.
#[must_use]
pub fn send(config: &Config, news: &[News], now: DateTime<Utc>) -> Vec<String> {
    let mut untold = Vec::new();
    for channel in &config.notify {
        for one in news.iter().filter(|n| channel.on.contains(&n.event)) {
            if let Err(reason) = sent(channel, one, now) {
                untold.push(format!(
                    "the notification `{}` was not sent: {reason}",
                    value(&channel.name, LINE)
                ));
            }
        }
    }
    untold
}

fn sent(channel: &NotifyConfig, news: &News, now: DateTime<Utc>) -> Result<(), String> {
    let url = variable(&channel.url_from)?;
    let url = Url::parse(&url).ok();
    let url = url.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    let url = url.ok_or_else(|| {
        format!(
            "the variable `{}` holds no http or https address",
            channel.url_from
        )
    })?;
    let (body, headers) = match &channel.channel {
        Channel::Slack => (slack(news).to_string(), Vec::new()),
        Channel::Teams => (teams(news).to_string(), Vec::new()),
        Channel::Webhook { secret_from } => {
            let secret = variable(secret_from)?;
            let body = webhook(news).to_string();
            let headers = signature(&secret, &body, now);
            (body, headers)
        }
    };
    let client = client(Redirects::Kept, ANSWER, &Tls::default())?;
    let limits = Limits {
        attempts: 2,
        bytes: 1 << 16,
        time: ANSWER,
    };
    let request = || {
        let mut request = client
            .post(url.clone())
            .header("Content-Type", "application/json");
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        request.body(body.clone())
    };
    let answer = exchange(request, Again::Unsent, &limits).map_err(|f| f.words().to_owned())?;
    if answer.is_success() {
        return Ok(());
    }
    // What a server says may repeat the address, which is a secret.
    Err(format!("the server answers {}", answer.status))
}

fn variable(name: &str) -> Result<String, String> {
    let value = std::env::var(name).ok().filter(|v| !v.is_empty());
    value.ok_or_else(|| format!("the variable `{name}` of the environment is not set"))
}
