//! A side that a server scores: its predictions beside the rows that were sent, its times, and what is asked of both.

use super::judge::measurement;
use super::outcome::{broken, unjudged};
use super::read::Read;
use super::rows::{self, Problem};
use super::source::endpoint::{Endpoint, Latencies, Scored, parity, score};
use super::table::{Column, Table};
use crate::config::WrittenPath;
use crate::config::models::{
    Columns, EndpointConfig, LatencyLimit, Maker, ModelConfig, Origin, ParityConfig,
    PredictionsConfig,
};
use crate::diagnostic::{listing, plural};
use crate::engine::embedded::predictions;
use crate::error::{Error, Result};
use crate::http::{Tls, Trust};
use crate::record::{FileDigest, LatencyRecord, Outcome, Severity, Status, Threshold};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

/// What is known of an endpoint besides its predictions.
pub(super) struct Answered {
    /// Address without secrets.
    pub(super) shown: String,
    /// Of a server.
    latencies: Option<Latencies>,
    failed: usize,
    /// Rows without predictions, ascending.
    without: Vec<usize>,
    parity: Option<std::result::Result<Vec<Compared>, Problem>>,
}

/// A column of predictions held against the offline one.
struct Compared {
    column: String,
    rows: usize,
    differing: usize,
    largest: Option<f64>,
    /// The row of the file, from 0.
    first: Option<usize>,
}

/// Columns whose values the server or the model predicts.
pub(super) fn predicted(columns: &Columns) -> Vec<String> {
    rows::names(&Columns {
        score: columns.score.clone(),
        class: columns.class.clone(),
        scores: columns.scores.clone(),
        value: columns.value.clone(),
        low: columns.low.clone(),
        high: columns.high.clone(),
        ..Columns::default()
    })
}

/// The same side without what the server or the model predicts.
pub(super) fn sent(side: &PredictionsConfig) -> PredictionsConfig {
    let mut here = side.clone();
    let columns = &mut here.columns;
    columns.score = None;
    columns.class = None;
    columns.scores.clear();
    columns.value = None;
    columns.low = None;
    columns.high = None;
    here
}

/// Reads the rows of a side and has them scored: the columns that are named and `besides`, then the predictions.
///
/// Errors: [`Error::Usage`] for a variable of a header that is not set and what cannot be sent as one; [`Error::Data`]
/// when the rows cannot be read or sent, more requests fail than the budget allows, or the answer lacks a column;
/// [`Error::Interrupted`].
pub(super) fn read(
    side: &PredictionsConfig,
    config: &EndpointConfig,
    besides: &[String],
    base: &Path,
) -> Result<(Table, Vec<FileDigest>, Answered)> {
    let here = sent(side);
    let mut columns = besides.to_vec();
    columns.extend(config.features.iter().cloned());
    let (read, mut files) = predictions::read(&here, &columns, base)?;
    for file in &mut files {
        file.given = true;
    }
    let features = Table {
        rows: read.rows,
        columns: named(&read, &config.features),
    };
    let endpoint = Endpoint::new(config.settings(headers(config)?, trust(config, base)?))?;
    let batch = usize::try_from(config.batch).unwrap_or(usize::MAX);
    let scored = score(&endpoint, &features, batch)?;
    scored.within(config.error_budget, &endpoint)?;
    let table = beside(side, &read, besides, &scored.predictions);
    let table = table.map_err(|reason| Error::data("score rows at", endpoint.shown(), reason))?;
    files.push(digest(&table, &predicted(&side.columns), endpoint.shown()));
    let without = without(&scored);
    let parity = config
        .parity
        .as_ref()
        .map(|p| equal(side, p, &table, &without, base))
        .transpose()?;
    let answered = Answered {
        shown: endpoint.shown().to_owned(),
        latencies: Some(scored.latencies),
        failed: scored.failed.len(),
        without,
        parity,
    };
    Ok((table, files, answered))
}

/// The columns that are kept of the rows, then the predictions.
///
/// Errors: in words, for a prediction that is not there, and one that has the name of a column of the rows.
pub(super) fn beside(
    side: &PredictionsConfig,
    read: &Table,
    besides: &[String],
    predictions: &Table,
) -> std::result::Result<Table, Problem> {
    let mut kept = rows::names(&sent(side).columns);
    for column in besides {
        if !kept.contains(column) {
            kept.push(column.clone());
        }
    }
    let mut table = Table {
        rows: read.rows,
        columns: named(read, &kept),
    };
    for name in predicted(&side.columns) {
        if table.column(&name).is_some() {
            return Err(format!(
                "`{name}` is a column of the rows and one of the predictions; give one of them another name"
            ));
        }
        let Some(column) = predictions.column(&name) else {
            let known = predictions.columns.iter().map(|(n, _)| n.as_str());
            let help = crate::report::text::short(&listing("columns", &name, known), 300);
            return Err(format!("its predictions have no column `{name}`; {help}"));
        };
        table.columns.push((name, column.clone()));
    }
    Ok(table)
}

/// Whom the endpoint is believed to be, and who asks.
///
/// Errors: [`Error::Io`] for a file of certificates that cannot be read.
fn trust(config: &EndpointConfig, base: &Path) -> Result<Tls> {
    let read = |file: &Option<WrittenPath>| -> Result<Option<Vec<u8>>> {
        let Some(file) = file else { return Ok(None) };
        let path = base.join(&file.path);
        let read = std::fs::read(&path).map_err(|e| Error::io("read", &path, e));
        Ok(Some(read?))
    };
    Ok(Tls {
        trust: read(&config.ca_file)?.map_or(Trust::System, Trust::Only),
        identity: read(&config.client_cert_file)?,
    })
}

/// Columns of these names, each of which was read.
pub(super) fn named(table: &Table, names: &[String]) -> Vec<(String, Column)> {
    let one = |name: &String| Some((name.clone(), table.column(name)?.clone()));
    names.iter().filter_map(one).collect()
}

/// Headers with their values, which are secret.
fn headers(config: &EndpointConfig) -> Result<Vec<(String, String)>> {
    let one = |(header, variable): &(String, String)| match std::env::var(variable) {
        Ok(value) => Ok((header.clone(), value)),
        Err(_) => Err(Error::Usage(format!(
            "the variable `{variable}` of the environment, which holds the header `{header}`, is not set"
        ))),
    };
    config.headers.iter().map(one).collect()
}

fn without(scored: &Scored) -> Vec<usize> {
    let rows = scored.failed.iter().flat_map(|f| f.row..f.row + f.rows);
    rows.collect()
}

/// What tells these predictions from others: a digest over their names and values, in the place of a file's.
fn digest(table: &Table, names: &[String], shown: &str) -> FileDigest {
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    for (name, column) in named(table, names) {
        let cells = (0..table.rows).map(|row| column.text(row).unwrap_or_default());
        for text in std::iter::once(name).chain(cells) {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
            bytes += text.len() as u64;
        }
    }
    FileDigest::whole(
        shown.to_owned(),
        bytes,
        crate::report::text::hex(&hash.finalize()),
    )
}

/// Holds predictions against those of a file, row by row; rows without predictions are left out.
///
/// Errors: [`Error::Data`] when the file cannot be read.
fn equal(
    side: &PredictionsConfig,
    config: &ParityConfig,
    table: &Table,
    without: &[usize],
    base: &Path,
) -> Result<std::result::Result<Vec<Compared>, Problem>> {
    let mut offline = side.clone();
    offline.path = config.with.clone();
    offline.format.clone_from(&config.format);
    offline.made_by = Maker::Nobody;
    offline.columns = Columns {
        key: side.columns.key.clone(),
        ..Columns::default()
    };
    let names = predicted(&side.columns);
    let (offline, _) = predictions::read(&offline, &names, base)?;
    Ok(compared(side, config, (table, &offline), without))
}

fn compared(
    side: &PredictionsConfig,
    config: &ParityConfig,
    (table, offline): (&Table, &Table),
    without: &[usize],
) -> std::result::Result<Vec<Compared>, Problem> {
    let places = partners(table, offline, &side.columns.key)
        .map_err(|p| format!("`{}`: {p}", config.with.shown()))?;
    let out: HashSet<usize> = without.iter().copied().collect();
    let kept: Vec<usize> = (0..table.rows).filter(|r| !out.contains(r)).collect();
    let there: Vec<usize> = kept.iter().map(|r| places[*r]).collect();
    let mut all = Vec::new();
    for name in predicted(&side.columns) {
        let (Some(now), Some(then)) = (table.column(&name), offline.column(&name)) else {
            continue;
        };
        let found = parity(&gather(now, &kept), &gather(then, &there), config.tolerance)
            .map_err(|p| format!("`{name}`: {p}"))?;
        all.push(Compared {
            rows: found.rows,
            differing: found.differing,
            largest: found.largest,
            first: found.first.map(|r| kept[r]),
            column: name,
        });
    }
    Ok(all)
}

/// Where each row of `table` stands in `offline`: by key, by its place where there is none.
fn partners(
    table: &Table,
    offline: &Table,
    key: &[String],
) -> std::result::Result<Vec<usize>, Problem> {
    let (mine, theirs) = (rows::keys(table, key)?, rows::keys(offline, key)?);
    let places: Vec<Option<usize>> = match (&mine, &theirs) {
        (Some(mine), Some(theirs)) => {
            let known: HashMap<&String, usize> = theirs.iter().zip(0..).collect();
            mine.iter().map(|k| known.get(k).copied()).collect()
        }
        _ => (0..table.rows)
            .map(|r| Some(r).filter(|r| *r < offline.rows))
            .collect(),
    };
    let lacking = places.iter().filter(|p| p.is_none()).count();
    let surplus = offline.rows - (table.rows - lacking);
    match (lacking, surplus) {
        (0, 0) => Ok(places.into_iter().flatten().collect()),
        _ => Err(format!(
            "{lacking} of {} that were scored are not in it, and {surplus} of its rows were not scored",
            plural(table.rows as u64, "row")
        )),
    }
}

/// These rows of a column, in that order.
fn gather(column: &Column, rows: &[usize]) -> Column {
    fn of<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
        rows.iter().map(|r| values[*r].clone()).collect()
    }
    match column {
        Column::Booleans(values) => Column::Booleans(of(values, rows)),
        Column::Integers(values) => Column::Integers(of(values, rows)),
        Column::Numbers(values) => Column::Numbers(of(values, rows)),
        Column::Texts { codes, words } => Column::Texts {
            codes: of(codes, rows),
            words: words.clone(),
        },
    }
}

/// Takes the rows that a server gave no predictions for out of every side: by key, by their place where there is none.
///
/// A key that is null or occurs twice is told where sides are read; then nothing is left out.
pub(super) fn leave_out(sides: [Option<&mut Read>; 3]) {
    let mut sides: Vec<_> = sides
        .into_iter()
        .flatten()
        .filter_map(|side| match side {
            Read::Rows(read, _) => Some(read.as_mut()),
            Read::Tracked(..) => None,
        })
        .collect();
    let names = |table: &Table, config: &PredictionsConfig| {
        let places = || (0..table.rows).map(|r| r.to_string()).collect();
        let keys = rows::keys(table, &config.columns.key).ok()?;
        Some::<Vec<String>>(keys.unwrap_or_else(places))
    };
    let mut gone: HashSet<String> = HashSet::new();
    for (table, config, answered) in &sides {
        let Some(answered) = answered.as_ref().filter(|a| !a.without.is_empty()) else {
            continue;
        };
        let Some(names) = names(table, config) else {
            return;
        };
        gone.extend(answered.without.iter().map(|row| names[*row].clone()));
    }
    if gone.is_empty() {
        return;
    }
    for (table, config, _) in &mut sides {
        let Some(names) = names(table, config) else {
            return;
        };
        let kept: Vec<usize> = (0..table.rows)
            .filter(|r| !gone.contains(&names[*r]))
            .collect();
        for (_, column) in &mut table.columns {
            *column = gather(column, &kept);
        }
        table.rows = kept.len();
    }
}

impl Answered {
    /// What is known of a model that scored all rows here, held against predictions made elsewhere where that is asked.
    ///
    /// Errors: [`Error::Data`] when those cannot be read.
    pub(super) fn here(
        shown: String,
        side: &PredictionsConfig,
        parity: Option<&ParityConfig>,
        (table, base): (&Table, &Path),
    ) -> Result<Self> {
        let parity = parity.map(|p| equal(side, p, table, &[], base));
        Ok(Self {
            shown,
            latencies: None,
            failed: 0,
            without: Vec::new(),
            parity: parity.transpose()?,
        })
    }

    /// What the record says of its times, where it is a server.
    pub(super) fn record(&self) -> Option<LatencyRecord> {
        let latencies = self.latencies.as_ref()?;
        let ms = |share| latencies.quantile(share).map(millis);
        Some(LatencyRecord {
            requests: latencies.requests() as u64,
            failed: self.failed as u64,
            p50_ms: ms(0.5),
            p95_ms: ms(0.95),
            p99_ms: ms(0.99),
        })
    }

    /// Outcomes of what is asked of the endpoint of a candidate, in the order of the configuration.
    pub(super) fn outcomes(&self, model: &ModelConfig) -> Vec<Outcome> {
        let Origin::Predictions(side) = &model.candidate else {
            return Vec::new();
        };
        let (limits, parity) = match &side.made_by {
            Maker::Endpoint(config) => (config.latency.as_slice(), &config.parity),
            Maker::Onnx(config) => (&[][..], &config.parity),
            Maker::Nobody | Maker::Command(_) | Maker::Mlflow(_) => return Vec::new(),
        };
        let limits = limits
            .iter()
            .zip(std::iter::repeat(self.latencies.as_ref()));
        let limits =
            limits.filter_map(|(limit, latencies)| Some(self.timed(model, limit, latencies?)));
        let mut outcomes: Vec<Outcome> = limits.collect();
        if let (Some(parity), Some(found)) = (parity, &self.parity) {
            outcomes.push(told(model, parity, found));
        }
        outcomes
    }

    fn timed(&self, model: &ModelConfig, limit: &LatencyLimit, latencies: &Latencies) -> Outcome {
        let share = format!("{} %", crate::measure::short(limit.share * 100.0));
        let summary = format!("{share} of requests are answered within {} ms.", limit.ms);
        let id = format!("latency({})", limit.name);
        let mut outcome = unjudged(model, (&id, "latency"), &summary, &limit.place);
        let took = latencies.quantile(limit.share).map(millis);
        let held = took.is_some_and(|ms| ms <= limit.ms);
        outcome.status = status(held, model.severity);
        let all = latencies.requests();
        let of = plural(all as u64, "request");
        outcome.message = match took {
            Some(ms) => format!(
                "{share} of {of} were answered within {} ms, the limit is {} ms.",
                crate::measure::short(ms),
                limit.ms
            ),
            None => format!(
                "{} of {of} failed, so that less than {share} were answered.",
                self.failed
            ),
        };
        let name = format!("{}_ms", limit.name);
        outcome
            .measured
            .extend(took.map(|ms| measurement(&name, ms)));
        outcome.limits.push(Threshold {
            name,
            op: "<=".to_owned(),
            text: crate::measure::short(limit.ms),
            number: Some(limit.ms),
            held,
        });
        outcome
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn told(
    model: &ModelConfig,
    config: &ParityConfig,
    found: &std::result::Result<Vec<Compared>, Problem>,
) -> Outcome {
    let (with, within) = (config.with.shown(), config.tolerance);
    let who = if is_served(model) {
        "endpoint"
    } else {
        "model"
    };
    let summary = format!("The {who} predicts what `{with}` holds, to within {within}.");
    let mut outcome = unjudged(model, ("parity", "parity"), &summary, &config.place);
    let all = match found {
        Ok(all) => all,
        Err(problem) => {
            outcome.message = format!("Not evaluated: {problem}.");
            return outcome;
        }
    };
    let differing: usize = all.iter().map(|c| c.differing).sum();
    outcome.status = status(differing == 0, model.severity);
    let words = |c: &Compared| {
        let rows = plural(c.rows as u64, "row");
        let size = |l: f64| format!(", the largest difference is {}", crate::measure::short(l));
        let largest = c.largest.map_or_else(String::new, size);
        let place = |r: usize| format!(", the first is row {}", r + 1);
        let first = c.first.map_or_else(String::new, place);
        format!(
            "`{}` differs in {} of {rows}{first}{largest}",
            c.column, c.differing
        )
    };
    let each: Vec<String> = all.iter().map(words).collect();
    outcome.message = format!("{}.", each.join("; "));
    let failing = all.iter().map(|c| c.differing).max().unwrap_or(0);
    outcome.failing = Some(failing as u64);
    outcome.rows = all.first().map(|c| c.rows as u64);
    outcome
        .measured
        .push(measurement("differing", failing as f64));
    outcome.limits.push(Threshold {
        name: "differing".to_owned(),
        op: "<=".to_owned(),
        text: "0".to_owned(),
        number: Some(0.0),
        held: differing == 0,
    });
    outcome
}

/// Whether the candidate is a server.
fn is_served(model: &ModelConfig) -> bool {
    matches!(&model.candidate, Origin::Predictions(side) if matches!(side.made_by, Maker::Endpoint(_)))
}

fn status(held: bool, severity: Severity) -> Status {
    if held { Status::Pass } else { broken(severity) }
}
