//! The times of an endpoint's requests as a small picture: three quantiles, each beside its limit.

use super::svg::{INFALLIBLE, WIDTH, anchored, open};
use super::words::metric_value;
use crate::record::{LatencyRecord, ModelRecord, Run};
use std::fmt::Write as _;

/// Left end of the bars, right of their names; the right end leaves room for the numbers.
const LEFT: f64 = 34.0;
const RIGHT: f64 = WIDTH - 78.0;

/// A quantile with its limit, where there is one. Unit: milliseconds; absent where so many requests failed.
struct Quantile {
    name: &'static str,
    ms: Option<f64>,
    limit: Option<f64>,
}

/// The picture of a model's endpoint; absent where the candidate has none.
pub(super) fn strip(run: &Run, model: &ModelRecord, id: usize) -> Option<String> {
    let found = model.latency.as_ref()?;
    let limit = |name: &str| {
        let wanted = format!("{}.latency({name})", model.name);
        let outcome = run.outcomes.iter().find(|o| o.id == wanted)?;
        outcome.limits.first()?.number
    };
    let of = |name, ms| Quantile {
        name,
        ms,
        limit: limit(name),
    };
    let all = [
        of("p50", found.p50_ms),
        of("p95", found.p95_ms),
        of("p99", found.p99_ms),
    ];
    Some(drawn(found, &all, id))
}

fn drawn(found: &LatencyRecord, all: &[Quantile], id: usize) -> String {
    let numbers = all.iter().flat_map(|q| [q.ms, q.limit]).flatten();
    let most = numbers.fold(f64::MIN_POSITIVE, f64::max);
    let at = |ms: f64| LEFT + (RIGHT - LEFT) * (ms / most).clamp(0.0, 1.0);
    let said = |q: &Quantile| {
        let limit = q.limit.map_or_else(String::new, |limit| {
            format!(", at most {} ms allowed", metric_value(limit))
        });
        format!("{} {}{limit}", q.name, shown(q.ms))
    };
    let words: Vec<String> = all.iter().map(said).collect();
    let described = format!(
        "{} of {} requests failed; {}.",
        found.failed,
        found.requests,
        words.join("; ")
    );
    let mut svg = open(id, 72.0, "Times of requests", &described);
    for (place, quantile) in (0u8..).zip(all) {
        let top = 4.0 + 22.0 * f64::from(place);
        let kept = match (quantile.ms, quantile.limit) {
            (Some(ms), Some(limit)) => ms <= limit,
            (None, Some(_)) => false,
            (_, None) => true,
        };
        let side = if kept { "kept" } else { "over" };
        svg.push_str(&anchored(LEFT - 6.0, top + 11.0, "end", quantile.name));
        let to = quantile.ms.map_or(RIGHT, at);
        write!(
            svg,
            "<rect class=\"track\" x=\"{LEFT}\" y=\"{top}\" width=\"{:.1}\" height=\"14\"/>\
             <rect class=\"now {side}\" x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"8\"/>",
            RIGHT - LEFT,
            top + 3.0,
            (to - LEFT).max(1.0)
        )
        .expect(INFALLIBLE);
        if let Some(limit) = quantile.limit {
            let limit = at(limit);
            write!(
                svg,
                "<path class=\"limit\" d=\"M{limit:.1} {:.1}v18\"/>",
                top - 2.0
            )
            .expect(INFALLIBLE);
        }
        svg.push_str(&anchored(
            RIGHT + 6.0,
            top + 11.0,
            "start",
            &shown(quantile.ms),
        ));
    }
    svg.push_str("</svg>");
    svg
}

fn shown(ms: Option<f64>) -> String {
    ms.map_or_else(
        || "no answer".to_owned(),
        |ms| format!("{} ms", metric_value(ms)),
    )
}

#[cfg(test)]
mod tests {
    use super::{LatencyRecord, Quantile, drawn};

    #[test]
    fn a_bar_beyond_its_limit_and_one_without_an_answer_are_told() {
        let found = LatencyRecord {
            requests: 40,
            failed: 1,
            p50_ms: Some(20.0),
            p95_ms: Some(80.0),
            p99_ms: None,
        };
        let of = |name, ms, limit| Quantile { name, ms, limit };
        let all = [
            of("p50", found.p50_ms, None),
            of("p95", found.p95_ms, Some(40.0)),
            of("p99", found.p99_ms, Some(160.0)),
        ];
        let svg = drawn(&found, &all, 3);
        assert!(svg.contains(
            "1 of 40 requests failed; p50 20 ms; p95 80 ms, at most 40 ms allowed; p99 no answer, at most 160 ms allowed."
        ));
        assert_eq!(svg.matches("now kept").count(), 1);
        assert_eq!(svg.matches("now over").count(), 2);
        // The limit of 160 ms is the end of the axis, that of 40 ms a quarter of it.
        let limits: Vec<f64> = svg
            .split("class=\"limit\" d=\"M")
            .skip(1)
            .map(|rest| rest.split(' ').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(limits, [91.0, 262.0]);
    }
}
