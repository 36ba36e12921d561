//! A broken promise or a warning in full.

use super::super::ranking::is_noted;
use super::super::svg;
use super::super::text::{clip, line};
use super::super::words::{allowed, found, place, sign, since};
use super::prose;
use crate::record::{ComparisonKind, FailingRow, Outcome, Run, WAIVERS, Waiver};
use serde::Serialize;

/// Failing rows, and their columns, in a card's table.
const ROWS: usize = 8;
/// As [`ROWS`].
const COLUMNS: usize = 7;
/// Characters of a cell.
const CELL: usize = 80;

/// Numbers that make the charts' ids unique in the page.
#[derive(Default)]
pub(super) struct Ids(usize);

impl Ids {
    pub(super) fn next(&mut self) -> usize {
        self.0 += 1;
        self.0
    }
}

/// One outcome, ready to be laid out.
#[derive(Serialize)]
pub(super) struct Card {
    anchor: String,
    status: &'static str,
    sign: &'static str,
    sentence_html: String,
    id: String,
    found: String,
    allowed: String,
    bar_svg: Option<String>,
    chart_svg: Option<String>,
    drawn: bool,
    subject: &'static str,
    dataset: String,
    place: Option<String>,
    owner: Option<String>,
    tags: String,
    description: Option<String>,
    meaning_html: String,
    explain: Option<String>,
    waiver: Option<String>,
    since: Option<String>,
    samples: Option<Samples>,
}

/// The first paragraph of a text, up to a list in it: the rest is for those who write promises.
fn opening(doc: &str) -> &str {
    let doc = doc.trim();
    let ends = ["\n\n", "\n- "].iter().filter_map(|end| doc.find(end));
    doc[..ends.min().unwrap_or(doc.len())].trim_end()
}

impl Card {
    pub(super) fn of(run: &Run, outcome: &Outcome, anchor: String, ids: &mut Ids) -> Self {
        let doc = run.checks.iter().find(|c| c.id == outcome.check);
        let doc = doc.map_or_else(String::new, |c| format!(" {}", opening(&c.doc)));
        let drift = outcome.is_drift();
        let bar_svg = svg::limit_bar(outcome, ids.next());
        let chart_svg = outcome.comparison.as_ref().map(|c| match c.kind {
            ComparisonKind::Histogram => svg::histogram(c, ids.next()),
            ComparisonKind::Categories => svg::categories(c, ids.next()),
        });
        let (status, sign) = if is_noted(outcome) {
            ("info", "ℹ")
        } else {
            (outcome.status.word(), sign(outcome.status))
        };
        Self {
            anchor,
            status,
            sign,
            sentence_html: prose(&outcome.message, 400),
            id: clip(&line(&outcome.id), 120),
            found: found(outcome),
            allowed: allowed(outcome),
            drawn: bar_svg.is_some() || chart_svg.is_some(),
            bar_svg,
            chart_svg,
            subject: if outcome.is_of_model() {
                "Model"
            } else {
                "Dataset"
            },
            dataset: clip(&line(&outcome.dataset), 80),
            place: place(outcome).map(|p| clip(&p, 200)),
            owner: outcome.owner.as_ref().map(|o| clip(&line(o), 80)),
            tags: clip(&line(&outcome.tags.join(", ")), 120),
            description: outcome.description.as_ref().map(|d| clip(&line(d), 400)),
            meaning_html: prose(&format!("{}{doc}", outcome.summary), 600),
            explain: (!drift && !outcome.is_of_model() && outcome.check != WAIVERS)
                .then(|| format!("tollgate explain {}", line(&outcome.check))),
            waiver: outcome.waiver.as_ref().map(waived),
            since: since(outcome),
            samples: Samples::of(outcome),
        }
    }
}

fn waived(waiver: &Waiver) -> String {
    let begin = if waiver.expired {
        "An exception ended on"
    } else {
        "Accepted until"
    };
    let text = format!(
        "{begin} {}, agreed by {}: {}",
        waiver.until, waiver.owner, waiver.reason
    );
    clip(&line(&text), 400)
}

/// The table of failing rows.
#[derive(Serialize)]
struct Samples {
    columns: Vec<String>,
    rows: Vec<Sample>,
    reasons: bool,
    note: String,
}

/// One of its rows; a cell is absent for null.
#[derive(Serialize)]
struct Sample {
    row: u64,
    cells: Vec<Option<String>>,
    reasons: String,
}

impl Samples {
    fn of(outcome: &Outcome) -> Option<Self> {
        let first = outcome.samples.first()?;
        let columns = first.cells.iter().take(COLUMNS);
        let rows: Vec<Sample> = outcome
            .samples
            .iter()
            .take(ROWS)
            .map(|s| Sample::of(s, &outcome.id))
            .collect();
        let shown = rows.len() as u64;
        let note = match outcome.failing {
            Some(failing) if failing > shown => {
                let failing = super::super::words::counted(failing, "failing row");
                format!("{shown} of {failing}")
            }
            _ => super::super::words::counted(shown, "failing row"),
        };
        let hidden = first.cells.len().saturating_sub(COLUMNS);
        let note = match hidden {
            0 => note,
            n => format!(
                "{note}, {} left out",
                super::super::words::counted(n as u64, "column")
            ),
        };
        Some(Self {
            columns: columns.map(|c| clip(&line(&c.column), CELL)).collect(),
            reasons: rows.iter().any(|r| !r.reasons.is_empty()),
            rows,
            note,
        })
    }
}

impl Sample {
    fn of(row: &FailingRow, id: &str) -> Self {
        let cells = row.cells.iter().take(COLUMNS);
        let others: Vec<&str> = row
            .reasons
            .iter()
            .map(String::as_str)
            .filter(|r| *r != id)
            .collect();
        Self {
            row: row.row,
            cells: cells
                .map(|c| c.value.as_ref().map(|v| clip(&line(v), CELL)))
                .collect(),
            reasons: clip(&line(&others.join(", ")), 160),
        }
    }
}
