"""Writes tables with what every metric is over them, by scikit-learn, or by loops where it has no such metric.

Usage: python metrics.py FILE

FILE is JSON: cases with columns as tollgate reads them, and for each metric the number, or null where it must have none.
Random tables have seeds, ties, weights (whole, fractional, some 0) and classes that are rare; real ones are the predictions
of examples/flights. tests/metrics.rs compares to 1e-9.
"""

import itertools
import json
import math
import sys
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy.stats import ks_2samp
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

warnings.simplefilter("error")


class Case:
    def __init__(self, name, **columns):
        self.name = name
        self.columns = {key: value for key, value in columns.items() if value is not None}
        self.expected = []

    def has(self, metric, value, **options):
        value = None if value is None else float(value)
        assert value is None or math.isfinite(value), (self.name, metric, value)
        options = {key: str(option) for key, option in options.items()}
        self.expected.append({"metric": metric, "options": options, "value": value})

    def asks(self, metric, compute, **options):
        """The number that scikit-learn has; null where it warns or refuses."""
        try:
            value = compute()
        except (ValueError, Warning):
            value = None
        if value is not None and not math.isfinite(value):
            value = None
        self.has(metric, value, **options)

    def written(self):
        columns = {key: np.asarray(value).tolist() if key != "classes" else value for key, value in self.columns.items()}
        return {"name": self.name, "columns": columns, "expected": self.expected}


def weighted(case, values, metric, **options):
    case.has(metric, np.average(values, weights=case.columns.get("weight")), **options)


# Classes


def of_classes(case, truth, predicted, classes, w):
    labels = list(range(classes))
    case.has("accuracy", sk.accuracy_score(truth, predicted, sample_weight=w))
    seen = truth if w is None else truth[w > 0]
    one = len(set(seen.tolist())) < 2
    case.asks("balanced_accuracy", lambda: None if one else balanced(truth, predicted, w))
    for weights in (None, "linear", "quadratic"):
        kappa = lambda: sk.cohen_kappa_score(truth, predicted, weights=weights, sample_weight=w, labels=labels)
        case.asks("cohen_kappa", kappa, weights=weights or "none")
    said = predicted if w is None else predicted[w > 0]
    flat = one or len(set(said.tolist())) < 2
    case.has("matthews", None if flat else sk.matthews_corrcoef(truth, predicted, sample_weight=w))
    occurring = sorted(set(seen.tolist()) | set(said.tolist()))
    averages = (["binary"] if classes == 2 else []) + ["macro", "micro", "weighted"]
    for average in averages:
        given = {"average": average, "sample_weight": w, "zero_division": np.nan}
        given["labels"] = None if average == "binary" else occurring
        strict = lambda f, **more: lambda: defined(f, truth, predicted, average, given, **more)
        case.asks("precision", strict(sk.precision_score), average=average)
        case.asks("recall", strict(sk.recall_score), average=average)
        case.asks("f1", strict(sk.f1_score), average=average)
        for beta in (0.5, 2.0, 3.7):
            case.asks("f_beta", strict(sk.fbeta_score, beta=beta), average=average, beta=beta)
        rates = negatives(truth, predicted, average, occurring, w)
        case.has("specificity", rates, average=average)
        case.has("false_positive_rate", None if rates is None else 1 - rates, average=average)
    if classes == 2:
        case.has("selection_rate", np.average(predicted, weights=w))


def balanced(truth, predicted, w):
    with warnings.catch_warnings():
        # That a class is predicted which has no row changes nothing.
        warnings.simplefilter("ignore")
        return sk.balanced_accuracy_score(truth, predicted, sample_weight=w)


def defined(function, truth, predicted, average, given, **more):
    """None where the number of a class that counts is a division by 0."""
    if average in ("macro", "weighted"):
        each = function(truth, predicted, **{**given, "average": None}, **more)
        w = given["sample_weight"]
        support = np.array([np.sum((truth == k) * (1 if w is None else w)) for k in given["labels"]])
        counts = np.ones(len(support)) if average == "macro" else support
        if np.isnan(each[counts > 0]).any():
            return None
        return float(np.sum(each[counts > 0] * counts[counts > 0]) / counts.sum())
    return function(truth, predicted, **given, **more)


def negatives(truth, predicted, average, occurring, w):
    w = np.ones(len(truth)) if w is None else w
    if average == "binary":
        occurring = [1]
    kept, all_, support = [], [], []
    for k in occurring:
        kept.append(float(np.sum(w[(truth != k) & (predicted != k)])))
        all_.append(float(np.sum(w[truth != k])))
        support.append(float(np.sum(w[truth == k])))
    if average == "micro":
        return sum(kept) / sum(all_) if sum(all_) > 0 else None
    counts = [1.0] * len(kept) if average in ("binary", "macro") else support
    if any(c > 0 and a == 0 for c, a in zip(counts, all_)):
        return None
    return sum(c * k / a for c, k, a in zip(counts, kept, all_) if c > 0) / sum(counts)


# Scores of two classes


def of_scores(case, truth, score, w):
    both = len(set((truth if w is None else truth[w > 0]).tolist())) == 2
    positive = np.sum(truth if w is None else truth * w) > 0
    case.has("roc_auc", sk.roc_auc_score(truth, score, sample_weight=w) if both else None)
    case.has("average_precision", sk.average_precision_score(truth, score, sample_weight=w) if positive else None)
    lead = None
    if both:
        fpr, tpr, _ = sk.roc_curve(truth, score, sample_weight=w, drop_intermediate=False)
        lead = max(0.0, float(np.max(tpr - fpr)))
        if w is None:
            other = ks_2samp(score[truth == 1], score[truth == 0], alternative="less", method="asymp").statistic
            assert abs(lead - other) < 1e-12, (lead, other)
    case.has("ks", lead)
    for k in (0.1, 0.33, 0.9, 1, 3, 10):
        lift, recall, precision = at_k(truth, score, w, k)
        case.has("lift_at_k", lift, k=k)
        case.has("recall_at_k", recall, k=k)
        case.has("precision_at_k", precision, k=k)


def at_k(truth, score, w, k):
    """Exact: rows in order of score, a tie at the edge by the part that is inside."""
    n = len(truth)
    w = [Fraction(1)] * n if w is None else [Fraction(float(x)) for x in w]
    total = sum(w)
    positives = sum(x for x, t in zip(w, truth) if t == 1)
    if k >= 1 and k > n:
        return None, None, None
    top = total * (Fraction(k) / n if k >= 1 else Fraction(float(k)))
    room, hits = top, Fraction(0)
    for value in sorted(set(score.tolist()), reverse=True):
        tie = [i for i in range(n) if score[i] == value]
        weight = sum(w[i] for i in tie)
        if weight == 0 or room <= 0:
            continue
        inside = min(weight, room)
        hits += sum(w[i] for i in tie if truth[i] == 1) * inside / weight
        room -= inside
    precision = hits / top
    if positives == 0:
        return None, None, float(precision)
    return float(precision / (positives / total)), float(hits / positives), float(precision)


def of_chances(case, truth, chance, w):
    both = np.column_stack([1 - chance, chance])
    case.has("log_loss", sk.log_loss(truth, both, sample_weight=w, labels=[0, 1]))
    case.has("brier", np.average((chance - truth) ** 2, weights=w))
    if len(set(truth.tolist())) == 2:
        assert abs(case.expected[-1]["value"] - sk.brier_score_loss(truth, chance, sample_weight=w)) < 1e-12
    case.has("calibration_gap", np.average(chance, weights=w) - np.average(truth, weights=w))
    for bins in (10, 7, 100):
        expected = equal_width(truth, chance, w, bins)
        if w is None and len(set(truth.tolist())) == 2:
            happened, said = calibration_curve(truth, chance, n_bins=bins)
            place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], chance)
            sizes = np.bincount(place, minlength=bins)
            other = np.sum(np.abs(happened - said) * sizes[sizes > 0]) / len(truth)
            assert abs(expected - other) < 1e-12
        case.has("expected_calibration_error", expected, bins=bins)
        case.has("adaptive_calibration_error", equal_weight(truth, chance, w, bins), bins=bins)


def equal_width(happened, score, w, bins):
    w = np.ones(len(score)) if w is None else w
    total = 0.0
    for bin in range(bins):
        low, high = bin / bins, (bin + 1) / bins
        inside = ((score > low) | ((bin == 0) & (score == 0))) & (score <= high)
        total += abs(float(np.sum(w[inside] * (score[inside] - happened[inside]))))
    return total / float(np.sum(w))


def equal_weight(happened, score, w, bins):
    """Exact: each tie is cut at every edge that it crosses."""
    w = np.ones(len(score)) if w is None else w
    ties = []
    for value in sorted(set(score.tolist()), reverse=True):
        inside = np.flatnonzero(score == value)
        weight = sum(Fraction(float(w[i])) for i in inside)
        gap = sum(Fraction(float(w[i])) * (Fraction(float(value)) - Fraction(float(happened[i]))) for i in inside)
        if weight > 0:
            ties.append((weight, gap))
    total = sum(weight for weight, _ in ties)
    error = Fraction(0)
    for bin in range(bins):
        low, high = total * bin / bins, total * (bin + 1) / bins
        start, of_bin = Fraction(0), Fraction(0)
        for weight, gap in ties:
            inside = min(high, start + weight) - max(low, start)
            if inside > 0:
                of_bin += gap * inside / weight
            start += weight
        error += abs(of_bin)
    return float(error / total)


# Chances of several classes


def of_many(case, truth, scores, w):
    classes = scores.shape[1]
    weight = np.ones(len(truth)) if w is None else w
    case.has("log_loss", sk.log_loss(truth, scores, sample_weight=w, labels=range(classes)))
    case.has("brier", sk.brier_score_loss(truth, scores, sample_weight=w, labels=list(range(classes))))
    happened = np.eye(classes)[truth]
    whole = all(weight[truth == k].sum() > 0 for k in range(classes))
    for average in ("macro", "weighted", "micro"):
        given = {"average": average, "sample_weight": w}
        present = whole or average == "micro"
        case.has("roc_auc", sk.roc_auc_score(happened, scores, **given) if present else None, average=average)
        case.has(
            "average_precision", sk.average_precision_score(happened, scores, **given) if present else None, average=average
        )
    untied = all(len(set(row)) == classes for row in scores.tolist())
    for k in (1, 2, classes + 3):
        own = scores[np.arange(len(truth)), truth]
        above = (scores > own[:, None]).sum(axis=1)
        tied = (scores >= own[:, None]).sum(axis=1) - above
        value = np.average(np.clip((k - above) / tied, 0, 1), weights=w)
        if untied and k < classes:
            other = sk.top_k_accuracy_score(truth, scores, k=k, sample_weight=w, labels=range(classes))
            assert abs(value - other) < 1e-12
        case.has("top_k_accuracy", value, k=k)
    top = scores.max(axis=1)
    first = scores == top[:, None]
    right = first[np.arange(len(truth)), truth] / first.sum(axis=1)
    for bins in (10, 15):
        case.has("expected_calibration_error", equal_width(right, top, w, bins), bins=bins)
        case.has("adaptive_calibration_error", equal_weight(right, top, w, bins), bins=bins)


# Numbers


def of_values(case, truth, value, w, group):
    given = {"sample_weight": w}
    error = truth - value
    case.has("mae", sk.mean_absolute_error(truth, value, **given))
    case.has("mse", sk.mean_squared_error(truth, value, **given))
    case.has("rmse", sk.root_mean_squared_error(truth, value, **given))
    zero = (truth == 0).any()
    case.has("mape", None if zero else sk.mean_absolute_percentage_error(truth, value, **given))
    size = np.abs(truth) + np.abs(value)
    weighted(case, np.where(size == 0, 0, 2 * np.abs(error) / np.where(size == 0, 1, size)), "smape")
    whole = np.average(np.abs(truth), weights=w)
    case.has("wape", None if whole == 0 else np.average(np.abs(error), weights=w) / whole)
    for season in (1, 4):
        case.has("mase", scaled(truth, value, w, group, season), season=season)
    seen = truth if w is None else truth[w > 0]
    flat = len(set(seen.tolist())) < 2
    case.has("r2", None if flat else sk.r2_score(truth, value, **given))
    case.has("explained_variance", None if flat else sk.explained_variance_score(truth, value, **given))
    case.has("median_absolute_error", sk.median_absolute_error(truth, value, **given))
    case.has("max_error", sk.max_error(seen, value if w is None else value[w > 0]))
    for quantile in (0.5, 0.1, 0.95):
        case.has("pinball", sk.mean_pinball_loss(truth, value, alpha=quantile, **given), quantile=quantile)
    positive, at_least = bool((value > 0).all()), bool((truth >= 0).all())
    above = bool((truth > 0).all())
    case.has("poisson_deviance", sk.mean_poisson_deviance(truth, value, **given) if positive and at_least else None)
    case.has("gamma_deviance", sk.mean_gamma_deviance(truth, value, **given) if positive and above else None)
    for power in (-1.3, 0, 1, 1.5, 2, 2.7, 3):
        compute = lambda: sk.mean_tweedie_deviance(truth, value, power=power, **given)
        case.asks("tweedie_deviance", compute, power=power)


def scaled(truth, value, w, group, season):
    group = np.zeros(len(truth), int) if group is None else group
    losses = np.empty(len(truth))
    for series in set(group.tolist()):
        rows = np.flatnonzero(group == series)
        if len(rows) <= season:
            return None
        scale = np.mean(np.abs(truth[rows][season:] - truth[rows][:-season]))
        if scale == 0:
            return None
        losses[rows] = np.abs(truth[rows] - value[rows]) / scale
    return np.average(losses, weights=w)


def of_intervals(case, truth, low, high):
    weighted(case, ((low <= truth) & (truth <= high)) * 1.0, "interval_coverage")
    weighted(case, high - low, "interval_width")
    for level in (0.9, 0.5):
        outside = np.maximum(np.maximum(low - truth, truth - high), 0)
        weighted(case, high - low + 2 / (1 - level) * outside, "interval_score", level=level)


# Rankings


def of_queries(case, relevance, score, group, w):
    queries = []
    for query in sorted(set(group.tolist())):
        rows = np.flatnonzero(group == query)
        if (relevance[rows] > 0).any():
            weight = 1.0 if w is None else float(np.mean(w[rows]))
            queries.append((relevance[rows], score[rows], weight))

    def mean(metric, **options):
        if not queries:
            return case.has(metric[0], None, **options)
        values = [metric[1](r, s) for r, s, _ in queries]
        case.has(metric[0], np.average(values, weights=[x for _, _, x in queries]), **options)

    for k in (None, 1, 3, 10):
        options = {} if k is None else {"k": k}
        mean(("ndcg", lambda r, s: gain(r, s, k)), **options)
        mean(("ndcg", lambda r, s: gain(2.0**r - 1, s, k)), gain="exponential", **options)
        if small(queries):
            mean(("map", lambda r, s: over_orders(precisions, r, s, k)), **options)
            mean(("mrr", lambda r, s: over_orders(first, r, s, k)), **options)
            if k is not None:
                mean(("hit_rate", lambda r, s: over_orders(any_hit, r, s, k)), **options)


def gain(relevance, score, k):
    if len(relevance) > 1:
        return sk.ndcg_score([relevance], [score], k=k)
    return 1.0


def small(queries):
    ties = lambda s: math.prod(math.factorial(int(np.sum(s == v))) for v in set(s.tolist()))
    return all(ties(s) <= 720 for _, s, _ in queries)


def over_orders(metric, relevance, score, k):
    """The mean over all orders of tied rows, one by one."""
    parts = [np.flatnonzero(score == v).tolist() for v in sorted(set(score.tolist()), reverse=True)]
    orders = itertools.product(*[itertools.permutations(part) for part in parts])
    values = [metric([relevance[i] > 0 for part in order for i in part], k) for order in orders]
    return float(sum(values) / len(values))


def precisions(hits, k):
    k = len(hits) if k is None else min(k, len(hits))
    found, total = 0, Fraction(0)
    for place, hit in enumerate(hits[:k], 1):
        if hit:
            found += 1
            total += Fraction(found, place)
    return total / min(sum(hits), k)


def first(hits, k):
    k = len(hits) if k is None else k
    place = hits.index(True) + 1
    return Fraction(1, place) if place <= k else Fraction(0)


def any_hit(hits, k):
    return Fraction(int(any(hits[:k])))


# Tables


def weights_of(rng, n, kind):
    if kind == "none":
        return None
    if kind == "whole":
        return rng.integers(1, 5, n).astype(float)
    w = rng.random(n) * 3
    if n > 3:
        w[rng.random(n) < 0.2] = 0
        w[0] = 1.5
    return w


def tied(rng, values, kind):
    return {"none": values, "some": np.round(values, 2), "many": np.round(values, 1)}[kind]


def binary_case(rng, name, n, weights, ties, share):
    truth = (rng.random(n) < share).astype(int)
    score = np.clip(rng.normal(0.35 + 0.25 * truth, 0.25), 0, 1)
    score = tied(rng, score, ties)
    predicted = (score >= 0.5).astype(int)
    w = weights_of(rng, n, weights)
    case = Case(name, classes=2, truth=truth, score=score, weight=w, **{"class": predicted})
    of_classes(case, truth, predicted, 2, w)
    of_scores(case, truth, score, w)
    of_chances(case, truth, score, w)
    return case


def many_case(rng, name, n, classes, weights, ties):
    share = rng.dirichlet(np.ones(classes) * 2)
    truth = rng.choice(classes, n, p=share)
    logits = rng.normal(0, 1, (n, classes)) + 1.5 * np.eye(classes)[truth]
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    if ties:
        # Eighths that sum to 1: many equal chances in a row and between rows.
        scores = rng.multinomial(8, scores) / 8
    predicted = scores.argmax(axis=1)
    w = weights_of(rng, n, weights)
    case = Case(name, classes=classes, truth=truth, scores=scores.T, weight=w, **{"class": predicted})
    of_classes(case, truth, predicted, classes, w)
    of_many(case, truth, scores, w)
    return case


def value_case(rng, name, n, weights, kind):
    truth = {
        "normal": lambda: rng.normal(1000, 5, n),
        "count": lambda: rng.poisson(2.0, n).astype(float),
        "positive": lambda: rng.gamma(2.0, 3.0, n) + 0.01,
        "same": lambda: np.full(n, 0.1),
    }[kind]()
    value = np.abs(truth + rng.normal(0, 1, n)) + 0.01
    if kind == "count":
        value = np.round(value) + 1.0
    group = rng.integers(0, 3, n) if n > 30 else None
    w = weights_of(rng, n, weights)
    low, high = value - np.round(rng.random(n) * 2, 1), value + np.round(rng.random(n) * 2, 1)
    case = Case(name, truth=truth, value=value, low=low, high=high, weight=w, group=group)
    of_values(case, truth, value, w, group)
    of_intervals(case, truth, low, high)
    return case


def query_case(rng, name, queries, size, weights, ties):
    group = np.repeat(rng.permutation(queries * 3)[:queries], rng.integers(1, size + 1, queries))
    group = rng.permutation(group)
    n = len(group)
    relevance = rng.choice([0, 0, 0, 1, 2, 3], n).astype(float)
    score = tied(rng, rng.random(n) * 0.5 + relevance * 0.1, ties)
    w = weights_of(rng, n, weights)
    case = Case(name, truth=relevance, score=score, group=group, weight=w)
    of_queries(case, relevance, score, group, w)
    return case


def random_cases():
    seeds = itertools.count(1)
    for n, weights, ties in itertools.product((2, 3, 7, 50, 400), ("none", "whole", "some"), ("none", "some", "many")):
        for share in (0.5, 0.08):
            rng = np.random.default_rng(next(seeds))
            yield binary_case(rng, f"binary {n} {weights} {ties} {share}", n, weights, ties, share)
    for n, classes, weights, ties in itertools.product((4, 60, 300), (3, 5), ("none", "whole", "some"), (False, True)):
        rng = np.random.default_rng(next(seeds))
        yield many_case(rng, f"multiclass {n} {classes} {weights} {ties}", n, classes, weights, ties)
    for n, weights, kind in itertools.product(
        (1, 2, 9, 40, 300), ("none", "whole", "some"), ("normal", "count", "positive", "same")
    ):
        rng = np.random.default_rng(next(seeds))
        yield value_case(rng, f"numbers {n} {weights} {kind}", n, weights, kind)
    for queries, size, weights, ties in itertools.product((1, 8, 40), (1, 6, 12), ("none", "some"), ("none", "some", "many")):
        rng = np.random.default_rng(next(seeds))
        yield query_case(rng, f"queries {queries} {size} {weights} {ties}", queries, size, weights, ties)


def flights():
    """The predictions of examples/flights: by the champion, of flights of March, with many scores that are equal."""
    folder = Path(__file__).parents[2] / "examples/flights/models"
    table = pq.read_table(folder / "champion.parquet").to_pydict()
    late = np.array(table["late"], dtype=int)
    score = np.array(table["p_late"], dtype=float)
    day = np.array(table["day"])
    numbers = pq.read_table(folder / "minutes-champion.parquet").to_pydict()
    delay, minutes = np.array(numbers["arr_delay"], dtype=float), np.array(numbers["minutes"], dtype=float)
    for w in (None, day / 7):
        kind = "plain" if w is None else "by day"
        predicted = (score >= 0.5).astype(int)
        case = Case(f"flights late {kind}", classes=2, truth=late, score=score, weight=w, **{"class": predicted})
        of_classes(case, late, predicted, 2, w)
        of_scores_of_many_rows(case, late, score, w)
        yield case
        case = Case(f"flights minutes {kind}", truth=delay, value=minutes, weight=w, group=day)
        of_values(case, delay, minutes, w, day)
        yield case
    relevance = np.clip(np.round(delay / 30), 0, 4)
    case = Case("flights of a day by delay", truth=relevance, score=score, group=day)
    of_queries(case, relevance, score, day, None)
    yield case


def of_scores_of_many_rows(case, truth, score, w):
    """As of_scores and of_chances, without the exact loops."""
    case.has("roc_auc", sk.roc_auc_score(truth, score, sample_weight=w))
    case.has("average_precision", sk.average_precision_score(truth, score, sample_weight=w))
    fpr, tpr, _ = sk.roc_curve(truth, score, sample_weight=w, drop_intermediate=False)
    case.has("ks", np.max(tpr - fpr))
    both = np.column_stack([1 - score, score])
    case.has("log_loss", sk.log_loss(truth, both, sample_weight=w))
    case.has("brier", sk.brier_score_loss(truth, score, sample_weight=w))
    case.has("expected_calibration_error", equal_width(truth, score, w, 10))


def main():
    cases = [case.written() for case in itertools.chain(random_cases(), flights())]
    Path(sys.argv[1]).write_text(json.dumps({"cases": cases}), encoding="utf-8")


main()
