//! Curves of a binary model for the page: ROC, precision over recall, calibration.

use crate::model::evaluation::{Evaluation, with_rows};
use crate::model::metric::curves::{self, Point};
use crate::model::metric::{Rows, Undefined};
use crate::model::rows::Side;
use crate::record::{CurveKind, CurveRecord};

/// Bins of the calibration curve.
const BINS: u32 = 10;

/// Each curve that both the rows and the scores allow; none where scores are no chances of a positive class.
#[must_use]
pub fn curves(rows: &Evaluation) -> Vec<CurveRecord> {
    let kinds = [
        CurveKind::Roc,
        CurveKind::PrecisionRecall,
        CurveKind::Calibration,
    ];
    let one = |kind: CurveKind| {
        Some(CurveRecord {
            kind,
            candidate: points(kind, &rows.candidate, rows)?,
            baseline: rows
                .baseline
                .as_ref()
                .and_then(|side| points(kind, side, rows))
                .unwrap_or_default(),
        })
    };
    kinds.into_iter().filter_map(one).collect()
}

fn points(kind: CurveKind, side: &Side, rows: &Evaluation) -> Option<Vec<[f64; 2]>> {
    side.predicted.score.as_ref()?;
    let drawn = with_rows(side, rows.group.as_deref(), |rows| drawn(kind, rows)).ok()?;
    let rounded = |v: f64| (v * 1e4).round() / 1e4;
    Some(drawn.iter().map(|p| [rounded(p.x), rounded(p.y)]).collect())
}

fn drawn(kind: CurveKind, rows: &Rows) -> Result<Vec<Point>, Undefined> {
    match kind {
        CurveKind::Roc => curves::roc(rows),
        CurveKind::PrecisionRecall => curves::precision_recall(rows),
        CurveKind::Calibration => Ok(curves::calibration(rows, BINS)?
            .iter()
            .map(|bin| bin.at)
            .collect()),
    }
}
