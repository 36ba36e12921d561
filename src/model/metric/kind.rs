//! The closed list of metrics with their parameters, and the text that tells two of them apart.

use super::{Direction, Task};
use std::fmt::{self, Display};

/// How the numbers of several classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    /// Of two classes, the number of class 1.
    Binary,
    /// The mean over the classes that occur, each as much as another.
    Macro,
    /// From the sums of all classes.
    Micro,
    /// The mean over the classes, each as much as its rows weigh.
    Weighted,
}

impl Average {
    pub(super) const WORDS: [(&str, Self); 4] = [
        ("binary", Self::Binary),
        ("macro", Self::Macro),
        ("micro", Self::Micro),
        ("weighted", Self::Weighted),
    ];
}

/// How much a confusion of two classes counts in Cohen's kappa.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Every confusion as much as another.
    Plain,
    /// As much as the classes' numbers are apart.
    Linear,
    /// As much as the square of that.
    Quadratic,
}

impl Agreement {
    pub(super) const WORDS: [(&str, Self); 3] = [
        ("none", Self::Plain),
        ("linear", Self::Linear),
        ("quadratic", Self::Quadratic),
    ];
}

/// What a relevance is worth in `ndcg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gain {
    /// The relevance itself.
    Linear,
    /// 2 to the power of the relevance, less 1.
    Exponential,
}

impl Gain {
    pub(super) const WORDS: [(&str, Self); 2] =
        [("linear", Self::Linear), ("exponential", Self::Exponential)];
}

/// How many of the rows with the highest scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Top {
    /// So many rows; with weights or among drawn rows, so large a share of the whole as these are of all rows.
    Rows(u32),
    /// A share of the rows, above 0 and below 1.
    Share(f64),
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Accuracy,
    BalancedAccuracy,
    Precision(Average),
    Recall(Average),
    Specificity(Average),
    FalsePositiveRate(Average),
    F {
        beta: f64,
        average: Average,
    },
    Matthews,
    Kappa(Agreement),
    SelectionRate,
    LogLoss,
    Brier,
    RocAuc(Average),
    AveragePrecision(Average),
    Ks,
    ExpectedCalibration {
        bins: u32,
    },
    AdaptiveCalibration {
        bins: u32,
    },
    CalibrationGap,
    Lift(Top),
    RecallAt(Top),
    PrecisionAt(Top),
    TopK {
        k: u32,
    },
    Mae,
    Mse,
    Rmse,
    Mape,
    Smape,
    Wape,
    Mase {
        season: u32,
    },
    R2,
    ExplainedVariance,
    MedianError,
    MaxError,
    Pinball {
        quantile: f64,
    },
    Coverage,
    Width,
    IntervalScore {
        level: f64,
    },
    Poisson,
    Gamma,
    Tweedie {
        power: f64,
    },
    Ndcg {
        k: Option<u32>,
        gain: Gain,
    },
    Map {
        k: Option<u32>,
    },
    Mrr {
        k: Option<u32>,
    },
    HitRate {
        k: u32,
    },
    /// The user's own, by its terms in [`super::Predicted::own`].
    Own {
        at: u32,
        ratio: bool,
        direction: Direction,
    },
}

impl Kind {
    /// The name in configurations.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::Precision(_) => "precision",
            Self::Recall(_) => "recall",
            Self::Specificity(_) => "specificity",
            Self::FalsePositiveRate(_) => "false_positive_rate",
            Self::F { beta, .. } if is(*beta, 1.0) => "f1",
            Self::F { .. } => "f_beta",
            Self::Matthews => "matthews",
            Self::Kappa(_) => "cohen_kappa",
            Self::SelectionRate => "selection_rate",
            Self::LogLoss => "log_loss",
            Self::Brier => "brier",
            Self::RocAuc(_) => "roc_auc",
            Self::AveragePrecision(_) => "average_precision",
            Self::Ks => "ks",
            Self::ExpectedCalibration { .. } => "expected_calibration_error",
            Self::AdaptiveCalibration { .. } => "adaptive_calibration_error",
            Self::CalibrationGap => "calibration_gap",
            Self::Lift(_) => "lift_at_k",
            Self::RecallAt(_) => "recall_at_k",
            Self::PrecisionAt(_) => "precision_at_k",
            Self::TopK { .. } => "top_k_accuracy",
            _ => self.name_of_values(),
        }
    }

    fn name_of_values(&self) -> &'static str {
        match self {
            Self::Mae => "mae",
            Self::Mse => "mse",
            Self::Rmse => "rmse",
            Self::Mape => "mape",
            Self::Smape => "smape",
            Self::Wape => "wape",
            Self::Mase { .. } => "mase",
            Self::R2 => "r2",
            Self::ExplainedVariance => "explained_variance",
            Self::MedianError => "median_absolute_error",
            Self::MaxError => "max_error",
            Self::Pinball { .. } => "pinball",
            Self::Coverage => "interval_coverage",
            Self::Width => "interval_width",
            Self::IntervalScore { .. } => "interval_score",
            Self::Poisson => "poisson_deviance",
            Self::Gamma => "gamma_deviance",
            Self::Tweedie { .. } => "tweedie_deviance",
            Self::Ndcg { .. } => "ndcg",
            Self::Map { .. } => "map",
            Self::Mrr { .. } => "mrr",
            Self::HitRate { .. } => "hit_rate",
            Self::Own { .. } => super::own::NAME,
            _ => unreachable!("named above"),
        }
    }

    /// The name with every parameter.
    pub(super) fn definition(&self) -> String {
        let all = |k: &Option<u32>| k.map_or_else(|| "all".to_owned(), |k| k.to_string());
        let parameters = match self {
            Self::Precision(a)
            | Self::Recall(a)
            | Self::Specificity(a)
            | Self::FalsePositiveRate(a)
            | Self::RocAuc(a)
            | Self::AveragePrecision(a) => format!("average={a}"),
            // `f1` and `f_beta` of 1 are one metric.
            Self::F { beta, average } => return format!("f_beta(beta={beta},average={average})"),
            Self::Kappa(weights) => format!("weights={weights}"),
            Self::ExpectedCalibration { bins } | Self::AdaptiveCalibration { bins } => {
                format!("bins={bins}")
            }
            Self::Lift(k) | Self::RecallAt(k) | Self::PrecisionAt(k) => format!("k={k}"),
            Self::TopK { k } | Self::HitRate { k } => format!("k={k}"),
            Self::Mase { season } => format!("season={season}"),
            Self::Pinball { quantile } => format!("quantile={quantile}"),
            Self::IntervalScore { level } => format!("level={level}"),
            Self::Tweedie { power } => format!("power={power}"),
            Self::Ndcg { k, gain } => format!("k={},gain={gain}", all(k)),
            Self::Map { k } | Self::Mrr { k } => format!("k={}", all(k)),
            _ => return self.name().to_owned(),
        };
        format!("{}({parameters})", self.name())
    }

    /// Whether its parameters fit a task that its facts name.
    pub(super) fn suits(&self, task: Task) -> bool {
        match self {
            Self::Precision(a)
            | Self::Recall(a)
            | Self::Specificity(a)
            | Self::FalsePositiveRate(a)
            | Self::F { average: a, .. } => *a != Average::Binary || task == Task::Binary,
            Self::RocAuc(a) | Self::AveragePrecision(a) => {
                (*a == Average::Binary) == (task == Task::Binary)
            }
            _ => true,
        }
    }
}

/// Whether two numbers that were written are the same.
#[expect(
    clippy::float_cmp,
    reason = "numbers that a user wrote, not results of arithmetic"
)]
pub(super) fn is(a: f64, b: f64) -> bool {
    a == b
}

/// The word of a value in a list of words.
fn word<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    let mut all = words.iter();
    all.find(|(_, v)| v == value)
        .expect("every value has a word")
        .0
}

impl Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(word(&Self::WORDS, self))
    }
}

impl Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(word(&Self::WORDS, self))
    }
}

impl Display for Gain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(word(&Self::WORDS, self))
    }
}

impl Display for Top {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{rows}"),
            Self::Share(share) => write!(f, "{share}"),
        }
    }
}
