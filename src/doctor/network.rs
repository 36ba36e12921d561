//! Servers that the configuration names: whether they answer, and what time they have.

use super::Line;
use crate::ci::Variables;
use crate::config::Config;
use crate::config::models::{Maker, MlflowConfig, Origin};
use crate::http::{Redirects, Tls, client, reason};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// Longest wait for an answer.
const WAIT: Duration = Duration::from_secs(10);

/// Difference of the clocks that is said. Unit: seconds. The header has whole seconds, and the way takes time.
const APART: i64 = 30;

/// A server, and for what it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    subject: String,
    /// Scheme, host and port: nothing else of the address is sent or shown.
    origin: String,
}

/// The servers of datasets, models and registries, each once.
pub(super) fn addresses(config: &Config, variables: &Variables) -> Vec<Address> {
    let mut found: Vec<(String, String)> = Vec::new();
    for dataset in &config.datasets {
        found.push((
            format!("dataset {}", dataset.name),
            dataset.path.path.clone(),
        ));
    }
    for model in &config.models {
        let subject = format!("model {}", model.name);
        let sides = [
            Some(&model.candidate),
            model.baseline.as_ref(),
            model.anchor.as_ref(),
        ];
        for origin in sides.into_iter().flatten() {
            let tracked = |m: &MlflowConfig| {
                let named = variables.get("MLFLOW_TRACKING_URI").map(str::to_owned);
                m.uri.clone().or(named)
            };
            let address = match origin {
                Origin::Predictions(p) => match &p.made_by {
                    Maker::Endpoint(endpoint) => Some(endpoint.url.clone()),
                    Maker::Mlflow(mlflow) => tracked(mlflow),
                    Maker::Nobody | Maker::Command(_) | Maker::Onnx(_) => None,
                },
                Origin::Mlflow(mlflow) => tracked(mlflow),
                Origin::Registry(champion) => match &champion.by {
                    Some(Origin::Predictions(p)) => match &p.made_by {
                        Maker::Endpoint(endpoint) => Some(endpoint.url.clone()),
                        _ => None,
                    },
                    _ => None,
                },
                Origin::Metrics(_) | Origin::Pinned(_) => None,
            };
            found.extend(address.map(|a| (subject.clone(), a)));
        }
    }
    let mut all: Vec<Address> = Vec::new();
    for (subject, address) in found {
        let Some(origin) = origin(&address) else {
            continue;
        };
        if !all.iter().any(|a| a.origin == origin) {
            all.push(Address { subject, origin });
        }
    }
    all
}

/// Scheme, host and port of an address of HTTP; absent for anything else.
fn origin(address: &str) -> Option<String> {
    let url = reqwest::Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

/// Each server, then the clock beside theirs.
pub(super) fn lines(addresses: &[Address], now: DateTime<Utc>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut clocks = Vec::new();
    for address in addresses {
        let Address { subject, origin } = address;
        match ask(origin) {
            Ok((status, date)) => {
                lines.push(Line::good(subject, format!("{origin} answers ({status})")));
                clocks.extend(date.map(|date| (origin, date)));
            }
            Err(reason) => lines.push(Line::bad(
                subject,
                format!("{origin} does not answer: {reason}"),
                "see the address, the network of the job, HTTPS_PROXY and NO_PROXY",
            )),
        }
    }
    lines.push(clock(&clocks, now));
    lines
}

/// The status and the clock of a server, whatever it answers.
fn ask(origin: &str) -> Result<(u16, Option<DateTime<Utc>>), String> {
    let client = client(Redirects::Kept, WAIT, &Tls::default())?;
    let answer = client.get(format!("{origin}/")).send().map_err(reason)?;
    let date = answer.headers().get(reqwest::header::DATE);
    let date = date.and_then(|d| DateTime::parse_from_rfc2822(d.to_str().ok()?).ok());
    Ok((answer.status().as_u16(), date.map(|d| d.to_utc())))
}

/// The clock beside those of the servers; the one that is furthest away is named.
fn clock(clocks: &[(&String, DateTime<Utc>)], now: DateTime<Utc>) -> Line {
    let shown = now.format("%Y-%m-%d %H:%M:%S UTC");
    let apart = |(_, date): &&(&String, DateTime<Utc>)| (now - *date).num_seconds().abs();
    let Some(worst) = clocks.iter().max_by_key(apart) else {
        return Line::good("clock", format!("{shown}; no server to compare it with"));
    };
    let seconds = apart(&worst);
    let (origin, _) = worst;
    if seconds <= APART {
        return Line::good("clock", format!("{shown}, as the servers have it"));
    }
    Line::lacking(
        "clock",
        format!("{shown} is {seconds} seconds from that of {origin}"),
        "set the clock of the machine (NTP): waivers, ages of data and signatures go by it",
    )
}
