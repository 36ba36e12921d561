//! Facts of the metrics of numbers.

use super::facts::{Facts, documented};
use super::{Direction, Need, Task, Unit};

const INFINITY: f64 = f64::INFINITY;

/// An error in the label's unit.
const ERROR: Facts = Facts {
    name: "",
    title: "",
    known_as: &[],
    tasks: &[Task::Regression],
    needs: &[Need::Value],
    options: &[],
    direction: Direction::LowerIsBetter,
    range: (0.0, INFINITY),
    perfect: 0.0,
    unit: Unit::Label,
    doc: "",
};

/// A share of the truth's spread that is explained.
const EXPLAINED: Facts = Facts {
    direction: Direction::HigherIsBetter,
    range: (f64::NEG_INFINITY, 1.0),
    perfect: 1.0,
    unit: Unit::Ratio,
    ..ERROR
};

/// One that reads intervals.
const INTERVAL: Facts = Facts {
    needs: &[Need::Low, Need::High],
    ..ERROR
};

pub(super) static OF_VALUES: [Facts; 18] = [
    Facts {
        name: "mae",
        title: "mean absolute error",
        known_as: &["mean_absolute_error"],
        doc: documented!(
            is: "the mean of the absolute distance of prediction and truth.",
            ties: "none: rows do not depend on each other.",
            edge: "none.",
            source: "scikit-learn 1.9.1 `mean_absolute_error`, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "mse",
        title: "mean squared error",
        known_as: &["mean_squared_error"],
        unit: Unit::LabelSquared,
        doc: documented!(
            is: "the mean of the squared distance of prediction and truth.",
            ties: "none: rows do not depend on each other.",
            edge: "none.",
            source: "scikit-learn 1.9.1 `mean_squared_error`, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "rmse",
        title: "root mean squared error",
        known_as: &["root_mean_squared_error"],
        doc: documented!(
            is: "the square root of `mse`.",
            ties: "none: rows do not depend on each other.",
            edge: "none.",
            source: "scikit-learn 1.9.1 `root_mean_squared_error`, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "mape",
        title: "mean absolute percentage error",
        known_as: &["mean_absolute_percentage_error"],
        unit: Unit::Ratio,
        doc: documented!(
            is: "the mean of the absolute error over the absolute truth, as a ratio: 0.1 is 10 %.",
            ties: "none: rows do not depend on each other.",
            edge: "no value where a truth is 0; scikit-learn divides by 2.2e-16 there. Predictions that are too low \
                   cost at most 1, those that are too high have no limit: `wape` has no such lean.",
            source: "scikit-learn 1.9.1 `mean_absolute_percentage_error`, read, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "smape",
        title: "symmetric mean absolute percentage error",
        known_as: &["symmetric_mean_absolute_percentage_error"],
        range: (0.0, 2.0),
        unit: Unit::Ratio,
        doc: documented!(
            is: "the mean of twice the absolute error over the sum of absolute truth and absolute prediction, as a \
                 ratio from 0 to 2.",
            ties: "none: rows do not depend on each other.",
            edge: "0 for a row whose truth and prediction are 0.",
            source: "Makridakis (1993), from memory; a second program in Python, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "wape",
        title: "weighted absolute percentage error",
        known_as: &["wmape", "mad_mean_ratio"],
        unit: Unit::Ratio,
        doc: documented!(
            is: "the sum of absolute errors over the sum of absolute truths, as a ratio.",
            ties: "none: sums.",
            edge: "no value where the truth is 0 in all rows.",
            source: "Kolassa and Schütz (2007), from memory; a second program in Python, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "mase",
        title: "mean absolute scaled error",
        known_as: &["mean_absolute_scaled_error"],
        options: &["season"],
        unit: Unit::Ratio,
        doc: documented!(
            is: "the mean of the absolute error over the mean absolute step of the truth from `season` rows before \
                 (1 unless said), each series with its own steps. Below 1 is better than to repeat the season \
                 before. A series is the rows of one `group`, in the order of the rows; without groups all rows are \
                 one.",
            ties: "none; the order of the rows is the order of time.",
            edge: "the steps are those of the rows themselves, not of the rows that the model learnt from, which are \
                   not known here; they stay as they are when rows are resampled or weighted. No value for a series \
                   with no two rows a season apart, or with no change.",
            source: "Hyndman and Koehler (2006), from memory; a second program in Python, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "r2",
        title: "coefficient of determination",
        known_as: &["r2_score", "r_squared"],
        doc: documented!(
            is: "1 less the sum of squared errors over the sum of squared distances of the truth from its mean.",
            ties: "none: sums.",
            edge: "no value where the truth is the same in all rows; scikit-learn takes 1 or 0.",
            source: "scikit-learn 1.9.1 `r2_score`, compared to 1e-9.",
        ),
        ..EXPLAINED
    },
    Facts {
        name: "explained_variance",
        title: "explained variance",
        known_as: &["explained_variance_score"],
        doc: documented!(
            is: "1 less the variance of the errors over the variance of the truth: as `r2`, but an error that is the \
                 same everywhere costs nothing.",
            ties: "none: sums.",
            edge: "as `r2`.",
            source: "scikit-learn 1.9.1 `explained_variance_score`, compared to 1e-9.",
        ),
        ..EXPLAINED
    },
    Facts {
        name: "median_absolute_error",
        title: "median absolute error",
        known_as: &["medae"],
        doc: documented!(
            is: "the least absolute error with half of the weight at or below it; the mean with the next one where \
                 it is exactly half.",
            ties: "equal errors are one.",
            edge: "rows of weight 0 are not there.",
            source: "definition 2 of Hyndman and Fan (1996), from memory; scikit-learn 1.9.1 \
                     `median_absolute_error`, read, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "max_error",
        title: "greatest absolute error",
        known_as: &["maximum_error"],
        doc: documented!(
            is: "the greatest absolute distance of prediction and truth.",
            ties: "none: one number.",
            edge: "rows of weight 0 are not there; other weights change nothing. It has no interval: a row that was \
                   not drawn may be worse.",
            source: "scikit-learn 1.9.1 `max_error`, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "pinball",
        title: "pinball loss",
        known_as: &["quantile_loss", "mean_pinball_loss"],
        options: &["quantile"],
        doc: documented!(
            is: "the mean of `q (truth - prediction)` where the prediction is too low and `(1 - q) (prediction - \
                 truth)` where it is too high, for a prediction of the quantile `q` (`quantile`, 0.5 unless said, \
                 which is half of `mae`).",
            ties: "none: rows do not depend on each other.",
            edge: "none.",
            source: "Koenker and Bassett (1978), from memory; scikit-learn 1.9.1 `mean_pinball_loss`, compared to \
                     1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "interval_coverage",
        title: "interval coverage",
        known_as: &["coverage", "picp"],
        direction: Direction::HigherIsBetter,
        range: (0.0, 1.0),
        perfect: 1.0,
        unit: Unit::Ratio,
        doc: documented!(
            is: "the share of rows whose truth lies in the predicted interval, ends included.",
            ties: "a truth on an end is inside.",
            edge: "an end may be infinite. Wide intervals cover all: bound `interval_width` too, or take \
                   `interval_score`.",
            source: "the definition; a second program in Python, compared to 1e-9.",
        ),
        ..INTERVAL
    },
    Facts {
        name: "interval_width",
        title: "mean interval width",
        known_as: &["width"],
        doc: documented!(
            is: "the mean of upper less lower end.",
            ties: "none: rows do not depend on each other.",
            edge: "an infinite end is refused. 0 says nothing of coverage.",
            source: "the definition; a second program in Python, compared to 1e-9.",
        ),
        ..INTERVAL
    },
    Facts {
        name: "interval_score",
        title: "interval score",
        known_as: &["winkler_score"],
        options: &["level"],
        doc: documented!(
            is: "the mean of the interval's width, plus `2 / (1 - level)` times the distance of a truth outside from \
                 the nearer end. An interval that is meant to hold the share `level` of the rows (0.9 unless said) \
                 is best when it is honest.",
            ties: "a truth on an end is inside.",
            edge: "an infinite end is refused.",
            source: "Gneiting and Raftery (2007), equation 43, from memory; a second program in Python, compared to \
                     1e-9.",
        ),
        ..INTERVAL
    },
    Facts {
        name: "poisson_deviance",
        title: "mean Poisson deviance",
        known_as: &["mean_poisson_deviance"],
        doc: documented!(
            is: "the mean of `2 (y ln(y / f) - y + f)` for a truth `y` and a prediction `f`: twice the loss of \
                 log-likelihood of a count. The same metric as `tweedie_deviance` with a `power` of 1.",
            ties: "none: rows do not depend on each other.",
            edge: "a truth below 0 and a prediction that is not above 0 are refused.",
            source: "scikit-learn 1.9.1 `mean_poisson_deviance`, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "gamma_deviance",
        title: "mean Gamma deviance",
        known_as: &["mean_gamma_deviance"],
        unit: Unit::None,
        doc: documented!(
            is: "the mean of `2 (ln(f / y) + y / f - 1)` for a truth `y` and a prediction `f`: only their ratio \
                 matters. The same metric as `tweedie_deviance` with a `power` of 2.",
            ties: "none: rows do not depend on each other.",
            edge: "a truth or a prediction that is not above 0 is refused.",
            source: "scikit-learn 1.9.1 `mean_gamma_deviance`, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "tweedie_deviance",
        title: "mean Tweedie deviance",
        known_as: &["mean_tweedie_deviance"],
        options: &["power"],
        unit: Unit::None,
        doc: documented!(
            is: "the mean deviance of a distribution whose variance is the mean to the power `power` (1.5 unless \
                 said): 0 is the squared error, 1 Poisson, 2 Gamma; between 1 and 2 zeros among positive numbers.",
            ties: "none: rows do not depend on each other.",
            edge: "predictions must be above 0 unless `power` is 0; truths at least 0 from `power` 1 on, above 0 \
                   from 2 on.",
            source: "Jørgensen (1987), from memory; scikit-learn 1.9.1 `mean_tweedie_deviance`, compared to \
                     1e-9.",
        ),
        ..ERROR
    },
];
