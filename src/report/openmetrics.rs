//! Numbers of a run in the text format of `OpenMetrics`, also read by Prometheus's textfile collector and by GitLab.

use super::ranking::Ranking;
use super::text::{hex, value};
use crate::record::{Outcome, Run, Status};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Outcomes that get series of their own, worst first; each label value costs a series in whoever reads the file.
const OUTCOMES: usize = 500;
/// Datasets and metrics of models that get series.
const OTHERS: usize = 200;
/// Characters of a label's value; a longer one ends in part of its digest, so that two stay two.
const LABEL: usize = 120;

const INFALLIBLE: &str = "writing to a String cannot fail";

/// Renders gauges only, which every reader of either format knows, without timestamps, and the end that `OpenMetrics` wants.
///
/// Series: those of the worst 500 outcomes in contract order, of 200 datasets and of 200 metrics of models over all their
/// rows; slices are left out, because their values are data. `tollgate_left_out` counts what was dropped.
///
/// Source: `OpenMetrics` 1.0, text format: metadata, label escapes, `# EOF`; the exposition format 0.0.4 of Prometheus.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let mut text = Text(String::new());
    about(&mut text, run);
    let chosen = chosen(run);
    outcomes(&mut text, &chosen);
    let datasets = run.datasets.len().min(OTHERS);
    let read = run.datasets[..datasets]
        .iter()
        .filter(|d| run.is_read(&d.name));
    let rows = read.map(|d| {
        #[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
        let rows = d.rows as f64;
        (vec![("dataset", d.name.clone())], rows)
    });
    text.family("tollgate_dataset_rows", "Rows of a dataset.", rows);
    let metrics = metrics(run);
    let left = [
        ("outcomes", run.outcomes.len() - chosen.len()),
        ("datasets", run.datasets.len() - datasets),
        ("metrics", metrics.len().saturating_sub(OTHERS)),
    ];
    let metrics = metrics.into_iter().take(OTHERS);
    text.family(
        "tollgate_metric_value",
        "Metric of a model over all rows.",
        metrics,
    );
    let left = left.map(|(kind, n)| (vec![("kind", kind.to_owned())], count(n)));
    text.family(
        "tollgate_left_out",
        "What has no series, because there is more than is written.",
        left.into_iter(),
    );
    text.0 + "# EOF\n"
}

/// Labels in order, and a number.
type Series = (Vec<(&'static str, String)>, f64);

fn about(text: &mut Text, run: &Run) {
    let info = vec![
        ("version", run.provenance.tollgate.clone()),
        ("config", run.provenance.config.clone()),
    ];
    text.family(
        "tollgate_build_info",
        "Program and configuration; always 1.",
        [(info, 1.0)].into_iter(),
    );
    let all = [
        Status::Pass,
        Status::Warn,
        Status::Skipped,
        Status::Inconclusive,
        Status::Fail,
        Status::Error,
    ];
    let verdict = all.map(|status| {
        let is = f64::from(u8::from(status == run.verdict.status));
        (vec![("status", status.word().to_owned())], is)
    });
    text.family(
        "tollgate_verdict",
        "1 for the verdict of the run, 0 for the others.",
        verdict.into_iter(),
    );
    let code = f64::from(run.verdict.exit_code);
    text.family(
        "tollgate_exit_code",
        "Exit code of the run.",
        [(Vec::new(), code)].into_iter(),
    );
    let clock = chrono::DateTime::parse_from_rfc3339(&run.provenance.now);
    let clock = clock.map(|c| {
        #[expect(clippy::cast_precision_loss, reason = "seconds stay far below 2^53")]
        let seconds = c.timestamp() as f64;
        (Vec::new(), seconds)
    });
    text.family(
        "tollgate_last_run_timestamp_seconds",
        "Clock of the run, in seconds since 1970.",
        clock.into_iter(),
    );
    let counts = &run.verdict.counts;
    let counts = [
        (Status::Pass, counts.pass),
        (Status::Waived, counts.waived),
        (Status::Warn, counts.warn),
        (Status::Skipped, counts.skipped),
        (Status::Inconclusive, counts.inconclusive),
        (Status::Fail, counts.fail),
        (Status::Error, counts.error),
    ];
    let counts = counts.map(|(status, n)| (vec![("status", status.word().to_owned())], count(n)));
    text.family(
        "tollgate_outcomes",
        "Outcomes of the run by status.",
        counts.into_iter(),
    );
}

/// The worst outcomes, in contract order.
fn chosen(run: &Run) -> Vec<&Outcome> {
    let ranking = Ranking::of(run);
    let mut worst = ranking.broken.clone();
    worst.extend(super::ranking::flat(&ranking.unable));
    worst.extend(super::ranking::flat(&ranking.undecided));
    worst.extend(&ranking.warned);
    worst.extend(&ranking.waived);
    worst.extend(&ranking.noted);
    worst.extend(super::ranking::flat(&ranking.skipped));
    worst.extend(&ranking.kept);
    let ids: BTreeSet<&str> = worst.iter().take(OUTCOMES).map(|o| o.id.as_str()).collect();
    let mut shown: Vec<&Outcome> = Vec::new();
    let mut seen = BTreeSet::new();
    for outcome in &run.outcomes {
        let id = outcome.id.as_str();
        if ids.contains(id) && seen.insert(id) {
            shown.push(outcome);
        }
    }
    shown
}

fn outcomes(text: &mut Text, chosen: &[&Outcome]) {
    let kept = chosen.iter().map(|o| {
        let kept = matches!(o.status, Status::Pass | Status::Warn | Status::Waived);
        (labels(o), f64::from(u8::from(kept)))
    });
    text.family(
        "tollgate_check_status",
        "1 where the gate lets an outcome through, 0 where it is broken, unknown or skipped.",
        kept,
    );
    #[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
    let number = |o: &&Outcome, n: Option<u64>| Some((labels(o), n? as f64));
    text.family(
        "tollgate_check_failing_rows",
        "Rows that break a promise.",
        chosen.iter().filter_map(|o| number(o, o.failing)),
    );
    text.family(
        "tollgate_check_rows",
        "Rows that a promise was checked on.",
        chosen.iter().filter_map(|o| number(o, o.rows)),
    );
    let measured = chosen.iter().flat_map(|o| {
        // What two measurements call alike would be one series twice.
        let named: BTreeMap<&str, f64> = o
            .measured
            .iter()
            .rev()
            .filter_map(|m| Some((m.name.as_str(), m.number.filter(|n| n.is_finite())?)))
            .collect();
        named.into_iter().map(|(name, number)| {
            let mut labels = labels(o);
            labels.push(("measure", name.to_owned()));
            (labels, number)
        })
    });
    text.family(
        "tollgate_check_measured",
        "Number that a promise was judged by.",
        measured,
    );
}

fn labels(outcome: &Outcome) -> Vec<(&'static str, String)> {
    vec![
        ("dataset", outcome.dataset.clone()),
        ("check", outcome.check.clone()),
        ("column", outcome.column.clone().unwrap_or_default()),
        ("id", outcome.id.clone()),
    ]
}

/// Metrics over all rows; those of slices would need values of the data as labels.
fn metrics(run: &Run) -> Vec<Series> {
    let each = run.models.iter().flat_map(|model| {
        let whole = model.metrics.iter().filter(|m| m.slice.is_none());
        whole.flat_map(|metric| {
            let sides = [
                ("candidate", metric.candidate.map(|c| c.value)),
                ("baseline", metric.baseline),
            ];
            sides.into_iter().filter_map(|(side, number)| {
                let labels = vec![
                    ("model", model.name.clone()),
                    ("metric", metric.name.clone()),
                    ("side", side.to_owned()),
                ];
                Some((labels, number.filter(|n| n.is_finite())?))
            })
        })
    });
    each.collect()
}

fn count(n: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let n = n as f64;
    n
}

/// The exposition as it grows.
struct Text(String);

impl Text {
    /// A family of gauges; nothing where it has no series.
    fn family(&mut self, name: &str, help: &str, series: impl Iterator<Item = Series>) {
        let mut series = series.peekable();
        if series.peek().is_none() {
            return;
        }
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge").expect(INFALLIBLE);
        for (labels, number) in series {
            let labels: Vec<String> = labels
                .iter()
                .map(|(name, text)| format!("{name}=\"{}\"", label(text)))
                .collect();
            let labels = match &labels[..] {
                [] => String::new(),
                all => format!("{{{}}}", all.join(",")),
            };
            let number = crate::scalar::number_text(number);
            writeln!(self.0, "{name}{labels} {number}").expect(INFALLIBLE);
        }
    }
}

/// A label's value: nothing hidden in it, no command, at most [`LABEL`] characters, escaped.
fn label(text: &str) -> String {
    let safe = value(text, usize::MAX);
    let safe = if safe.chars().count() > LABEL {
        let kept: String = safe.chars().take(LABEL - 9).collect();
        let digest = hex(&Sha256::digest(text.as_bytes()));
        format!("{kept}~{}", &digest[..8])
    } else {
        safe
    };
    safe.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::{LABEL, label};

    #[test]
    fn long_labels_stay_two() {
        let (a, b) = ("x".repeat(300) + "a", "x".repeat(300) + "b");
        assert_ne!(label(&a), label(&b));
        assert_eq!(label(&a).chars().count(), LABEL);
        assert_eq!(label("a\"b\\c\n"), "a\\\"b\\\\c\\\\u{a}");
    }
}
