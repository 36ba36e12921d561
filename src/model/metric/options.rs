//! Options of metrics as users write them, and reading a metric by its name.

use super::facts::{self, Facts};
use super::kind::{Agreement, Average, Gain, Kind, Top, is};

/// What a user may say about a metric; `None` is the metric's default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// `f_beta`: how much more recall counts than precision, above 0; 2 unless given.
    pub beta: Option<f64>,
    /// How many of the first rows or classes: a whole number; for `lift_at_k`, `recall_at_k` and `precision_at_k`
    /// also a share below 1.
    pub k: Option<f64>,
    /// How classes become one number: `binary`, `macro`, `micro` or `weighted`.
    pub average: Option<String>,
    /// Bins of calibration errors, 2 to 1000; 10 unless given.
    pub bins: Option<f64>,
    /// `pinball`: the quantile that is predicted, above 0 and below 1; 0.5 unless given.
    pub quantile: Option<f64>,
    /// `tweedie_deviance`: power of the variance, at most 0 or at least 1; 1.5 unless given.
    pub power: Option<f64>,
    /// `mase`: rows that a season is long; 1 unless given.
    pub season: Option<f64>,
    /// `cohen_kappa`: `none`, `linear` or `quadratic`.
    pub weights: Option<String>,
    /// `ndcg`: `linear` or `exponential`.
    pub gain: Option<String>,
    /// `interval_score`: the share of rows that the interval is meant to hold, above 0 and below 1; 0.9 unless given.
    pub level: Option<f64>,
}

impl Options {
    /// Names of all options.
    pub const KEYS: [&str; 10] = [
        "beta", "k", "average", "bins", "quantile", "power", "season", "weights", "gain", "level",
    ];

    /// Sets an option from the text of a number or a word.
    ///
    /// Errors: a sentence, when there is no such option, or the text is not a number where one is needed.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
        let number = || {
            let parsed = text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
            parsed.ok_or_else(|| format!("`{key}` is `{text}`, which is not a number"))
        };
        match key {
            "beta" => self.beta = Some(number()?),
            "k" => self.k = Some(number()?),
            "average" => self.average = Some(text.to_owned()),
            "bins" => self.bins = Some(number()?),
            "quantile" => self.quantile = Some(number()?),
            "power" => self.power = Some(number()?),
            "season" => self.season = Some(number()?),
            "weights" => self.weights = Some(text.to_owned()),
            "gain" => self.gain = Some(text.to_owned()),
            "level" => self.level = Some(number()?),
            _ => return Err(crate::diagnostic::unknown("option", key, Self::KEYS)),
        }
        Ok(())
    }

    /// What an option says, for schemas and documents.
    #[must_use]
    pub fn doc(key: &str) -> Option<&'static str> {
        Some(match key {
            "beta" => "how many times as much recall counts as precision, above 0; 2 unless given",
            "k" => {
                "how many of the first rows or classes, a whole number; for lift, recall and precision at k also a share \
                 of the rows below 1"
            }
            "average" => {
                "how classes become one number: binary, macro, micro or weighted; binary unless given"
            }
            "bins" => "bins of the scores, 2 to 1000; 10 unless given",
            "quantile" => "the quantile that is predicted, above 0 and below 1; 0.5 unless given",
            "power" => "power of the variance, at most 0 or at least 1; 1.5 unless given",
            "season" => "rows from one season to the next, at least 1; 1 unless given",
            "weights" => {
                "how much a confusion counts by the distance of the classes: none, linear or quadratic"
            }
            "gain" => "what a relevance is worth: linear or exponential; linear unless given",
            "level" => {
                "share of rows that the interval is meant to hold, above 0 and below 1; 0.9 unless given"
            }
            _ => return None,
        })
    }

    /// Names of the options that were given.
    #[must_use]
    pub fn given(&self) -> Vec<&'static str> {
        let given = [
            self.beta.is_some(),
            self.k.is_some(),
            self.average.is_some(),
            self.bins.is_some(),
            self.quantile.is_some(),
            self.power.is_some(),
            self.season.is_some(),
            self.weights.is_some(),
            self.gain.is_some(),
            self.level.is_some(),
        ];
        let named = Self::KEYS.into_iter().zip(given);
        named.filter(|(_, g)| *g).map(|(key, _)| key).collect()
    }

    fn average(&self) -> Result<Average, String> {
        word("average", self.average.as_deref(), &Average::WORDS)
    }

    fn between(key: &str, given: Option<f64>, default: f64) -> Result<f64, String> {
        match given {
            None => Ok(default),
            Some(v) if v > 0.0 && v < 1.0 => Ok(v),
            Some(v) => Err(format!("`{key}` is {v}, and must be above 0 and below 1")),
        }
    }

    fn beta(&self) -> Result<f64, String> {
        match self.beta {
            None => Ok(2.0),
            Some(v) if v > 0.0 && v <= 1000.0 => Ok(v),
            Some(v) => Err(format!(
                "`beta` is {v}, and must be above 0 and at most 1000"
            )),
        }
    }

    fn top(&self) -> Result<Top, String> {
        match self.k {
            None => Ok(Top::Share(0.1)),
            Some(v) if v > 0.0 && v < 1.0 => Ok(Top::Share(v)),
            Some(_) => whole("k", self.k, 1, 1, u32::MAX)
                .map(Top::Rows)
                .map_err(|e| e + ", or a share between 0 and 1"),
        }
    }

    fn power(&self) -> Result<Kind, String> {
        match self.power.unwrap_or(1.5) {
            p if is(p, 1.0) => Ok(Kind::Poisson),
            p if is(p, 2.0) => Ok(Kind::Gamma),
            p if p <= 0.0 || p >= 1.0 => Ok(Kind::Tweedie { power: p }),
            p => Err(format!(
                "`power` is {p}: no distribution has one between 0 and 1; take 0, or at least 1"
            )),
        }
    }
}

/// A whole number within bounds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole and within the bounds"
)]
fn whole(key: &str, given: Option<f64>, default: u32, from: u32, to: u32) -> Result<u32, String> {
    match given {
        None => Ok(default),
        Some(v) if is(v.fract(), 0.0) && v >= f64::from(from) && v <= f64::from(to) => Ok(v as u32),
        Some(v) if to == u32::MAX => Err(format!(
            "`{key}` is {v}, and must be a whole number of at least {from}"
        )),
        Some(v) => Err(format!(
            "`{key}` is {v}, and must be a whole number from {from} to {to}"
        )),
    }
}

/// One of a list of words; the first when none was given.
fn word<T: Copy>(key: &str, given: Option<&str>, words: &[(&str, T)]) -> Result<T, String> {
    let Some(given) = given else {
        return Ok(words[0].1);
    };
    let mut all = words.iter();
    let found = all.find(|(name, _)| *name == given).map(|(_, v)| *v);
    found.ok_or_else(|| {
        let listed: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        format!(
            "`{key}` is `{given}`, and must be one of {}",
            listed.join(", ")
        )
    })
}

/// Reads a metric.
pub(super) fn parse(name: &str, options: &Options) -> Result<Kind, String> {
    let known = |facts: &&Facts| facts.name == name || facts.known_as.contains(&name);
    let Some(facts) = facts::all().find(known) else {
        let names = facts::all().flat_map(|f| f.known_as.iter().chain([&f.name]));
        let near = crate::diagnostic::did_you_mean(name, names.copied());
        let all: Vec<&str> = facts::all().map(|f| f.name).collect();
        let meant = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        return Err(format!(
            "no metric `{name}`; metrics are {}{meant}",
            all.join(", ")
        ));
    };
    for key in options.given() {
        if !facts.options.contains(&key) {
            let takes = match facts.options {
                [] => "no options".to_owned(),
                some => format!("only {}", some.join(", ")),
            };
            return Err(format!("`{}` takes {takes}, not `{key}`", facts.name));
        }
    }
    kind(facts.name, options)
}

fn kind(name: &str, options: &Options) -> Result<Kind, String> {
    let bins = || whole("bins", options.bins, 10, 2, 1000);
    Ok(match name {
        "accuracy" => Kind::Accuracy,
        "balanced_accuracy" => Kind::BalancedAccuracy,
        "precision" => Kind::Precision(options.average()?),
        "recall" => Kind::Recall(options.average()?),
        "specificity" => Kind::Specificity(options.average()?),
        "false_positive_rate" => Kind::FalsePositiveRate(options.average()?),
        "f1" => Kind::F {
            beta: 1.0,
            average: options.average()?,
        },
        "f_beta" => Kind::F {
            beta: options.beta()?,
            average: options.average()?,
        },
        "matthews" => Kind::Matthews,
        "cohen_kappa" => Kind::Kappa(word(
            "weights",
            options.weights.as_deref(),
            &Agreement::WORDS,
        )?),
        "selection_rate" => Kind::SelectionRate,
        "log_loss" => Kind::LogLoss,
        "brier" => Kind::Brier,
        "roc_auc" => Kind::RocAuc(options.average()?),
        "average_precision" => Kind::AveragePrecision(options.average()?),
        "ks" => Kind::Ks,
        "expected_calibration_error" => Kind::ExpectedCalibration { bins: bins()? },
        "adaptive_calibration_error" => Kind::AdaptiveCalibration { bins: bins()? },
        "calibration_gap" => Kind::CalibrationGap,
        "lift_at_k" => Kind::Lift(options.top()?),
        "recall_at_k" => Kind::RecallAt(options.top()?),
        "precision_at_k" => Kind::PrecisionAt(options.top()?),
        "top_k_accuracy" => Kind::TopK {
            k: whole("k", options.k, 5, 1, u32::MAX)?,
        },
        _ => return kind_of_values(name, options),
    })
}

fn kind_of_values(name: &str, options: &Options) -> Result<Kind, String> {
    let k = || match options.k {
        None => Ok(None),
        given => whole("k", given, 1, 1, u32::MAX).map(Some),
    };
    Ok(match name {
        "mae" => Kind::Mae,
        "mse" => Kind::Mse,
        "rmse" => Kind::Rmse,
        "mape" => Kind::Mape,
        "smape" => Kind::Smape,
        "wape" => Kind::Wape,
        "mase" => Kind::Mase {
            season: whole("season", options.season, 1, 1, u32::MAX)?,
        },
        "r2" => Kind::R2,
        "explained_variance" => Kind::ExplainedVariance,
        "median_absolute_error" => Kind::MedianError,
        "max_error" => Kind::MaxError,
        "pinball" => Kind::Pinball {
            quantile: Options::between("quantile", options.quantile, 0.5)?,
        },
        "interval_coverage" => Kind::Coverage,
        "interval_width" => Kind::Width,
        "interval_score" => Kind::IntervalScore {
            level: Options::between("level", options.level, 0.9)?,
        },
        "poisson_deviance" => Kind::Poisson,
        "gamma_deviance" => Kind::Gamma,
        "tweedie_deviance" => options.power()?,
        "ndcg" => Kind::Ndcg {
            k: k()?,
            gain: word("gain", options.gain.as_deref(), &Gain::WORDS)?,
        },
        "map" => Kind::Map { k: k()? },
        "mrr" => Kind::Mrr { k: k()? },
        "hit_rate" => Kind::HitRate {
            k: whole("k", options.k, 10, 1, u32::MAX)?,
        },
        _ => return Err(format!("no metric `{name}`")),
    })
}
