//! What changed, by how much, how sure: sentences for people who do not know the statistics.

use super::Gate;
use crate::config::Role;
use crate::drift::sample::{Change, Drift, End, Label, Moved, Origin, Which, hash};
use crate::scalar::number_text;
use crate::statistics::intervals::{Interval, Share};
use std::collections::HashMap;

/// Values named at most.
pub(super) const NAMED: usize = 5;

impl Gate<'_> {
    /// The sentences of one change.
    pub(super) fn sentence(&self, drift: &Drift, (floor_name, floor): (&str, f64)) -> String {
        let what = match &drift.change {
            Change::Repeated(before, now) => format!(
                "Rows occur more than once: {} then, {} now ({})",
                percent(before.value()),
                percent(now.value()),
                points(drift.effect.interval, now.value() - before.value())
            ),
            Change::Correlation(pairs) => self.correlation(pairs, drift.effect.interval),
            change => self.of_column(drift, change),
        };
        let small = if drift.effect.interval.low > floor {
            String::new()
        } else {
            format!(
                " Too small to block: it may be below the floor of {} (`{floor_name}`).",
                if matches!(drift.change, Change::Correlation(_)) {
                    number_text(floor)
                } else {
                    percent(floor)
                }
            )
        };
        let place = self.place(drift);
        format!("{what}{place}. {}{small}", chance(drift.adjusted))
    }

    fn of_column(&self, drift: &Drift, change: &Change) -> String {
        let Some(origin) = drift.origin else {
            return String::new();
        };
        if let Some(text) = self.of_moments(drift, change) {
            return text;
        }
        let name = self.name(origin.column());
        let open = self.is_open(name);
        let role = self.plan.role(name);
        let subject = subject(name, origin, role);
        if let (Role::Label, Some(share)) = (role, self.share_of_label(drift, origin)) {
            return share;
        }
        let interval = drift.effect.interval;
        match change {
            Change::Missing(before, now) => missing(&subject, *before, *now, interval),
            Change::Distribution { swapped, .. } => {
                let with = swapped.map_or_else(String::new, |o| {
                    format!(", as if swapped with `{}`", self.name(o.column()))
                });
                moved(&subject, change, interval, open) + &with
            }
            Change::Value { label, shares, cut } => {
                let value = self.named(origin, *label, open);
                let why = stuck(*cut, *shares);
                format!(
                    "{subject} is {value} in {}{why}",
                    then_now(*shares, interval)
                )
            }
            Change::Mix(Some((label, before, now))) => {
                let value = self.named(origin, *label, open);
                let shares = then_now((*before, *now), interval);
                format!("{subject} has another mix of values: {value} in {shares}")
            }
            Change::Mix(None) => format!("{subject} has another mix of values"),
            Change::Unseen {
                side,
                values,
                share,
            } => self.unseen((origin, &subject, open), *side, values, *share),
            Change::Recoded { renamed, rest } => {
                let besides = rest.as_ref().map(|rest| self.of_column(drift, rest));
                let besides = besides.map_or_else(String::new, |text| format!("; besides, {text}"));
                let renamed = self.renamed(origin, renamed, open);
                format!("{subject}: {renamed}{besides}")
            }
            Change::Range { .. } => range(&subject, change, open),
            Change::Fit => no_fit(&subject, interval),
            Change::Repeated(..) | Change::Correlation(_) => String::new(),
        }
    }

    /// `The share of late = true went from 21 % to 26 %`: where one value of a label is what changed.
    fn share_of_label(&self, drift: &Drift, origin: Origin) -> Option<String> {
        let name = self.name(origin.column());
        let (label, before, now) = match &drift.change {
            Change::Value { label, shares, .. } => (*label, shares.0, shares.1),
            Change::Mix(Some((label, before, now))) => (*label, *before, *now),
            _ => return None,
        };
        let value = match self.named(origin, label, self.is_open(name)) {
            hidden if hidden == "one value" => format!("one value of the label `{name}`"),
            value => format!("the label `{name}` = {}", value.trim_matches('"')),
        };
        Some(format!(
            "The share of {value} went from {} to {} ({})",
            percent(before.value()),
            percent(now.value()),
            points(drift.effect.interval, now.value() - before.value())
        ))
    }

    fn unseen(
        &self,
        (origin, subject, open): (Origin, &str, bool),
        side: Which,
        values: &[(Label, u32)],
        share: Share,
    ) -> String {
        let names: Vec<String> = values
            .iter()
            .map(|(label, _)| self.named(origin, *label, true))
            .collect();
        let what = match (
            names.len(),
            open && names.iter().all(|n| n.starts_with('"')),
        ) {
            (1, false) => "one value".to_owned(),
            (n, false) => format!("{n} values"),
            (n, true) if n > NAMED => {
                format!("{} and {} more", names[..NAMED].join(", "), n - NAMED)
            }
            (_, true) => names.join(", "),
        };
        match side {
            Which::Now => format!(
                "{subject} has values that the reference does not have: {what}, in {} of its {} rows ({})",
                grouped(share.hits),
                grouped(share.rows),
                percent(share.value())
            ),
            Which::Before => format!(
                "{subject} no longer has {what}, which {} of the {} rows of the reference had ({})",
                grouped(share.hits),
                grouped(share.rows),
                percent(share.value())
            ),
        }
    }

    /// A value as it may be shown.
    pub(super) fn named(&self, origin: Origin, label: Label, open: bool) -> String {
        match label {
            _ if !open => "one value".to_owned(),
            Label::Number(v) => plain(v),
            Label::Between(low, high) => format!("from {} to {}", plain(low), plain(high)),
            Label::Unlisted => "another text".to_owned(),
            Label::Text(code) => self
                .text(origin.column(), code)
                .map_or_else(|| "one value".to_owned(), |t| format!("\"{t}\"")),
        }
    }

    /// The text with a code, among those that the profiles list.
    fn text(&self, column: usize, code: u64) -> Option<String> {
        let name = self.name(column);
        let profiles = [self.profiles.0, self.profiles.1];
        let seen = profiles
            .iter()
            .filter_map(|p| p.column(name)?.values_seen())
            .flatten();
        let by_code: HashMap<u64, String> =
            seen.map(|(text, _)| (hash::text(&text), text)).collect();
        by_code.get(&code).cloned()
    }

    /// `interval` is that of the pair that surely changed most.
    fn correlation(&self, pairs: &[Pair], interval: Interval) -> String {
        let round = |r: f64| number_text((r * 100.0).round() / 100.0);
        let name = |scored: usize| format!("`{}`", self.name(self.origins[scored].column()));
        let each = pairs.iter().take(3).map(|((a, b), before, now)| {
            format!(
                "{} with {} ({} then, {} now)",
                name(*a),
                name(*b),
                round(*before),
                round(*now)
            )
        });
        let each: Vec<String> = each.collect();
        let more = match pairs.len().saturating_sub(each.len()) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        // Values that were stuck or left out go together less with all others, and still belong to their rows.
        let is_itself = |c: usize| !self.changed.contains(&self.origins[c]);
        let why = match (pairs, shared(pairs)) {
            (_, _) if !weaker(pairs) || interval.low <= 0.0 => String::new(),
            (_, Some(c)) if is_itself(c) => format!(
                ": {} no longer belongs to its rows{}, as if it had been joined to the wrong ones",
                name(c),
                part(pairs)
            ),
            ([((a, b), ..)], None) if is_itself(*a) && is_itself(*b) => format!(
                ": as if {} or {} no longer belonged to its rows{}",
                name(*a),
                name(*b),
                part(pairs)
            ),
            _ => String::new(),
        };
        format!(
            "Columns go together differently: rank correlation of {}{more}{why}",
            each.join(", ")
        )
    }
}

type Pair = ((usize, usize), f64, f64);

/// The only column that all of several pairs share.
fn shared(pairs: &[Pair]) -> Option<usize> {
    let in_all = |c: &usize| pairs.iter().all(|((a, b), ..)| a == c || b == c);
    let ((a, b), ..) = pairs.first().filter(|_| pairs.len() > 1)?;
    [*a, *b].into_iter().find(in_all)
}

/// Whether all correlations are nearer to none, and none turned round.
fn weaker(pairs: &[Pair]) -> bool {
    let is = |(_, before, now): &Pair| {
        now.abs() < before.abs() && (now * before > 0.0 || now.abs() < 0.2)
    };
    pairs.iter().all(is)
}

/// `, in about 40 % of them`: correlations shrink by the share of rows that were mixed up. Nothing for nearly all.
fn part(pairs: &[Pair]) -> String {
    let mut lost: Vec<f64> = pairs
        .iter()
        .map(|(_, before, now)| 1.0 - now / before)
        .collect();
    lost.sort_by(f64::total_cmp);
    let share = (lost[lost.len() / 2] * 20.0).round() / 20.0;
    if share < 0.9 {
        format!(", in about {} of them", percent(share.max(0.05)))
    } else {
        String::new()
    }
}

fn missing(subject: &str, before: Share, now: Share, interval: Interval) -> String {
    format!(
        "{subject} {} missing values: {} then, {} now ({})",
        if now.value() > before.value() {
            "has more"
        } else {
            "has fewer"
        },
        percent(before.value()),
        percent(now.value()),
        points(interval, now.value() - before.value())
    )
}

fn moved(subject: &str, change: &Change, interval: Interval, open: bool) -> String {
    let Change::Distribution {
        moved,
        quartiles,
        shift,
        factor,
        ..
    } = change
    else {
        return String::new();
    };
    let least = match interval.low {
        low if low > 0.0 => format!("; at least {} of its values lie elsewhere", percent(low)),
        _ => String::new(),
    };
    let unit = factor.map_or_else(String::new, unit);
    format!(
        "{subject} {}{unit}{least}",
        distribution(*moved, quartiles, *shift, open)
    )
}

/// What a sentence about a column begins with.
fn subject(name: &str, origin: Origin, role: Role) -> String {
    match (origin, role) {
        (Origin::Lengths(_), _) => format!("The length of `{name}`"),
        (_, Role::Score) => format!("The model's own score `{name}`"),
        (_, Role::Label) => format!("The label `{name}`"),
        (_, Role::Feature | Role::Id) => format!("`{name}`"),
    }
}

fn no_fit(subject: &str, interval: Interval) -> String {
    let least = match interval.low {
        low if low > 0.0 => format!("; at least {} of its rows no longer fit", percent(low)),
        _ => String::new(),
    };
    format!(
        "{subject} no longer goes with the other columns as it did, though it looks the same by itself{least}"
    )
}

pub(super) fn stuck(cut: Option<End>, (before, now): (Share, Share)) -> &'static str {
    match cut {
        Some(End::High) => ", and no value is greater: as if it had been cut off there",
        Some(End::Low) => ", and no value is less: as if it had been cut off there",
        None if now.value() > before.value() => ": as if it had been filled in or got stuck",
        None => "",
    }
}

fn distribution(
    moved: Moved,
    quartiles: &[[f64; 3]; 2],
    shift: Option<Interval>,
    open: bool,
) -> String {
    let [before, now] = quartiles;
    let half = format!(
        "middle half {} to {} then, {} to {} now",
        plain(before[0]),
        plain(before[2]),
        plain(now[0]),
        plain(now[2])
    );
    let by = now[1] - before[1];
    let spread = (now[2] - now[0]) - (before[2] - before[0]);
    match moved {
        Moved::Location if !open => "moved".to_owned(),
        Moved::Scale if !open => "spreads differently".to_owned(),
        Moved::Shape if !open => "is distributed differently".to_owned(),
        Moved::Location if by.abs() > 0.0 => {
            let where_ = shift.map_or_else(String::new, |s| {
                format!(", between {} and {}", signed(s.low), signed(s.high))
            });
            format!(
                "moved: median {} then, {} now ({}{where_})",
                plain(before[1]),
                plain(now[1]),
                signed(by)
            )
        }
        Moved::Location => format!("moved: {half}, median {} as before", plain(now[1])),
        Moved::Scale if spread > 0.0 => format!("spreads more: {half}"),
        Moved::Scale if spread < 0.0 => format!("spreads less: {half}"),
        Moved::Scale => format!("spreads differently, mostly in its tails: {half}"),
        Moved::Shape => format!("is distributed differently: {half}"),
    }
}

pub(super) fn range(subject: &str, change: &Change, open: bool) -> String {
    let Change::Range {
        side,
        end,
        share,
        bound,
        furthest,
        factor,
    } = change
    else {
        return String::new();
    };
    let (beyond, most) = match end {
        End::High => ("above", "greatest"),
        End::Low => ("below", "least"),
    };
    let rows = format!("{} of {} rows", grouped(share.hits), grouped(share.rows));
    let unit = factor.map_or_else(String::new, unit);
    match (side, open) {
        (Which::Now, true) => format!(
            "{subject} goes {beyond} all of the reference: {rows} {beyond} {}, up to {}{unit}",
            plain(*bound),
            plain(*furthest)
        ),
        (Which::Before, true) => format!(
            "{subject} no longer reaches where the reference did: its {most} value is {}, {rows} of the reference were {beyond} that, up to {}",
            plain(*bound),
            plain(*furthest)
        ),
        (Which::Now, false) => {
            format!("{subject} goes {beyond} all of the reference in {rows}{unit}")
        }
        (Which::Before, false) => {
            format!("{subject} no longer reaches where {rows} of the reference were")
        }
    }
}

/// `: as if multiplied by 1000, a change of unit`.
fn unit(factor: f64) -> String {
    let by = if factor >= 1.0 {
        format!("multiplied by {}", plain(factor))
    } else {
        format!("divided by {}", plain(1.0 / factor))
    };
    format!(", as if {by}: a change of unit")
}

/// `3.2 % of the rows, 0.5 % then (+2.7 points, between +2.3 and +3.1)`.
pub(super) fn then_now((before, now): (Share, Share), interval: Interval) -> String {
    format!(
        "{} of the rows, {} then ({})",
        percent(now.value()),
        percent(before.value()),
        points(interval, now.value() - before.value())
    )
}

/// A change of a share with its interval, in points; `interval` is that of its absolute value.
fn points(interval: Interval, change: f64) -> String {
    let sign = if change < 0.0 { -1.0 } else { 1.0 };
    let text = |v: f64| signed((v * sign * 1e4).round() / 1e2);
    format!(
        "{} points, between {} and {}",
        text(change.abs()),
        text(interval.low),
        text(interval.high)
    )
}

/// How rare a change as surprising is where nothing changed.
pub(super) fn chance(p: f64) -> String {
    format!("Unchanged data would show this in at most {}.", runs(p))
}

/// `1 of 200 runs`, `34 of 100 runs`; `1 of 1000000 runs` of what is rarer: no past is long enough to tell.
pub(in crate::drift) fn runs(p: f64) -> String {
    let p = p.max(1e-6);
    if p > 0.02 {
        format!("{} of 100 runs", number_text((p * 100.0).ceil().min(100.0)))
    } else {
        format!("1 of {} runs", number_text((1.0 / p).floor()))
    }
}

/// A share in per cent to two digits after the point; never rounded to nothing.
pub(in crate::drift) fn percent(share: f64) -> String {
    if share > 0.0 && share < 5e-5 {
        "< 0.01 %".to_owned()
    } else {
        format!("{} %", number_text((share * 1e4).round() / 1e2))
    }
}

fn signed(v: f64) -> String {
    if v > 0.0 {
        format!("+{}", plain(v))
    } else {
        plain(v)
    }
}

/// A number to four digits.
pub(in crate::drift) fn plain(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return number_text(v + 0.0);
    }
    let text = format!("{v:.3e}");
    number_text(text.parse().unwrap_or(v))
}

/// A count in groups of three digits.
pub(in crate::drift) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
