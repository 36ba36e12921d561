//! What is true of each metric whatever its rows are: names, direction, range, unit, definition. Metrics of classes
//! are here.

use super::{Direction, Need, Task, Unit, facts_ranking, facts_values};

/// Everything that is said of a metric.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) known_as: &'static [&'static str],
    pub(super) tasks: &'static [Task],
    pub(super) needs: &'static [Need],
    pub(super) options: &'static [&'static str],
    pub(super) direction: Direction,
    pub(super) range: (f64, f64),
    pub(super) perfect: f64,
    pub(super) unit: Unit,
    pub(super) doc: &'static str,
}

/// The parts of a metric's documentation.
macro_rules! documented {
    (is: $is:literal, ties: $ties:literal, edge: $edge:literal, source: $source:literal $(,)?) => {
        concat!(
            "Is: ",
            $is,
            "\nNulls: none reach it: rows with a null in a column that it reads are refused or dropped before, as the \
             configuration says. NaN and infinities are refused with their row.\nTies: ",
            $ties,
            "\nEdge: ",
            $edge,
            "\nSource: ",
            $source
        )
    };
}
pub(super) use documented;

/// Every metric, in the order of documents.
pub(super) fn all() -> impl Iterator<Item = &'static Facts> {
    let ranking = facts_ranking::OF_SCORES.iter();
    let classes = OF_CLASSES.iter().chain(ranking);
    let values = facts_values::OF_VALUES.iter();
    classes
        .chain(values)
        .chain(facts_ranking::OF_QUERIES.iter())
}

pub(super) const CLASSES: &[Task] = &[Task::Binary, Task::Multiclass];

/// A share of rows with predicted classes.
const SHARE: Facts = Facts {
    name: "",
    title: "",
    known_as: &[],
    tasks: CLASSES,
    needs: &[Need::Class],
    options: &[],
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    perfect: 1.0,
    unit: Unit::Ratio,
    doc: "",
};

/// One that is averaged over classes.
const AVERAGED: Facts = Facts {
    options: &["average"],
    ..SHARE
};

static OF_CLASSES: [Facts; 11] = [
    Facts {
        name: "accuracy",
        title: "accuracy",
        known_as: &["accuracy_score", "acc"],
        doc: documented!(
            is: "the weight of the rows whose predicted class is the true one, over the weight of all rows.",
            ties: "none: classes are equal or not.",
            edge: "says little where one class is rare; `balanced_accuracy` and `matthews` say more.",
            source: "scikit-learn 1.9.1 `accuracy_score`, compared to 1e-9.",
        ),
        ..SHARE
    },
    Facts {
        name: "balanced_accuracy",
        title: "balanced accuracy",
        known_as: &["balanced_accuracy_score"],
        doc: documented!(
            is: "the mean of recall over the classes that rows have, each class as much as another.",
            ties: "none: classes are equal or not.",
            edge: "no value where the truth is one class (scikit-learn: the recall of that class). In a resampling, \
                   no value where a class of the data is not drawn.",
            source: "scikit-learn 1.9.1 `balanced_accuracy_score` with `adjusted=False`, compared to 1e-9.",
        ),
        ..SHARE
    },
    Facts {
        name: "precision",
        title: "precision",
        known_as: &["precision_score", "positive_predictive_value"],
        doc: documented!(
            is: "of the rows that are predicted to be of a class, the share that is. `average`: `binary` (class 1 of \
                 two), `macro` (mean over the classes that occur as truth or prediction), `micro` (from the sums of \
                 all classes), `weighted` (mean by the weight of the true classes).",
            ties: "none: classes are equal or not.",
            edge: "no value where a class that counts is never predicted; scikit-learn warns and takes 0.",
            source: "scikit-learn 1.9.1 `precision_score`, compared to 1e-9 where that does not warn.",
        ),
        ..AVERAGED
    },
    Facts {
        name: "recall",
        title: "recall",
        known_as: &["recall_score", "sensitivity", "true_positive_rate", "tpr"],
        doc: documented!(
            is: "of the rows of a class, the share that is predicted to be. `average` as in `precision`.",
            ties: "none: classes are equal or not.",
            edge: "no value where a class that counts has no row; scikit-learn warns and takes 0. With `weighted`, \
                   classes without rows weigh nothing.",
            source: "scikit-learn 1.9.1 `recall_score`, compared to 1e-9 where that does not warn.",
        ),
        ..AVERAGED
    },
    Facts {
        name: "specificity",
        title: "specificity",
        known_as: &["true_negative_rate", "tnr"],
        doc: documented!(
            is: "of the rows that are not of a class, the share that is not predicted to be. `average` as in \
                 `precision`.",
            ties: "none: classes are equal or not.",
            edge: "no value where all rows are of one class.",
            source: "for two classes scikit-learn 1.9.1 `recall_score` with `pos_label=0`, compared to 1e-9; for \
                     more, a loop over rows.",
        ),
        ..AVERAGED
    },
    Facts {
        name: "false_positive_rate",
        title: "false positive rate",
        known_as: &["fpr", "fall_out"],
        direction: Direction::LowerIsBetter,
        perfect: 0.0,
        doc: documented!(
            is: "1 less `specificity`: of the rows that are not of a class, the share that is predicted to be. \
                 `average` as in `precision`.",
            ties: "none: classes are equal or not.",
            edge: "no value where all rows are of one class.",
            source: "as `specificity`.",
        ),
        ..AVERAGED
    },
    Facts {
        name: "f1",
        title: "F1",
        known_as: &["f1_score"],
        doc: documented!(
            is: "twice the hits of a class over the sum of its rows and of the rows predicted to be of it: the \
                 harmonic mean of precision and recall. The same metric as `f_beta` with a `beta` of 1. `average` as \
                 in `precision`.",
            ties: "none: classes are equal or not.",
            edge: "0 where no row of the class is found, also when none is predicted to be of it; no value where the \
                   class has neither rows nor predictions (scikit-learn warns and takes 0).",
            source: "scikit-learn 1.9.1 `f1_score`, compared to 1e-9 where that does not warn.",
        ),
        ..AVERAGED
    },
    Facts {
        name: "f_beta",
        title: "F-beta",
        known_as: &["fbeta", "fbeta_score"],
        options: &["beta", "average"],
        doc: documented!(
            is: "`(1 + b²) hits / (predicted + b² rows)` of a class: precision and recall in one number, in which \
                 recall counts `beta` times as much (2 unless said). `average` as in `precision`.",
            ties: "none: classes are equal or not.",
            edge: "as `f1`.",
            source: "van Rijsbergen, Information Retrieval (1979), from memory; scikit-learn 1.9.1 `fbeta_score`, \
                     compared to 1e-9 where that does not warn.",
        ),
        ..AVERAGED
    },
    Facts {
        name: "matthews",
        title: "Matthews correlation coefficient",
        known_as: &["mcc", "matthews_corrcoef", "phi"],
        range: (-1.0, 1.0),
        doc: documented!(
            is: "the correlation of the true and the predicted class; for more than two classes Gorodkin's R_K. 0 is \
                 what guessing has.",
            ties: "none: classes are equal or not.",
            edge: "no value where truth or prediction is one class; scikit-learn takes 0.",
            source: "Matthews (1975) and Gorodkin (2004), from memory; scikit-learn 1.9.1 `matthews_corrcoef`, \
                     compared to 1e-9.",
        ),
        ..SHARE
    },
    Facts {
        name: "cohen_kappa",
        title: "Cohen's kappa",
        known_as: &["kappa", "cohen_kappa_score"],
        options: &["weights"],
        range: (f64::NEG_INFINITY, 1.0),
        doc: documented!(
            is: "1 less the weight of the confusions over what it would be if truth and prediction had nothing to do \
                 with each other. `weights`: `none`, or `linear` or `quadratic` in the distance of the classes' \
                 numbers (classes are in their order).",
            ties: "none: classes are equal or not.",
            edge: "no value where truth and prediction are one and the same class in all rows; scikit-learn has NaN. \
                   Distances are those of all declared classes; scikit-learn counts only those that occur, unless it \
                   is given `labels`.",
            source: "Cohen (1960, 1968), from memory; scikit-learn 1.9.1 `cohen_kappa_score`, read, compared to \
                     1e-9.",
        ),
        ..SHARE
    },
    Facts {
        name: "selection_rate",
        title: "selection rate",
        known_as: &["positive_rate"],
        tasks: &[Task::Binary],
        direction: Direction::Neutral,
        perfect: f64::NAN,
        doc: documented!(
            is: "the share of the rows that is predicted to be of class 1. Neither high nor low is good: it is there \
                 to be compared between slices.",
            ties: "none: classes are equal or not.",
            edge: "none.",
            source: "the mean of predictions; Python's, compared to 1e-9.",
        ),
        ..SHARE
    },
];
