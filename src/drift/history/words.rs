//! What is unusual about a batch, in sentences for people who do not know the statistics.

use super::ordinary::{About, By, FEWEST, Finding, KEPT, Kind, Like, MOST};
use super::{Gate, floor_name};
use crate::diagnostic::plural;
use crate::drift::gate::words::{grouped, percent, plain, runs};
use crate::history::{Night, NightColumn, NightValues, Numbers};
use crate::plan::DatasetPlan;
use crate::record::Outcome;
use crate::scalar::number_text;
use std::fmt::Write as _;

/// Names shown.
const SHOWN: usize = 10;

impl Gate<'_> {
    /// The sentences of one finding; `beyond` tells whether it is surely above its floor.
    pub(super) fn sentence(&self, finding: &Finding, beyond: bool) -> String {
        let what = match self.column(finding) {
            Some(column) => self.of_column(finding, column),
            None if finding.kind == Kind::Repeated => format!(
                "{} of the rows are the same as another one before; ordinary nights have {}",
                percent(finding.now),
                shares(finding.ordinary)
            ),
            None => rows(finding),
        };
        let window = match finding.window {
            1 => String::new(),
            n => format!("Over the last {n} nights together: "),
        };
        let small = match floor_name(finding.kind) {
            _ if beyond => String::new(),
            None => {
                " Too small to block: it may be less than half of the time between runs.".to_owned()
            }
            Some(name) => format!(
                " Too small to block: it may be below the floor of {} (`{name}`).",
                percent(self.floor(finding.kind))
            ),
        };
        let chance = runs(finding.adjusted);
        let last = match self.compared.by {
            _ if !beyond || finding.told + 1 != KEPT => String::new(),
            By::Special(_) => format!(
                " The {KEPT}th of the latest special days that looks unusual: from the next one on they say what special days are like, \
                 unless these runs are marked as incidents."
            ),
            _ => format!(
                " Told for the {KEPT}th time: from the next run on it counts as ordinary, unless these runs are marked as incidents."
            ),
        };
        format!(
            "{window}{what} ({}). {} would show this in at most {chance}.{small}{last}",
            self.nights(finding),
            begun(self.those())
        )
    }

    /// What the probabilities are of.
    fn those(&self) -> &'static str {
        match self.compared.by {
            By::Special(_) => "special days",
            By::Name => "nights of that name",
            By::Ordinary | By::Early { .. } => "ordinary nights",
        }
    }

    /// Which nights it was compared with.
    fn nights(&self, finding: &Finding) -> String {
        let mut all = plural(self.compared.nights as u64, "night");
        if self.compared.by == By::Name {
            let _ = write!(all, " of `{}`", self.day());
        }
        match finding.like {
            Like::All => all,
            Like::Weekday => format!("{all}, above all those of the same weekday"),
            Like::Weekend => format!("{all}, working days and weekends apart"),
            Like::Recent => format!("{all}, above all the latest"),
            Like::Size => format!("{all}, above all those with as many rows"),
        }
    }

    fn of_column(&self, finding: &Finding, column: &NightColumn) -> String {
        let name = format!("`{}`", column.name);
        let open = self.is_open(&column.name);
        let now = percent(finding.now);
        let ordinary = shares(finding.ordinary);
        match finding.kind {
            Kind::Rows => String::new(),
            Kind::Missing => {
                format!("{name}: {now} of the rows have no value; ordinary nights have {ordinary}")
            }
            Kind::Fresh => format!(
                "{name}: the latest is {} old; on ordinary nights it is {} to {}",
                days(finding.now),
                days(finding.ordinary.0),
                days(finding.ordinary.1)
            ),
            Kind::Location => {
                let way = if finding.now > finding.expected {
                    "higher"
                } else {
                    "lower"
                };
                format!(
                    "{name} lies {way}{}: its values are above those of ordinary nights in {now} of all pairs, on ordinary nights in {ordinary}",
                    self.moments(column, open, |n| n.mean, "average")
                )
            }
            Kind::Scale => {
                let way = if finding.now > finding.expected {
                    "more"
                } else {
                    "less"
                };
                format!(
                    "{name} spreads {way} than on ordinary nights{}",
                    self.moments(column, open, |n| n.deviation, "standard deviation")
                )
            }
            Kind::Shape => format!(
                "{name}: {now} of its values are {}; ordinary nights have {ordinary}",
                part(finding, open)
            ),
            Kind::Value => format!(
                "{name}: {now} of its values are {}; ordinary nights have {ordinary}: as if it had been filled in or got stuck",
                part(finding, open)
            ),
            Kind::Mix => format!(
                "{name}: {now} of its values are {}; ordinary nights have {ordinary}",
                part(finding, open)
            ),
            Kind::Unseen => unseen(&name, column, (&now, &ordinary)),
            Kind::Low | Kind::High => ends(finding, &name, open),
            Kind::Together => together(finding, &name),
            Kind::Repeated => format!(
                "{name}: {now} of its values are there more than once; ordinary nights have {ordinary}"
            ),
        }
    }

    /// A moment of the numbers, and its median on ordinary nights.
    fn moments(
        &self,
        column: &NightColumn,
        open: bool,
        of: fn(&Numbers) -> Option<f64>,
        what: &str,
    ) -> String {
        let value = |column: &NightColumn| match &column.values {
            NightValues::Numbers(numbers) => of(numbers),
            _ => None,
        };
        let past = self
            .ordinary()
            .filter_map(|n| value(n.columns.iter().find(|c| c.name == column.name)?));
        let mut past: Vec<f64> = past.collect();
        past.sort_by(f64::total_cmp);
        match (value(column), past.get(past.len() / 2)) {
            (Some(now), Some(usual)) if open => {
                format!(" ({what} {}, usually about {})", plain(now), plain(*usual))
            }
            _ => String::new(),
        }
    }

    /// The sentences of the dataset as a whole.
    pub(super) fn whole(&self, outcomes: &[Outcome]) -> String {
        let compared = self.compared;
        let (special, nights) = self.held_against();
        let about = format!(
            "{nights}, {}, worth {} independent ones",
            plural(compared.tests as u64, "feature"),
            number_text(compared.effective.round())
        );
        if !compared.is_flagged() {
            let chance = runs(compared.p);
            return format!(
                "{special}Like the nights before: {} look at least this unusual in {chance} ({about}).{}",
                self.those(),
                self.counted_otherwise()
            );
        }
        format!(
            "{special}Unlike the nights before: {}. {} look this unusual in at most {} ({about}).{}",
            listed(&named(outcomes)),
            begun(self.those()),
            runs(compared.p),
            self.counted_otherwise()
        )
    }

    /// Why past runs do not decide on a special day, and what is unusual about it.
    pub(super) fn not_judged(&self, outcomes: &[Outcome]) -> String {
        let By::Early {
            known,
            needed,
            unusual,
        } = self.compared.by
        else {
            return String::new();
        };
        let (day, names) = (self.day(), named(outcomes));
        let left_out = match unusual {
            0 => String::new(),
            n => format!(
                " ({} that looked unusual not counted: mark as ordinary what was right)",
                plural(n as u64, "special day")
            ),
        };
        let found = if names.is_empty() {
            String::new()
        } else {
            format!("; unlike ordinary nights: {}", listed(&names))
        };
        format!(
            "special day (`{day}`): not judged by past runs, which need {} before it to tell how far off such days are, \
             and have {known}{left_out}{found}; later ones are judged by this one too: mark it as an incident if it is wrong",
            plural(needed as u64, "special day")
        )
    }

    /// What a special day is held against, as a sentence, empty of an ordinary night; and which nights.
    fn held_against(&self) -> (String, String) {
        let (compared, day) = (self.compared, self.day());
        match compared.by {
            By::Ordinary | By::Early { .. } => (
                String::new(),
                format!("{} ordinary nights{}", compared.nights, self.left_out()),
            ),
            By::Special(days) => (
                format!(
                    "Special day (`{day}`), held against ordinary nights and how far special days before it were off. "
                ),
                format!(
                    "{} ordinary nights, {}",
                    compared.nights,
                    plural(days as u64, "special day")
                ),
            ),
            By::Name => (
                format!("Special day (`{day}`), held against earlier nights of that name. "),
                format!("{} nights of that name", compared.nights),
            ),
        }
    }

    /// The name of the day under test; empty for an ordinary night.
    fn day(&self) -> &str {
        let days = &self.plan.config.drift.calendar;
        days.name(self.current.at).unwrap_or_default()
    }

    /// Special days among the latest nights, which are not among those that teach; empty without any.
    fn left_out(&self) -> String {
        let days = &self.plan.config.drift.calendar;
        let Some(first) = self.ordinary().rev().take(self.compared.nights).last() else {
            return String::new();
        };
        let since = self.past.iter().filter(|n| n.at > first.at);
        match since.filter(|n| days.name(n.at).is_some()).count() {
            0 => String::new(),
            n => format!(" without {}", plural(n as u64, "special day")),
        }
    }

    /// A sentence about nights whose repeated rows cannot be compared; empty without any.
    fn counted_otherwise(&self) -> String {
        let way = self.current.joint.as_ref().map(|j| j.counted);
        let other = |n: &&Night| n.joint.as_ref().is_some_and(|j| Some(j.counted) != way);
        let latest = self.ordinary().rev().take(MOST);
        match latest.filter(other).count() {
            n if n > 0 && way.is_some() => format!(
                " Repeated rows are not compared with {}, on which they were counted in another way.",
                plural(n as u64, "night")
            ),
            _ => String::new(),
        }
    }
}

/// Why past runs do not decide yet.
pub(super) fn few(plan: &DatasetPlan, more: usize) -> String {
    let need = if more == 1 {
        "1 more is needed".to_owned()
    } else {
        format!("{more} more are needed")
    };
    let days = if plan.config.drift.calendar.is_empty() {
        ""
    } else {
        " (special days of the calendar do not count)"
    };
    format!("past runs decide from {FEWEST} ordinary ones on{days}, {need}")
}

/// With a capital letter.
fn begun(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// What outcomes are about, each column once.
fn named(outcomes: &[Outcome]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for outcome in outcomes
        .iter()
        .filter(|o| !o.limits.is_empty() || o.check != "drift_history_columns")
    {
        let name = match (&outcome.column, outcome.check.as_str()) {
            (Some(column), _) => format!("`{column}`"),
            (None, "drift_history_rows") => "the number of rows".to_owned(),
            (None, "drift_history_repeated") => "repeated rows".to_owned(),
            (None, _) => continue,
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Names, the first of them where they are many.
pub(super) fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn part(finding: &Finding, open: bool) -> String {
    match &finding.about {
        About::Rest => "others than the frequent ones".to_owned(),
        About::Text(text) if open => format!("\"{text}\""),
        About::Range(low, high) if open && low < high => {
            format!("from {} to {}", plain(*low), plain(*high))
        }
        About::Range(low, _) if open => plain(*low),
        About::Range(low, high) if low < high => "in one range".to_owned(),
        _ => "one value".to_owned(),
    }
}

fn ends(finding: &Finding, name: &str, open: bool) -> String {
    let (what, further) = match finding.kind {
        Kind::High => ("greatest", "greater"),
        _ => ("least", "less"),
    };
    if open {
        format!(
            "{name}: the {what} value is {}; on ordinary nights it is {} to {}",
            plain(finding.now),
            plain(finding.ordinary.0),
            plain(finding.ordinary.1)
        )
    } else {
        format!("{name}: the {what} value is {further} than on ordinary nights")
    }
}

/// What two columns tell of each other, beside what they tell on ordinary nights.
fn together(finding: &Finding, name: &str) -> String {
    let part = |told: f64| told.max(0.0) / finding.expected.max(f64::MIN_POSITIVE);
    let other = match &finding.about {
        About::With(other) => other.as_str(),
        _ => "another column",
    };
    let ordinary = (part(finding.ordinary.0), part(finding.ordinary.1));
    format!(
        "{name} goes less with `{other}`, row by row: they tell {} of what is usual of each other, on ordinary nights {}; \
         as if values of one had been changed, got stuck or come from other rows",
        percent(part(finding.now)),
        shares(ordinary)
    )
}

/// `1.2 to 3.1 %`.
fn shares((low, high): (f64, f64)) -> String {
    let (low, high) = (percent(low), percent(high));
    if low == high {
        return high;
    }
    format!("{} to {high}", low.trim_end_matches(" %"))
}

/// `3.5 days`, `26 hours`.
fn days(days: f64) -> String {
    if days.abs() < 2.0 {
        format!("{} hours", number_text((days * 240.0).round() / 10.0))
    } else {
        format!("{} days", number_text((days * 10.0).round() / 10.0))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates"
)]
fn to_whole(v: f64) -> u64 {
    v.round() as u64
}

/// A number to four digits.
pub(super) fn rounded(v: f64) -> f64 {
    format!("{v:.3e}").parse().unwrap_or(v)
}

fn rows(finding: &Finding) -> String {
    let whole = |v: f64| grouped(to_whole(v));
    format!(
        "{} rows; ordinary nights have {} to {}",
        whole(finding.now),
        whole(finding.ordinary.0),
        whole(finding.ordinary.1)
    )
}

fn unseen(name: &str, column: &NightColumn, (now, ordinary): (&str, &str)) -> String {
    let what = match column.values {
        NightValues::Texts { .. } => "none of the nights before has",
        _ => "are beyond those of all nights before",
    };
    format!("{name}: {now} of its values {what}; ordinary nights have {ordinary}")
}
