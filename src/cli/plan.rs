//! `tollgate plan`: what a run would read and hold, without reading a row.

use super::print;
use crate::config::WrittenPath;
use crate::config::drift::Calibration;
use crate::diagnostic::plural;
use crate::drift::gate::{SLICE_ROWS, SLICES};
use crate::engine::embedded::source::Dataset;
use crate::error::{EXIT_PASS, Result};
use crate::history::sliced::NIGHT_SLICES;
use crate::measure::saved;
use crate::plan::against::not_promised;
use crate::plan::words::{Decider, decider, measured};
use crate::plan::{DatasetPlan, reading};
use crate::report::text::line;
use clap::ValueEnum;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The configuration.
    #[arg(default_value = "tollgate.yaml")]
    config: PathBuf,
    /// How the plan is printed.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    format: PlanFormat,
}

#[derive(Clone, Copy, ValueEnum)]
enum PlanFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What a run would read.
#[derive(Serialize)]
struct Record {
    datasets: Vec<Reading>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<super::plan_models::Judging>,
}

/// What a run would read of one dataset.
#[derive(Serialize)]
struct Reading {
    dataset: String,
    path: String,
    /// Columns read, in file order.
    columns: Vec<String>,
    /// Columns there are.
    columns_total: usize,
    /// Bytes of those columns (whole files for text formats).
    bytes: u64,
    bytes_total: u64,
    /// Bytes fetched from servers for this plan; absent for local files.
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched: Option<u64>,
    /// Measuring scans: for the profile, and for what it leaves open. One more follows when failing rows are shown or
    /// parted.
    scans: u32,
    /// Whether every column is profiled, for the report or for drift.
    profiles_all: bool,
    /// Whether rows of the dataset and of its reference are read once more, for the drift gate.
    compares_rows: bool,
    /// What drift is judged by; empty without a reference.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drift_by: Vec<DriftBy>,
    /// What drift is measured against, as written.
    references: Vec<String>,
    /// Columns whose values part the rows for drift.
    slices: Vec<String>,
    /// What became of the rules of a contract in another tool's form.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Covered>,
    /// Environment of the contract that the dataset is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    /// Columns of the contract that are not promised there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_promised: Vec<String>,
    /// Whether past runs are what drift is measured against.
    past_runs: bool,
    expectations: Vec<Entry>,
}

/// How many rules of a contract in another tool's form are held, and which are not.
#[derive(Serialize)]
struct Covered {
    form: &'static str,
    held: usize,
    rules: usize,
    /// Each with its line and the reason.
    not_held: Vec<String>,
}

/// What drift is judged by.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum DriftBy {
    /// Rows of both sides, with one level for the dataset.
    Rows,
    /// What the profiles count, with one level for the dataset: the reference is a saved profile.
    Profiles,
    /// Fixed limits alone: `false_alarm: off`.
    Limits,
}

/// What one expectation measures, and what decides it.
#[derive(Serialize)]
struct Entry {
    id: String,
    check: String,
    measure: String,
    /// `schema`, `footer`, `values`, `scan`, `kernel`, `sql` or `nothing`.
    decided_by: &'static str,
    /// The pattern of columns that it was written for.
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip)]
    words: String,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let config = crate::config::load(&self.config)?;
        let catalogue = crate::catalogue::load::load(&config.checks)?;
        let inputs = crate::engine::embedded::inputs::look(&config)?;
        let plan = crate::plan::plan(&config, &catalogue, &inputs, chrono::Utc::now())?;
        let readings: Vec<Reading> = plan
            .datasets
            .iter()
            .map(|part| reading(part, &inputs.datasets[&part.config.name], &inputs.base))
            .collect();
        let models: Vec<_> = plan
            .models
            .iter()
            .map(|model| super::plan_models::judging(model, &inputs.base))
            .collect::<Result<_>>()?;
        let text = match self.format {
            PlanFormat::Text => {
                let datasets = readings.iter().map(text);
                let models = models.iter().map(super::plan_models::text);
                let text: Vec<String> = datasets.chain(models).collect();
                crate::report::text::safe_block(&text.join("\n"))
            }
            PlanFormat::Json => {
                let record = Record {
                    datasets: readings,
                    models,
                };
                serde_json::to_string_pretty(&record).expect("texts and numbers only") + "\n"
            }
        };
        print(&text).map(|()| EXIT_PASS)
    }
}

/// What drift is judged by, without reading a reference: rows first, then profiles, where there are both.
fn drift_by(plan: &DatasetPlan, base: &Path) -> Vec<DriftBy> {
    let named = &plan.config.references.named;
    if named.is_empty() {
        return Vec::new();
    }
    if plan.config.drift.calibration == Calibration::Off {
        return vec![DriftBy::Limits];
    }
    let is_profile = |reference: &WrittenPath| {
        let path = base.join(&reference.path);
        path.is_file() && saved::is_saved(&path)
    };
    let profiles = named.iter().filter(|r| is_profile(r)).count();
    let rows = (profiles < named.len()).then_some(DriftBy::Rows);
    let profiles = (profiles > 0).then_some(DriftBy::Profiles);
    rows.into_iter().chain(profiles).collect()
}

fn reading(plan: &DatasetPlan, dataset: &Dataset, base: &Path) -> Reading {
    let footer = dataset.footer();
    let decided = reading::decided(plan, footer.as_ref());
    let no_scan = footer.is_some() && reading::needs_no_scan(plan, &decided);
    let lists = |column: &str| dataset.lists_values(column);
    let columns = reading::columns(plan, &decided, &lists);
    let all = reading::profiles_all(plan);
    let counts = |column: &str| dataset.is_profiled_alone() && (all || lists(column));
    let drift_by = drift_by(plan, base);
    let entries = plan.expectations.iter().zip(&decided);
    let environment = plan
        .config
        .environment
        .as_ref()
        .map(|(name, _)| name.clone());
    let slices = plan.config.drift.slices.iter();
    let entry = |(planned, decided): (&crate::plan::Planned, &Option<_>)| {
        let by = decider(planned, plan, decided.as_ref(), &counts);
        Entry {
            id: planned.id.clone(),
            check: planned.check.id.clone(),
            measure: measured(planned),
            columns: planned.common.pattern.clone(),
            decided_by: by.name(),
            memory: by.memory(),
            words: by.to_string(),
            reason: match by {
                Decider::Nothing(reason) => Some(reason),
                _ => None,
            },
        }
    };
    Reading {
        dataset: plan.config.name.clone(),
        path: plan.config.path.shown(),
        bytes: if no_scan { 0 } else { dataset.bytes(&columns) },
        bytes_total: dataset.files().iter().map(|f| f.bytes).sum(),
        fetched: dataset.fetched(),
        columns_total: plan.columns.len(),
        columns,
        scans: if no_scan {
            0
        } else {
            reading::scans(plan, &decided, dataset.is_profiled_alone(), &counts)
        },
        profiles_all: all,
        compares_rows: drift_by.contains(&DriftBy::Rows),
        drift_by,
        references: plan.config.references.shown(),
        slices: slices.map(|(name, _)| name.clone()).collect(),
        not_promised: not_promised(&plan.config, environment.as_deref()),
        environment,
        coverage: coverage(plan),
        past_runs: plan.config.past.judge(),
        expectations: entries.map(entry).collect(),
    }
}

/// What became of the rules of a contract in another tool's form; `None` for our own.
fn coverage(plan: &DatasetPlan) -> Option<Covered> {
    let origin = plan.config.contract.as_ref()?.origin.as_ref()?;
    let missing = origin.coverage.missing();
    let word = |(item, reason): (&crate::contract::import::Item, &str)| {
        format!("line {} {} ({reason})", item.place.line, item.what)
    };
    Some(Covered {
        form: origin.form.title(),
        held: origin.coverage.held(),
        rules: origin.coverage.items.len(),
        not_held: missing.map(word).collect(),
    })
}

/// One line for the coverage, and one for each rule that is not held.
fn of_contract(covered: &Covered) -> String {
    let rules = plural(covered.rules as u64, "rule");
    let mut text = format!(
        "  contract: {}, mapped {} of {rules}\n",
        covered.form, covered.held
    );
    for rule in &covered.not_held {
        writeln!(text, "      not held: {}", line(rule)).expect("writing to a String cannot fail");
    }
    text
}

fn drift(by: DriftBy) -> String {
    match by {
        DriftBy::Rows => {
            let most = crate::engine::embedded::sample::ROWS;
            format!("drift reads rows of both sides once more and holds at most {most} of each")
        }
        DriftBy::Profiles => {
            "drift compares what profiles count, as the reference is a saved profile; columns are judged one by one"
                .to_owned()
        }
        DriftBy::Limits => "drift is held against fixed limits".to_owned(),
    }
}

fn text(reading: &Reading) -> String {
    let mut text = format!(
        "{} ({})\n  reads {} of {}, {} of {} bytes, {}\n",
        line(&reading.dataset),
        line(&reading.path),
        reading.columns.len(),
        plural(reading.columns_total as u64, "column"),
        reading.bytes,
        reading.bytes_total,
        match reading.scans {
            0 => "no scan; one for the failing rows if any are to be shown",
            1 => "1 scan; 1 more for the failing rows if any are to be shown",
            _ => {
                "2 scans, for the profile and for what it leaves open; 1 more for the failing rows if any are to be shown"
            }
        },
    );
    if let Some(fetched) = reading.fetched {
        writeln!(text, "  fetched {fetched} bytes for this plan")
            .expect("writing to a String cannot fail");
    }
    text.extend(reading.coverage.iter().map(of_contract));
    if reading.profiles_all {
        text.push_str("  every column is read for its profile; with `profile: false` and no reference, those below\n");
    }
    text.push_str(&of_drift(reading));
    if reading.past_runs {
        let least = crate::drift::LEAST_NIGHTS;
        writeln!(
            text,
            "  past runs decide what is ordinary, from {least} ordinary ones on"
        )
        .expect("writing to a String cannot fail");
    }
    for entry in &reading.expectations {
        let (id, measure, words) = (line(&entry.id), line(&entry.measure), line(&entry.words));
        let of = entry.columns.as_deref().map(line);
        let of = of.map_or_else(String::new, |of| format!(", one of columns `{of}`"));
        writeln!(text, "  {id}{of}\n      {measure}; {words}")
            .expect("writing to a String cannot fail");
    }
    text
}

/// What drift reads and compares, and what the environment leaves out, one line each.
fn of_drift(reading: &Reading) -> String {
    let mut lines = Vec::new();
    if let Some(environment) = &reading.environment {
        lines.push(format!(
            "in {}, where {} not promised{}",
            line(environment),
            match reading.not_promised.len() {
                1 => "1 column of the contract is".to_owned(),
                n => format!("{n} columns of the contract are"),
            },
            names(&reading.not_promised)
        ));
    }
    if reading.references.len() > 1 {
        lines.push(format!(
            "is compared with {} references{}, each with an equal share of the false alarm",
            reading.references.len(),
            names(&reading.references)
        ));
    }
    lines.extend(reading.drift_by.iter().map(|by| drift(*by)));
    let slices: Vec<String> = reading.slices.iter().map(|s| line(s)).collect();
    let slices = slices.join(", ");
    if !slices.is_empty() && !reading.references.is_empty() {
        lines.push(format!(
            "drift compares at most {SLICES} slices by each of {slices}, of at least {SLICE_ROWS} rows a side, with half of the false alarm"
        ));
    }
    if !slices.is_empty() && reading.past_runs {
        lines.push(format!(
            "where past runs tell something, they say which of the {NIGHT_SLICES} most frequent values of each of {slices} carry it"
        ));
    }
    let lines = lines.iter().map(|line| format!("  {line}\n"));
    lines.collect()
}

/// `: a, b`, or nothing.
fn names(all: &[String]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let all: Vec<String> = all.iter().map(|name| line(name)).collect();
    format!(": {}", all.join(", "))
}
