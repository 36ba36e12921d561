//! The catalogue's statistics: which kernel counts their rows, or how schema, files and profile decide them.

use super::kernel::foreign_key::Among;
use super::kernel::{
    Count, Denominator, Direction, ForeignKey, Gauge, Kernel, KeyNulls, KeySet, MostCommon,
    NullKey, NumberTest, Order, Parse, PersonalElsewhere, Quantile, SetRelation, Strictness,
    TextTest, Unique, ValueSet,
};
use super::metadata::{Said, count, said};
use super::source::{Dataset, Quotes};
use super::statistics_of_rows;
use crate::catalogue::argument::{Arg, Args, duration_text};
use crate::catalogue::{Measure, Statistic};
use crate::detect::{Detector, Kind};
use crate::error::{Error, Result};
use crate::measure::{State, Unable};
use crate::plan::{DatasetPlan, Planned, elsewhere, forms};
use crate::scalar::{Integer, Scalar};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The kernel of an expectation; `None` when it needs none.
///
/// Errors: [`Error::Query`] when its arguments do not fit the data.
pub(super) fn kernel(
    planned: &Planned,
    plan: &DatasetPlan,
    others: &BTreeMap<String, Dataset>,
) -> Result<Option<Kernel>> {
    let Measure::Statistic(statistic) = planned.check.measure else {
        return Ok(None);
    };
    let args = &planned.args;
    let column = || args.column("column").unwrap_or_default().to_owned();
    let word = |name: &str| args.text(name).unwrap_or_default().to_owned();
    let query = |reason: String| Error::Query {
        what: planned.id.clone(),
        reason,
    };
    Ok(Some(match statistic {
        Statistic::Unique => Kernel::Unique(Unique::new(
            args.columns("columns"),
            match word("nulls").as_str() {
                "equal" => KeyNulls::Equal,
                "fail" => KeyNulls::Fail,
                _ => KeyNulls::Ignore,
            },
            counting(&word("count")),
        )),
        Statistic::DuplicateRows => Kernel::Unique(Unique::new(
            plan.columns.iter().map(|f| f.name.clone()).collect(),
            KeyNulls::Equal,
            counting(&word("count")),
        )),
        Statistic::Order => Kernel::Order(Order::new(
            column(),
            if word("direction") == "decreasing" {
                Direction::Decreasing
            } else {
                Direction::Increasing
            },
            if args.get("strict") == Some(&Arg::Bool(true)) {
                Strictness::Strict
            } else {
                Strictness::Weak
            },
            args.columns("by"),
        )),
        Statistic::PersonalElsewhere => {
            let columns = elsewhere::columns(planned, plan);
            Kernel::Personal(PersonalElsewhere::new(columns, detector(args)))
        }
        statistic if statistic.is_spelling() => spelling(statistic, args).map_err(query)?,
        Statistic::ForeignKey => Kernel::ForeignKey(foreign_key(planned, others)?),
        statistic => return Ok(statistics_of_rows::kernel(statistic, args)),
    }))
}

/// The words of a list, or the one that is given.
fn texts(args: &crate::catalogue::argument::Args, name: &str) -> Vec<String> {
    match args.get(name) {
        Some(Arg::Texts(all)) => all.clone(),
        Some(Arg::Word(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// What is looked for, as the arguments say.
fn detector(args: &Args) -> Detector {
    let kinds = texts(args, "kinds");
    let kinds = kinds.iter().filter_map(|k| Kind::parse(k));
    Detector::new(kinds.collect(), texts(args, "countries"))
}

/// The test of keys against those of another dataset, which is scanned for them.
fn foreign_key(planned: &Planned, others: &BTreeMap<String, Dataset>) -> Result<ForeignKey> {
    let args = &planned.args;
    let name = args.text("dataset").unwrap_or_default();
    let other = others.get(name).ok_or_else(|| Error::Query {
        what: planned.id.clone(),
        reason: format!("no dataset `{name}`"),
    })?;
    let theirs = match args.get("their_columns") {
        Some(Arg::Texts(names)) => names.clone(),
        _ => args.columns("columns"),
    };
    let mut keys = KeySet::of(&theirs)?;
    other.scan(&theirs, &mut |batch| keys.add(batch))?;
    let among = if args.is_true("negate") {
        Among::MustNot
    } else {
        Among::Must
    };
    let key = ForeignKey::new(args.columns("columns"), keys)?;
    Ok(key.nulls(null_key(args)).among(among))
}

/// The test of how single values are written.
///
/// Errors: why the arguments do not fit together.
fn spelling(statistic: Statistic, args: &Args) -> std::result::Result<Kernel, String> {
    let column = args.column("column").unwrap_or_default();
    let word = |name: &str| args.text(name).unwrap_or_default().to_owned();
    let text = match statistic {
        Statistic::Format => TextTest::format(column, forms::form(args)?),
        Statistic::ParsesAs => {
            let form = form(&word("kind"), || word("pattern"));
            TextTest::parses_as(column, form).map_err(|e| e.to_string())?
        }
        Statistic::PersonalData | Statistic::Secrets => TextTest::free_of(column, detector(args)),
        Statistic::JsonKeys => TextTest::json_keys(column, forms::json_keys(args)),
        Statistic::JsonSchema => TextTest::json_schema(column, forms::json_schema(args)?),
        _ => {
            let test = NumberTest::new(column, forms::spelling(statistic, args)?);
            return Ok(Kernel::Number(test.nulls(null_key(args))));
        }
    };
    Ok(Kernel::Text(text.nulls(null_key(args))))
}

/// What a null does, as the argument `nulls` says.
fn null_key(args: &Args) -> NullKey {
    match args.text("nulls") {
        Some("fail") => NullKey::Fails,
        _ => NullKey::Ignored,
    }
}

/// The exact number that an expectation is judged by; `None` when it needs none.
///
/// Errors: [`Error::Query`] when its arguments do not fit.
pub(super) fn gauge(planned: &Planned, plan: &DatasetPlan) -> Result<Option<Gauge>> {
    let args = &planned.args;
    let column = args.column("column").unwrap_or_default().to_owned();
    let distinct = || {
        let columns = vec![column.clone()];
        Gauge::Distinct(Unique::new(columns, KeyNulls::Ignore, Count::ExtraRows))
    };
    if let Measure::Statistic(statistic) = planned.check.measure
        && let Some(gauge) = statistics_of_rows::gauge(statistic, args, plan)
    {
        return Ok(Some(gauge));
    }
    Ok(Some(match &planned.check.measure {
        Measure::Profile { measure, .. } if measure == "distinct" => distinct(),
        Measure::Profile { measure, .. } if measure == "most_common_ratio" => {
            let of = match args.text("of") {
                Some("rows") => Denominator::Rows,
                _ => Denominator::NonNull,
            };
            Gauge::MostCommon(MostCommon::new(column, of))
        }
        Measure::Statistic(Statistic::DistinctCount) => distinct(),
        Measure::Statistic(Statistic::Quantile) => {
            Gauge::Quantile(Quantile::new(column, args.number("q").unwrap_or(0.5))?)
        }
        Measure::Statistic(Statistic::DistinctValues) => {
            let values = match args.get("values") {
                Some(Arg::Scalars(values)) => values.clone(),
                _ => Vec::new(),
            };
            let relation = match args.text("mode") {
                Some("superset") => SetRelation::Superset,
                Some("equal") => SetRelation::Equal,
                _ => SetRelation::Subset,
            };
            let privacy = plan.privacy(&column);
            Gauge::Values(ValueSet::new(column, values), relation, privacy)
        }
        _ => return Ok(None),
    }))
}

/// What texts must read as; anything but the known words is a pattern.
fn form(word: &str, pattern: impl FnOnce() -> String) -> Parse {
    match word {
        "integer" => Parse::Integer,
        "number" => Parse::Number,
        "boolean" => Parse::Boolean,
        "date" => Parse::Date,
        "timestamp" => Parse::Timestamp,
        _ => Parse::Pattern(pattern()),
    }
}

fn counting(word: &str) -> Count {
    match word {
        "rows_in_groups" => Count::RowsInGroups,
        "groups" => Count::Groups,
        _ => Count::ExtraRows,
    }
}

/// Decides what schema, files, clock or the row count of another dataset say; leaves every other state alone.
pub(super) fn other(
    planned: &Planned,
    plan: &DatasetPlan,
    dataset: &Dataset,
    others: &BTreeMap<String, Dataset>,
    now: DateTime<Utc>,
    state: &mut State,
) {
    let Measure::Statistic(statistic) = planned.check.measure else {
        return;
    };
    if state.unable.is_some() {
        return;
    }
    if statistic == Statistic::CsvWellformed {
        return well_formed(planned, dataset, state);
    }
    if statistic == Statistic::Partitions {
        return partitions(planned, dataset, state);
    }
    match said(statistic, planned, plan, dataset) {
        Ok(Some(Said::Differences(list))) => return differences(list, state),
        Ok(Some(Said::Counts(counts, detail))) => {
            let counts = counts.into_iter();
            state.values = counts
                .map(|(n, v)| (n.to_owned(), Some(count(v))))
                .collect();
            state.detail = detail;
            return;
        }
        Ok(None) => {}
        Err(error) => {
            state.unable = Some(Unable::Error(error.to_string()));
            return;
        }
    }
    match statistic {
        Statistic::FileFresh => {
            let newest = dataset.files().iter().filter_map(|f| f.modified).max();
            age(newest, now, "no file says when it was changed", state);
        }
        Statistic::DataFresh => {
            let newest = state.value("max").and_then(instant);
            age(newest, now, "the column has no value", state);
        }
        Statistic::Retention => {
            let oldest = state.value("min").and_then(instant);
            age(oldest, now, "the column has no value", state);
            state.detail = state.detail.replacen("newest", "oldest", 1);
        }
        Statistic::FreshBy => fresh_by(planned, now, state),
        Statistic::RowCountMatch => row_count_match(planned, others, state),
        Statistic::SchemaMatch => super::schema_match::state(planned, dataset, others, state),
        Statistic::SchemaStable => match super::stable::differences(&planned.args, dataset) {
            Ok(list) => differences(list, state),
            Err(error) => state.unable = Some(Unable::Error(error.to_string())),
        },
        _ => {}
    }
}

/// Values of a partition that are missing; nothing is said where none is due.
fn partitions(planned: &Planned, dataset: &Dataset, state: &mut State) {
    match super::partitions::missing(planned, dataset) {
        Ok(Some((missing, words))) => {
            state.values = vec![("differences".to_owned(), Some(count(missing)))];
            state.detail = words;
        }
        Ok(None) => {
            let reason = "no partition is due from `from` to `to`";
            state.unable = Some(Unable::Skipped(reason.to_owned()));
        }
        Err(error) => state.unable = Some(Unable::Error(error.to_string())),
    }
}

/// Rows of CSV files that are not well formed, and blank lines where they count.
fn well_formed(planned: &Planned, dataset: &Dataset, state: &mut State) {
    let survey = match dataset.survey() {
        Ok(Some(survey)) => survey,
        Ok(None) => {
            state.unable = Some(Unable::Error("the dataset is no CSV".to_owned()));
            return;
        }
        Err(error) => {
            state.unable = Some(Unable::Error(error.to_string()));
            return;
        }
    };
    let quotes = match planned.args.text("quotes") {
        Some("lenient") => Quotes::Lenient,
        _ => Quotes::Strict,
    };
    let blank = match planned.args.text("blank_lines") {
        Some("fail") => survey.blank,
        _ => 0,
    };
    state.rows = survey.rows + blank;
    state.failing = Some(survey.malformed(quotes) + blank);
    state.detail = survey.words();
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "callers hand over lists that they own"
)]
fn differences(list: Vec<String>, state: &mut State) {
    let count = Scalar::Int(Integer(list.len() as i128));
    state.values = vec![("differences".to_owned(), Some(count))];
    state.detail = if list.is_empty() {
        "no difference".to_owned()
    } else {
        list.join("; ")
    };
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds of an age stay far below 2^53"
)]
fn age(newest: Option<DateTime<Utc>>, now: DateTime<Utc>, none: &str, state: &mut State) {
    match newest {
        None => state.unable = Some(Unable::Error(none.to_owned())),
        Some(newest) => {
            // Not rounded: an age a second beyond the limit is beyond it. A begun second counts.
            let age = now.signed_duration_since(newest).num_milliseconds();
            let seconds = -(-age).div_euclid(1_000);
            let hours = Scalar::Float(seconds as f64 / 3_600.0);
            state.values = vec![("age_hours".to_owned(), Some(hours))];
            state.detail = format!(
                "newest is {}, {}",
                newest.format("%Y-%m-%d %H:%M UTC"),
                ago(seconds)
            );
        }
    }
}

/// By how many days the newest value misses the day that was due.
fn fresh_by(planned: &Planned, now: DateTime<Utc>, state: &mut State) {
    let newest = state.value("max");
    match newest.and_then(|newest| super::due::days(&planned.args, newest, now)) {
        None => state.unable = Some(Unable::Error("the column has no value".to_owned())),
        Some((due, newest)) => {
            let late = due.signed_duration_since(newest).num_days().max(0);
            let late = Scalar::Int(Integer(i128::from(late)));
            state.values = vec![("days_late".to_owned(), Some(late))];
            state.detail = format!("newest is of {newest}, due was {due}");
        }
    }
}

/// An age for people: `5017 d ago`, `61 min ago`, `2 d in the future`; whole units, the rest cut off.
fn ago(seconds: i64) -> String {
    let size = match seconds.unsigned_abs() {
        0..120 => 1,
        120..7_200 => 60,
        7_200..172_800 => 3_600,
        _ => 86_400,
    };
    let when = if seconds < 0 { "in the future" } else { "ago" };
    let whole = (seconds / size * size).saturating_abs();
    format!("{} {when}", duration_text(whole))
}

fn instant(value: &Scalar) -> Option<DateTime<Utc>> {
    match value {
        Scalar::Date(days) => DateTime::from_timestamp(days.checked_mul(86_400)?, 0),
        Scalar::Timestamp { nanos, .. } => {
            DateTime::from_timestamp(i64::try_from(nanos.0.div_euclid(1_000_000_000)).ok()?, 0)
        }
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
fn row_count_match(planned: &Planned, others: &BTreeMap<String, Dataset>, state: &mut State) {
    let Some(other) = planned
        .args
        .text("dataset")
        .and_then(|name| others.get(name))
    else {
        state.unable = Some(Unable::Error("the other dataset is not there".to_owned()));
        return;
    };
    let mut rows = 0u64;
    let counted = other.scan(&[], &mut |batch| {
        rows += batch.num_rows() as u64;
        Ok(())
    });
    if let Err(error) = counted {
        state.unable = Some(Unable::Error(error.to_string()));
        return;
    }
    let ratio = (rows > 0).then(|| state.rows as f64 / rows as f64);
    let bound = |name: &str| planned.args.number(name).unwrap_or(1.0);
    let outside = |r: f64| {
        (bound("min_ratio") - r)
            .max(r - bound("max_ratio"))
            .max(0.0)
    };
    // Steps of 1e-12 keep 99 rows of 100 within a tolerance of 0.01, which floating point would not.
    let deviation = ratio.map(|r| (outside(r) * 1e12).round() / 1e12);
    state.values = vec![
        (
            "other_rows".to_owned(),
            Some(Scalar::Int(Integer(i128::from(rows)))),
        ),
        ("ratio".to_owned(), ratio.map(Scalar::Float)),
        ("deviation".to_owned(), deviation.map(Scalar::Float)),
    ];
}
