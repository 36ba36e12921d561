//! What is unusual about a batch: how it is, what was expected, how far it is surely off.

use super::cell::Frame;
use super::feature::{self, Kind, Nights};
use super::like::Like;
use super::{Judged, View, predict};
use crate::statistics::intervals::{Share, Z95};
use crate::statistics::student::student_quantile;

/// One unusual thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Position of the column under test; absent for the dataset.
    pub column: Option<usize>,
    /// What is unusual.
    pub kind: Kind,
    /// Nights that were taken together: 1 for the one under test alone.
    pub window: usize,
    /// Probability that anything in an ordinary night surprises as much.
    pub adjusted: f64,
    /// Which nights it was compared with most.
    pub like: Like,
    /// How it is.
    pub now: f64,
    /// What was expected.
    pub expected: f64,
    /// Between which values 95 % of ordinary nights lie.
    pub ordinary: (f64, f64),
    /// Between which values nothing would be unusual at this level.
    pub bounds: (f64, f64),
    /// How far it is surely off what was expected: a share of rows; of rows a share of their number, of the age of the
    /// latest date a share of the time between runs, of two columns a share of what they tell of each other.
    pub surely: f64,
    /// How the column looks beside the nights before.
    pub picture: Option<Picture>,
    /// What the value is of.
    pub about: About,
    /// On how many of the latest 14 nights the same was told, far below the level each time; 0 where it is not so far
    /// below now.
    pub told: usize,
}

/// Shares of the nights before and of the night under test over the same ranges or texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Lower ends of ranges, or texts.
    pub labels: Labels,
    /// Shares of the nights before.
    pub before: Vec<f64>,
    /// Shares of the night under test.
    pub now: Vec<f64>,
}

/// What the parts of a picture are.
#[derive(Debug, Clone, PartialEq)]
pub enum Labels {
    /// Lower ends of ranges of numbers.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<String>),
}

/// What the value of a finding is of.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// A share of rows, or a number as it is.
    Itself,
    /// The numbers from one to another.
    Range(f64, f64),
    /// A text.
    Text(String),
    /// All texts that are not frequent.
    Rest,
    /// A column and the one of this name.
    With(String),
}

impl View<'_> {
    pub(super) fn finding(
        &self,
        one: &Judged,
        nights: Option<&Nights>,
        adjusted: f64,
        critical: f64,
        window: usize,
    ) -> Option<Finding> {
        let feature = &one.test.features[one.least];
        let prediction = one.predictions[one.least].as_ref()?;
        let reach = |ln_p: f64| {
            let t = student_quantile(ln_p, prediction.freedom);
            (
                prediction.centre - t * prediction.deviation,
                prediction.centre + t * prediction.deviation,
            )
        };
        let rows = nights.map_or(self.now.rows, |n| match one.test.kind {
            Kind::Missing => n.now.rows,
            Kind::Repeated => n.now.rows - n.now.missing,
            _ => n.now.valued,
        });
        let seen = |y: f64| match one.test.kind {
            Kind::Rows => y.exp() - 0.5,
            Kind::Fresh | Kind::Location | Kind::Scale => y,
            Kind::Together => -y,
            Kind::Low | Kind::High => nights.map_or(y, |n| n.end(y)),
            _ => feature::back(y, rows),
        };
        let both = |(low, high): (f64, f64)| match (seen(low), seen(high)) {
            (low, high) if low > high => (high, low),
            both => both,
        };
        let (now, expected) = (feature.now.y, prediction.centre);
        Some(Finding {
            column: one.test.column,
            kind: one.test.kind,
            window,
            adjusted,
            like: prediction.like,
            now: seen(now),
            expected: seen(expected),
            ordinary: both(reach(0.05f64.ln())),
            bounds: both(reach(critical)),
            surely: self.surely(one, nights, &seen),
            picture: nights
                .filter(|_| !matches!(one.test.kind, Kind::Missing | Kind::Together))
                .and_then(Nights::picture),
            about: match one.test.kind {
                Kind::Together => About::With(self.now.columns[feature.part].name.clone()),
                kind => about(kind, feature.part, nights),
            },
            told: 0,
        })
    }

    /// The least that the night is off what was expected, at 95 %, from the numbers of rows and the nights.
    fn surely(&self, one: &Judged, nights: Option<&Nights>, seen: &dyn Fn(f64) -> f64) -> f64 {
        let feature = &one.test.features[one.least];
        let Some(prediction) = one.predictions[one.least].as_ref() else {
            return 0.0;
        };
        let kind = one.test.kind;
        if let (Kind::Low | Kind::High, Some(nights)) = (kind, nights) {
            let (hits, rows) = nights.beyond_last(kind);
            return Share { hits, rows }.wilson(Z95).low;
        }
        let sure = Z95 * (feature.now.variance + prediction.centre_error.powi(2)).sqrt();
        let (now, expected) = (feature.now.y, prediction.centre);
        let nearest = if now > expected {
            (now - sure).max(expected)
        } else {
            (now + sure).min(expected)
        };
        let apart = (seen(nearest) - seen(expected)).abs();
        match kind {
            Kind::Rows => apart / seen(expected).max(1.0),
            // The mean of squared distances from the middle rank differs by half the greatest distance at most.
            Kind::Scale => 2.0 * apart,
            Kind::Fresh => apart / self.gap().max(f64::MIN_POSITIVE),
            Kind::Together => apart / seen(expected).max(f64::MIN_POSITIVE),
            _ => apart,
        }
    }

    /// Usual time between runs. Unit: days.
    fn gap(&self) -> f64 {
        let nights = self
            .training
            .iter()
            .chain(self.others)
            .copied()
            .chain([self.now]);
        let days: Vec<f64> = nights.map(|n| n.at.timestamp() as f64 / 86_400.0).collect();
        predict::median(&mut days.windows(2).map(|p| p[1] - p[0]).collect::<Vec<f64>>())
    }
}

fn about(kind: Kind, part: usize, nights: Option<&Nights>) -> About {
    let Some(nights) = nights else {
        return About::Itself;
    };
    match (kind, &nights.frame) {
        (Kind::Shape, frame) => {
            let (from, to) = nights.range(part);
            match (frame.bounds(from), frame.bounds(to - 1)) {
                (Some((low, _)), Some((_, high))) => About::Range(low, high),
                _ => About::Itself,
            }
        }
        (Kind::Value, frame) => frame
            .bounds(part)
            .map_or(About::Itself, |(low, high)| About::Range(low, high)),
        (Kind::Mix, Frame::Texts(names)) => names
            .get(part)
            .map_or(About::Rest, |n| About::Text(n.clone())),
        _ => About::Itself,
    }
}
