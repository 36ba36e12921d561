//! Facts of the metrics that read scores: of classes, and of the rows of queries.

use super::facts::{CLASSES, Facts, documented};
use super::{Direction, Need, Task, Unit};

/// One that reads scores of two classes or more.
const SCORED: Facts = Facts {
    name: "",
    title: "",
    known_as: &[],
    tasks: CLASSES,
    needs: &[Need::Score],
    options: &[],
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    perfect: 1.0,
    unit: Unit::Ratio,
    doc: "",
};

/// One whose perfect value is 0.
const ERROR: Facts = Facts {
    direction: Direction::LowerIsBetter,
    perfect: 0.0,
    ..SCORED
};

pub(super) static OF_SCORES: [Facts; 12] = [
    Facts {
        name: "log_loss",
        title: "log loss",
        known_as: &["logloss", "cross_entropy", "neg_log_loss"],
        range: (0.0, 36.043_653_389_117_15),
        unit: Unit::Nats,
        doc: documented!(
            is: "the mean of the negative natural logarithm of the chance that was given to the true class.",
            ties: "none: rows do not depend on each other.",
            edge: "chances are held 2.2e-16 away from 0 and 1, as scikit-learn does, so a row costs at most 36.04. \
                   Chances of more than two classes are taken as they are; a row whose sum is more than 0.01 from 1 \
                   is refused (scikit-learn warns).",
            source: "scikit-learn 1.9.1 `log_loss`, read, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "brier",
        title: "Brier score",
        known_as: &["brier_score", "brier_score_loss"],
        range: (0.0, 2.0),
        unit: Unit::None,
        doc: documented!(
            is: "the mean squared distance of the chances from what happened: of two classes of the chance of class \
                 1, 0 to 1; of more the sum over classes, 0 to 2.",
            ties: "none: rows do not depend on each other.",
            edge: "a row of more than two classes whose chances sum to more than 0.01 from 1 is refused.",
            source: "Brier (1950), from memory; scikit-learn 1.9.1 `brier_score_loss` with `scale_by_half='auto'`, \
                     read, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "roc_auc",
        title: "area under the ROC curve",
        known_as: &["auc", "auroc", "roc_auc_score"],
        options: &["average"],
        doc: documented!(
            is: "the chance that a row of class 1 scores higher than one of class 0. Of more than two classes each \
                 against the others, `average`: `macro`, `micro` (all scores in one order) or `weighted` (by the \
                 weight of the classes).",
            ties: "a pair of equal scores counts one half, so constant scores have 0.5.",
            edge: "any finite score will do. No value where the truth is one class, or of more than two where a \
                   class has no row.",
            source: "Hanley and McNeil (1982), from memory; scikit-learn 1.9.1 `roc_auc_score` \
                     (`multi_class='ovr'`), compared to 1e-9.",
        ),
        ..SCORED
    },
    Facts {
        name: "average_precision",
        title: "average precision",
        known_as: &["pr_auc", "auprc", "average_precision_score"],
        options: &["average"],
        doc: documented!(
            is: "the sum over thresholds of the rise of recall times the precision there: the area below the \
                 precision-recall curve as steps, without interpolation. `average` as in `roc_auc`.",
            ties: "rows of one score pass the threshold together, so constant scores have the share of class 1.",
            edge: "any finite score will do. No value without a row of class 1; scikit-learn warns and takes 0.",
            source: "scikit-learn 1.9.1 `average_precision_score`, compared to 1e-9.",
        ),
        ..SCORED
    },
    Facts {
        name: "ks",
        title: "Kolmogorov-Smirnov statistic",
        known_as: &["ks_statistic", "kolmogorov_smirnov"],
        tasks: &[Task::Binary],
        doc: documented!(
            is: "the largest lead of the share of class 1 over the share of class 0 above a threshold: the greatest \
                 true positive rate less false positive rate.",
            ties: "rows of one score pass the threshold together; constant scores have 0.",
            edge: "one-sided: a model whose scores are upside down has about 0, not 1. No value where the truth is \
                   one class.",
            source: "scipy 1.17.1 `ks_2samp` with one side; scikit-learn 1.9.1 `roc_curve` with weights, compared to \
                     1e-9.",
        ),
        ..SCORED
    },
    Facts {
        name: "expected_calibration_error",
        title: "expected calibration error",
        known_as: &["ece"],
        options: &["bins"],
        doc: documented!(
            is: "over bins of equal width (10 unless `bins` says so), the mean distance of the mean score from the \
                 share that happened, each bin by its weight. Of two classes the score of class 1; of more the \
                 highest chance, and whether that class is right.",
            ties: "a bin holds its upper end, the first both. Of more than two classes with the same highest chance \
                   each counts its part.",
            edge: "an empty bin counts nothing. Few rows in a bin raise it by chance alone: decide by `brier` or \
                   `log_loss`, look at this.",
            source: "Naeini, Cooper and Hauskrecht (2015) and Guo et al. (2017), from memory; bins as scikit-learn \
                     1.9.1 `calibration_curve`, read, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "adaptive_calibration_error",
        title: "adaptive calibration error",
        known_as: &["ace"],
        options: &["bins"],
        doc: documented!(
            is: "as `expected_calibration_error`, over bins that hold the same weight each, along the scores.",
            ties: "rows of one score are alike: an edge that cuts them parts their weight and what happened in \
                   proportion, so constant scores have their distance from the share of class 1.",
            edge: "with fewer rows than bins a row is parted among several.",
            source: "Nixon et al., Measuring Calibration in Deep Learning (2019), from memory, for the bins; a \
                     second program in Python, compared to 1e-9.",
        ),
        ..ERROR
    },
    Facts {
        name: "calibration_gap",
        title: "calibration gap",
        known_as: &["calibration_in_the_large"],
        tasks: &[Task::Binary],
        direction: Direction::Neutral,
        range: (-1.0, 1.0),
        perfect: 0.0,
        doc: documented!(
            is: "the mean score less the share of class 1: above 0 where the model promises too much. It is there to \
                 be compared between slices, or to be bounded on both sides.",
            ties: "none: rows do not depend on each other.",
            edge: "none.",
            source: "the difference of two means; Python's, compared to 1e-9.",
        ),
        ..SCORED
    },
    Facts {
        name: "lift_at_k",
        title: "lift at k",
        known_as: &["lift"],
        tasks: &[Task::Binary],
        options: &["k"],
        range: (0.0, f64::INFINITY),
        perfect: f64::INFINITY,
        doc: documented!(
            is: "the share of class 1 among the rows of the highest scores, over its share among all rows. `k` is a \
                 share of the weight below 1 (0.1 unless said), or a number of rows.",
            ties: "rows of one score at the edge count as the mean over all their orders, so constant scores have \
                   1.",
            edge: "`k` rows are the share `k` of all rows, so with weights they are that share of the weight. No \
                   value without a row of class 1, or with fewer than `k` rows. The greatest possible value depends \
                   on the rows.",
            source: "the definition; a second program in Python, compared to 1e-9.",
        ),
        ..SCORED
    },
    Facts {
        name: "recall_at_k",
        title: "recall at k",
        known_as: &["capture_rate", "gain_at_k"],
        tasks: &[Task::Binary],
        options: &["k"],
        doc: documented!(
            is: "the share of class 1 that is among the rows of the highest scores. `k` as in `lift_at_k`.",
            ties: "as in `lift_at_k`; constant scores have the share `k`.",
            edge: "as in `lift_at_k`. Where class 1 is more than `k`, 1 cannot be reached.",
            source: "the definition; a second program in Python, compared to 1e-9.",
        ),
        ..SCORED
    },
    Facts {
        name: "precision_at_k",
        title: "precision at k",
        known_as: &[],
        tasks: &[Task::Binary],
        options: &["k"],
        doc: documented!(
            is: "the share of class 1 among the rows of the highest scores. `k` as in `lift_at_k`.",
            ties: "as in `lift_at_k`; constant scores have the share of class 1.",
            edge: "as in `lift_at_k`, but 0 without a row of class 1. Where class 1 is less than `k`, 1 cannot be \
                   reached.",
            source: "the definition; a second program in Python, compared to 1e-9.",
        ),
        ..SCORED
    },
    Facts {
        name: "top_k_accuracy",
        title: "top-k accuracy",
        known_as: &["top_k_accuracy_score"],
        tasks: &[Task::Multiclass],
        options: &["k"],
        doc: documented!(
            is: "the share of rows whose true class is among the `k` classes of the highest scores (5 unless \
                 said).",
            ties: "a class whose score ties at the edge counts as the mean over all orders; scikit-learn takes the \
                   class of the higher number first.",
            edge: "any finite score will do; 1 where `k` is at least the number of classes.",
            source: "scikit-learn 1.9.1 `top_k_accuracy_score`, compared to 1e-9 where scores are not tied; else a \
                     second program in Python.",
        ),
        ..SCORED
    },
];

/// One of the order of the rows of each query.
const QUERY: Facts = Facts {
    tasks: &[Task::Ranking],
    needs: &[Need::Score, Need::Group],
    options: &["k"],
    ..SCORED
};

pub(super) static OF_QUERIES: [Facts; 4] = [
    Facts {
        name: "ndcg",
        title: "normalised discounted cumulative gain",
        known_as: &["ndcg_at_k", "ndcg_score"],
        options: &["k", "gain"],
        doc: documented!(
            is: "per query the sum of gains over the first `k` rows (all unless said), each over the binary \
                 logarithm of its place plus 1, as a share of the sum of the best order; the mean over queries. \
                 `gain`: `linear` is the relevance, `exponential` 2 to its power less 1.",
            ties: "rows of one score share the mean of their gains.",
            edge: "a query without a relevant row cannot tell models apart and is left out (scikit-learn counts it \
                   as 0); no value when all are. Relevance below 0 is refused. With weights a query weighs the mean \
                   of its rows.",
            source: "Järvelin and Kekäläinen (2002), from memory; scikit-learn 1.9.1 `ndcg_score`, read, compared \
                     to 1e-9.",
        ),
        ..QUERY
    },
    Facts {
        name: "map",
        title: "mean average precision",
        known_as: &["map_at_k", "mean_average_precision"],
        doc: documented!(
            is: "per query the precision at each relevant row (relevance above 0) among the first `k` (all unless \
                 said), summed and divided by the relevant rows that could be there, at most `k`; the mean over \
                 queries.",
            ties: "the mean over all orders of rows of one score, in closed form.",
            edge: "queries without a relevant row and weights as in `ndcg`.",
            source: "the definition; McSherry and Najork (2008) for ties, from memory; a second program in Python \
                     that goes through all orders, compared to 1e-9.",
        ),
        ..QUERY
    },
    Facts {
        name: "mrr",
        title: "mean reciprocal rank",
        known_as: &["mean_reciprocal_rank"],
        doc: documented!(
            is: "per query 1 over the place of the first relevant row, 0 when it is beyond `k` (none unless said); \
                 the mean over queries.",
            ties: "as in `map`.",
            edge: "as in `map`.",
            source: "as `map`.",
        ),
        ..QUERY
    },
    Facts {
        name: "hit_rate",
        title: "hit rate at k",
        known_as: &["hit_rate_at_k", "hits_at_k"],
        doc: documented!(
            is: "the share of queries with a relevant row among the first `k` (10 unless said).",
            ties: "as in `map`: the chance over all orders.",
            edge: "as in `map`.",
            source: "as `map`.",
        ),
        ..QUERY
    },
];
