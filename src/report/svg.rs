//! Small inline charts: no script, colours from the page's variables, a title and a description for screen readers.
//!
//! Every chart is drawn in a box 340 units wide, so that its letters stay readable at 390 pixels. Colour is never
//! the only sign: limits carry words, the reference has a line around it where now is a surface.

use super::text::{html, line, short};
use super::words::{bound, counted, measured_text, measurement, metric_value, operator, percent};
use crate::record::{Comparison, CurveKind, CurveRecord, MetricRecord, Outcome, Threshold};
use std::fmt::Write as _;

/// Width of every picture; its unit is the picture's own.
pub(super) const WIDTH: f64 = 340.0;
/// Categories drawn at most; the rest is added up.
const CATEGORIES: usize = 8;

/// The measured value on an axis, the allowed part of the axis shaded, each limit a line with its words.
///
/// Absent where a number is missing, so that there is nothing to draw.
pub(super) fn limit_bar(outcome: &Outcome, id: usize) -> Option<String> {
    let first = outcome.limits.iter().find(|l| l.number.is_some())?;
    let measured = measurement(outcome, first)?;
    let value = measured.number?;
    let limits: Vec<(&Threshold, f64)> = outcome
        .limits
        .iter()
        .filter(|l| l.name == first.name)
        .filter_map(|l| Some((l, l.number?)))
        .collect();
    let axis = Axis::of(outcome, value, &limits)?;
    let shown = measured_text(measured);
    let held = outcome.limits.iter().all(|l| l.held);
    let (low, high) = allowed_range(&limits);
    let (from, to) = (axis.at(low.max(axis.low)), axis.at(high.min(axis.high)));
    let words: Vec<String> = limits
        .iter()
        .map(|(l, _)| format!("{} {}", operator(&l.op), bound(outcome, l)))
        .collect();
    let mut svg = open(
        id,
        62.0,
        "Measured against limit",
        &format!("Measured {shown}; allowed {}.", words.join(" and ")),
    );
    write!(
        svg,
        "<rect class=\"track\" x=\"0\" y=\"24\" width=\"340\" height=\"14\"/>\
         <rect class=\"room\" x=\"{from:.1}\" y=\"24\" width=\"{:.1}\" height=\"14\"/>",
        (to - from).max(0.0)
    )
    .expect(INFALLIBLE);
    let at = axis.at(value);
    let side = if held { "kept" } else { "over" };
    if axis.low == 0.0 && limits.len() == 1 {
        write!(
            svg,
            "<rect class=\"now {side}\" x=\"0\" y=\"28\" width=\"{at:.1}\" height=\"6\"/>"
        )
        .expect(INFALLIBLE);
    }
    write!(
        svg,
        "<path class=\"now {side}\" d=\"M{at:.1} 22l5 9l-5 9l-5 -9z\"/>{}",
        label(at, 14.0, "strong", &shown)
    )
    .expect(INFALLIBLE);
    svg.push_str(&limit_marks(outcome, &axis, &limits, &words));
    svg.push_str("</svg>");
    Some(svg)
}

/// A line at each limit with its words below, and the axis' end where the limit is 0.
///
/// Two limits have their words outside of the allowed range, or together where the lines stand too close.
fn limit_marks(
    outcome: &Outcome,
    axis: &Axis,
    limits: &[(&Threshold, f64)],
    words: &[String],
) -> String {
    const Y: f64 = 57.0;
    let places: Vec<f64> = limits.iter().map(|l| axis.at(l.1)).collect();
    let mut svg = String::new();
    for at in &places {
        write!(svg, "<path class=\"limit\" d=\"M{at:.1} 18V44\"/>").expect(INFALLIBLE);
    }
    match (&places[..], words) {
        ([low, high], [least, most]) if low <= high && *low >= 80.0 && *high <= 260.0 => {
            svg.push_str(&anchored(low + 2.0, Y, "end", least));
            svg.push_str(&anchored(high - 2.0, Y, "start", most));
        }
        ([], _) => {}
        (places, words) => {
            let middle = places.iter().sum::<f64>() / places.len() as f64;
            svg.push_str(&label(middle, Y, "", &words.join(" and ")));
        }
    }
    if let [(_, 0.0)] = limits {
        let whole = match outcome.rows {
            Some(rows) => counted(rows, "row"),
            None => percent(axis.high),
        };
        svg.push_str(&anchored(WIDTH, Y, "end", &format!("all: {whole}")));
    }
    svg
}

/// Width of a letter at most, on average over a label. Unit: that of the picture.
const LETTER: f64 = 6.4;

/// Reference as a lightly filled step line over now as filled bars.
pub(super) fn histogram(comparison: &Comparison, id: usize) -> String {
    const TOP: f64 = 16.0;
    const FLOOR: f64 = 116.0;
    let bins = comparison
        .current
        .len()
        .min(comparison.reference.len())
        .min(40);
    let peak = comparison.current[..bins]
        .iter()
        .chain(&comparison.reference[..bins])
        .copied()
        .filter(|v| v.is_finite())
        .fold(1e-9, f64::max);
    let step = WIDTH / bins.max(1) as f64;
    let y = |share: f64| FLOOR - (FLOOR - TOP) * (share / peak).clamp(0.0, 1.0);
    let mut svg = open(
        id,
        134.0,
        "Shares of rows, reference and now",
        &differences(comparison),
    );
    svg.push_str(&anchored(0.0, 10.0, "start", &percent(peak)));
    let (mut bars, mut steps) = (String::new(), format!("M0 {FLOOR}"));
    let pairs = comparison.current.iter().zip(&comparison.reference);
    for (i, (now, was)) in pairs.take(bins).enumerate() {
        let left = step * i as f64;
        let width = (step - 1.0).max(0.5);
        write!(
            bars,
            "M{:.1} {FLOOR}V{:.1}h{width:.1}V{FLOOR}z",
            left + 0.5,
            y(*now)
        )
        .expect(INFALLIBLE);
        write!(steps, "V{:.1}H{:.1}", y(*was), left + step).expect(INFALLIBLE);
    }
    write!(
        svg,
        "<path class=\"new\" d=\"{bars}\"/><path class=\"old\" d=\"{steps}V{FLOOR}\"/>\
         <path class=\"axis\" d=\"M0 {FLOOR}H340\"/>"
    )
    .expect(INFALLIBLE);
    let every = bins.div_ceil(5).max(1);
    for i in (0..bins).step_by(every) {
        let (left, text) = (step * i as f64, comparison.labels.get(i));
        let text = short(&line(text.map_or("", String::as_str)), 10);
        // A label that would leave the picture is left out.
        if i == 0 || left + LETTER * text.chars().count() as f64 <= WIDTH {
            svg.push_str(&anchored(left, 130.0, "start", &text));
        }
    }
    svg.push_str("</svg>");
    svg
}

/// One pair of bars for each category that differs most; the rest added up.
pub(super) fn categories(comparison: &Comparison, id: usize) -> String {
    const ROW: f64 = 30.0;
    let rows = most_different(comparison);
    let peak = rows.iter().map(|r| r.1.max(r.2)).fold(1e-9, f64::max);
    let mut svg = open(
        id,
        rows.len() as f64 * ROW + 2.0,
        "Shares of rows, reference and now",
        &differences(comparison),
    );
    for (i, (name, was, now)) in rows.iter().enumerate() {
        let top = ROW * i as f64;
        svg.push_str(&anchored(104.0, top + 17.0, "end", &short(&line(name), 15)));
        for (share, offset, class) in [(was, 2.0, "old"), (now, 14.0, "new")] {
            let width = (180.0 * share / peak).clamp(0.0, 180.0);
            write!(
                svg,
                "<rect class=\"{class}\" x=\"110.5\" y=\"{:.1}\" width=\"{width:.1}\" height=\"10\"/>",
                top + offset + 0.5
            )
            .expect(INFALLIBLE);
            svg.push_str(&anchored(
                114.0 + width,
                top + offset + 9.0,
                "start",
                &percent(*share),
            ));
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A column's histogram as one path, 120 by 24 units; empty for an empty histogram.
pub(super) fn spark(counts: &[u64], name: &str) -> String {
    let Some(peak) = counts.iter().copied().max().filter(|p| *p > 0) else {
        return String::new();
    };
    let step = 120.0 / counts.len() as f64;
    let mut path = String::from("M0 24");
    for (i, count) in counts.iter().enumerate() {
        let top = 24.0 - 23.0 * (*count as f64 / peak as f64);
        write!(path, "V{top:.1}H{:.1}", step * (i + 1) as f64).expect(INFALLIBLE);
    }
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 120 24\" role=\"img\" aria-label=\"{}\"><path class=\"new\" d=\"{path}V24z\"/></svg>",
        html(&format!("Histogram of {}", short(&line(name), 60)))
    )
}

/// A curve of both sides over a square: the candidate as a line, the baseline as a broken one, chance or a perfect
/// calibration as the diagonal.
pub(super) fn curve(record: &CurveRecord, id: usize) -> String {
    const LEFT: f64 = 34.0;
    const SIDE: f64 = 200.0;
    const TOP: f64 = 16.0;
    let (title, across, up) = match record.kind {
        CurveKind::Roc => ("ROC", "false positive rate", "true positive rate"),
        CurveKind::PrecisionRecall => ("Precision and recall", "recall", "precision"),
        CurveKind::Calibration => ("Calibration", "mean score", "share that is positive"),
    };
    let line = |points: &[[f64; 2]]| {
        let mut path = String::new();
        for (place, [x, y]) in points.iter().enumerate() {
            let (x, y) = (
                LEFT + SIDE * x.clamp(0.0, 1.0),
                TOP + SIDE * (1.0 - y.clamp(0.0, 1.0)),
            );
            write!(path, "{}{x:.1} {y:.1}", if place == 0 { "M" } else { "L" }).expect(INFALLIBLE);
        }
        path
    };
    let described = format!(
        "{up} over {across}: {} points of the candidate, {} of the baseline.",
        record.candidate.len(),
        record.baseline.len()
    );
    let mut svg = open(id, TOP + SIDE + 32.0, title, &described);
    let floor = TOP + SIDE;
    let right = LEFT + SIDE;
    write!(
        svg,
        "<path class=\"axis\" d=\"M{LEFT} {TOP}V{floor}H{right}\"/>"
    )
    .expect(INFALLIBLE);
    if record.kind != CurveKind::PrecisionRecall {
        write!(
            svg,
            "<path class=\"axis dotted\" d=\"M{LEFT} {floor}L{right} {TOP}\"/>"
        )
        .expect(INFALLIBLE);
    }
    write!(
        svg,
        "<path class=\"before\" d=\"{}\"/><path class=\"after\" d=\"{}\"/>",
        line(&record.baseline),
        line(&record.candidate)
    )
    .expect(INFALLIBLE);
    svg.push_str(&anchored(LEFT - 4.0, TOP + 8.0, "end", "1"));
    svg.push_str(&anchored(LEFT - 4.0, floor, "end", "0"));
    svg.push_str(&anchored(right, floor + 12.0, "end", "1"));
    svg.push_str(&anchored(LEFT, floor + 26.0, "start", across));
    svg.push_str(&anchored(LEFT - 4.0, TOP - 3.0, "start", up));
    svg.push_str("</svg>");
    svg
}

/// The gain of a metric with its bounds, the allowed loss shaded; worse is left, better is right.
///
/// Absent where no difference is known. The axis holds the interval, no difference and twice the margin.
pub(super) fn forest(record: &MetricRecord, id: usize) -> Option<String> {
    const MIDDLE: f64 = 14.0;
    let gain = record.gain?;
    let (low, high) = (
        gain.low.unwrap_or(gain.value),
        gain.high.unwrap_or(gain.value),
    );
    let margin = record.margin.unwrap_or(0.0);
    let reach = [low.abs(), high.abs(), 2.0 * margin]
        .into_iter()
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    let axis = Axis {
        low: -reach.max(f64::MIN_POSITIVE),
        high: reach.max(f64::MIN_POSITIVE),
    };
    let at = |v: f64| axis.at(v.clamp(axis.low, axis.high));
    let side = if low > -margin {
        "kept"
    } else if high < 0.0 {
        "over"
    } else {
        "open"
    };
    let described = format!(
        "Better by {}, between {} and {}; a loss of {} is allowed.",
        metric_value(gain.value),
        metric_value(low),
        metric_value(high),
        metric_value(margin)
    );
    let mut svg = open(id, 28.0, "Difference from the baseline", &described);
    let (zero, edge) = (at(0.0), at(-margin));
    write!(
        svg,
        "<rect class=\"track\" x=\"0\" y=\"9\" width=\"340\" height=\"10\"/>\
         <rect class=\"room\" x=\"{edge:.1}\" y=\"9\" width=\"{:.1}\" height=\"10\"/>\
         <path class=\"limit\" d=\"M{zero:.1} 4V24\"/>\
         <rect class=\"now {side}\" x=\"{:.1}\" y=\"12.5\" width=\"{:.1}\" height=\"3\"/>\
         <path class=\"now {side}\" d=\"M{:.1} 7l6 {}l-6 {}l-6 -7z\"/></svg>",
        WIDTH - edge,
        at(low),
        (at(high) - at(low)).max(1.0),
        at(gain.value),
        MIDDLE - 7.0,
        MIDDLE - 7.0
    )
    .expect(INFALLIBLE);
    Some(svg)
}

pub(super) const INFALLIBLE: &str = "writing to a String cannot fail";

/// A linear axis over the chart's width.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// The axis on which a value and its limits can be compared; absent when there is nothing to compare.
    ///
    /// Against a limit of 0 every count looks the same, so the axis ends at all rows, or at 1 for a ratio. Against one
    /// other limit it begins at 0. Otherwise it lies around all numbers.
    fn of(outcome: &Outcome, value: f64, limits: &[(&Threshold, f64)]) -> Option<Self> {
        let all = || limits.iter().map(|l| l.1).chain([value]);
        let least = all().fold(f64::INFINITY, f64::min);
        let most = all().fold(f64::NEG_INFINITY, f64::max);
        if let [(limit, 0.0)] = limits
            && value >= 0.0
        {
            let whole = match (limit.name.as_str(), outcome.rows) {
                ("failing", Some(rows)) => rows as f64,
                (name, _) if name.ends_with("_ratio") => 1.0,
                _ => return None,
            };
            return (whole > 0.0).then_some(Self {
                low: 0.0,
                high: whole.max(value),
            });
        }
        let (low, high) = if least >= 0.0 && limits.len() == 1 {
            (0.0, most * 1.15)
        } else {
            let pad = (most - least) * 0.25;
            (least - pad, most + pad)
        };
        (high > low && high.is_finite() && low.is_finite()).then_some(Self { low, high })
    }

    fn at(&self, value: f64) -> f64 {
        WIDTH * (value - self.low) / (self.high - self.low)
    }
}

/// The numbers that every limit allows; `!=` allows all, an empty range is kept as written.
fn allowed_range(limits: &[(&Threshold, f64)]) -> (f64, f64) {
    let mut range = (f64::NEG_INFINITY, f64::INFINITY);
    for (limit, value) in limits {
        match limit.op.as_str() {
            "<" | "<=" => range.1 = range.1.min(*value),
            ">" | ">=" => range.0 = range.0.max(*value),
            "==" => range = (*value, *value),
            _ => {}
        }
    }
    range
}

/// The categories of a comparison with the largest difference, largest first; a last row adds up the others.
fn most_different(comparison: &Comparison) -> Vec<(String, f64, f64)> {
    let pairs = comparison
        .labels
        .iter()
        .zip(comparison.reference.iter().zip(&comparison.current));
    let all: Vec<(usize, &String, f64, f64)> = pairs
        .enumerate()
        .map(|(i, (label, (was, now)))| (i, label, *was, *now))
        .filter(|(.., was, now)| was.is_finite() && now.is_finite())
        .collect();
    let mut shown = all.clone();
    shown.sort_by(|a, b| (b.3 - b.2).abs().total_cmp(&(a.3 - a.2).abs()));
    shown.truncate(CATEGORIES);
    let rest: Vec<_> = all
        .iter()
        .filter(|r| !shown.iter().any(|s| s.0 == r.0))
        .collect();
    let mut rows: Vec<(String, f64, f64)> = shown.iter().map(|r| (r.1.clone(), r.2, r.3)).collect();
    if !rest.is_empty() {
        let sum = |f: fn(&&(usize, &String, f64, f64)) -> f64| rest.iter().map(f).sum::<f64>();
        rows.push((format!("{} others", rest.len()), sum(|r| r.2), sum(|r| r.3)));
    }
    rows
}

/// The three largest differences in words.
fn differences(comparison: &Comparison) -> String {
    let mut rows: Vec<_> = comparison
        .labels
        .iter()
        .zip(comparison.reference.iter().zip(&comparison.current))
        .filter(|(_, (was, now))| was.is_finite() && now.is_finite())
        .collect();
    rows.sort_by(|(_, a), (_, b)| (b.1 - b.0).abs().total_cmp(&(a.1 - a.0).abs()));
    let shown = rows.iter().take(3).map(|(label, (was, now))| {
        format!(
            "{}: {} in the reference, {} now",
            short(&line(label), 40),
            percent(**was),
            percent(**now)
        )
    });
    let shown = shown.collect::<Vec<_>>().join("; ");
    format!("Largest differences: {shown}.")
}

/// Begins a picture of that height with its title and description.
pub(super) fn open(id: usize, height: f64, title: &str, description: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 340 {height}\" role=\"img\" aria-labelledby=\"t{id} d{id}\"><title id=\"t{id}\">{}</title><desc id=\"d{id}\">{}</desc>",
        html(title),
        html(description)
    )
}

/// Text centred on `x`, or against the edge where it would leave the box.
fn label(x: f64, y: f64, class: &str, text: &str) -> String {
    let half = text.chars().count() as f64 * 3.4;
    let (x, anchor) = if x < half {
        (0.0, "start")
    } else if x > WIDTH - half {
        (WIDTH, "end")
    } else {
        (x, "middle")
    };
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(" class=\"{class}\"")
    };
    format!(
        "<text{class} x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        html(text)
    )
}

/// Text that starts or ends at `x`.
pub(super) fn anchored(x: f64, y: f64, anchor: &str, text: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        html(text)
    )
}
