//! `TreeEnsembleClassifier` and `TreeEnsembleRegressor`: forests and boosted trees.

use super::{Classes, Rows, Transform, greatest, logistic, singles, tensor, wrong};
use std::collections::{HashMap, HashSet};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::{NodeProto, TensorProto};
use tract_onnx::tract_hir::internal::{Tensor, TractResult};

/// Scores of a row at most.
const WIDEST: usize = 100_000;

/// Trees whose leaves add up.
#[derive(Debug)]
pub(super) struct Trees {
    pub(super) classes: Option<Classes>,
    nodes: Vec<Node>,
    roots: Vec<usize>,
    /// Of a leaf: scores that it adds to, and by how much.
    leaves: Vec<(usize, f64)>,
    /// What each score begins with; empty for nothing.
    base: Vec<f64>,
    wide: usize,
    aggregate: Aggregate,
    transform: Transform,
    /// Of two classes: only one has weights.
    one_for_two: bool,
    /// No weight is negative.
    positive: bool,
}

/// A question about one column, or a leaf.
#[derive(Debug)]
struct Node {
    mode: Mode,
    column: usize,
    threshold: f64,
    yes: usize,
    no: usize,
    /// Where NaN goes: to `yes`.
    missing: bool,
    /// Of a leaf: the first of its places in the list of leaves, and how many.
    leaf: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    AtMost,
    Below,
    AtLeast,
    Above,
    Equal,
    Other,
    Leaf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aggregate {
    Sum,
    Average,
    Least,
    Greatest,
}

impl Trees {
    pub(super) fn read(context: &ParsingContext, node: &NodeProto) -> TractResult<Self> {
        let classes = match node.op_type.as_str() {
            "TreeEnsembleClassifier" => Some(Classes::read(node)?),
            _ => None,
        };
        let wide = match &classes {
            Some(classes) => classes.len(),
            None => node.get_attr_opt::<usize>("n_targets")?.unwrap_or(1),
        };
        if wide == 0 || wide > WIDEST {
            return Err(wrong(&format!("{wide} scores of a row")));
        }
        let (mut nodes, places) = nodes(context, node)?;
        let roots = roots(&nodes)?;
        let stem = if classes.is_some() { "class" } else { "target" };
        let (leaves, scores) = leaves(context, node, stem, (&mut nodes, &places, wide))?;
        let aggregate = match node
            .get_attr_opt::<String>("aggregate_function")?
            .as_deref()
        {
            None | Some("SUM") => Aggregate::Sum,
            Some("AVERAGE") => Aggregate::Average,
            Some("MIN") => Aggregate::Least,
            Some("MAX") => Aggregate::Greatest,
            Some(other) => return Err(wrong(&format!("the sum `{other}` of trees is not known"))),
        };
        let base = floats(context, node, "base_values")?;
        if !(base.is_empty()
            || base.len() == wide
            || (classes.is_some() && wide == 2 && base.len() == 1))
        {
            return Err(wrong(&format!(
                "{} base values for {wide} scores",
                base.len()
            )));
        }
        Ok(Self {
            one_for_two: classes.is_some() && wide == 2 && scores.len() == 1,
            positive: leaves.iter().all(|(_, weight)| *weight >= 0.0),
            transform: Transform::read(node)?,
            classes,
            nodes,
            roots,
            leaves,
            base,
            wide,
            aggregate,
        })
    }

    /// Scores of a row.
    pub(super) fn wide(&self) -> usize {
        self.wide
    }

    pub(super) fn run(&self, rows: &Rows) -> TractResult<Vec<Tensor>> {
        let most = self
            .nodes
            .iter()
            .filter(|n| n.mode != Mode::Leaf)
            .map(|n| n.column)
            .max();
        if let Some(column) = most.filter(|column| *column >= rows.wide) {
            return Err(wrong(&format!(
                "a tree asks for column {column}, and {} come in",
                rows.wide
            )));
        }
        let (mut all, mut chosen) = (Vec::new(), Vec::new());
        for row in rows.each() {
            let mut scores = self.sums(row);
            if self.classes.is_none() {
                self.begin(&mut scores);
                self.transform.of(&mut scores);
            } else {
                let (scored, class) = self.judged(&scores);
                scores = scored;
                chosen.push(class);
            }
            all.extend(scores);
        }
        let scores = tensor(&[all.len() / self.wide, self.wide], singles(all))?;
        match &self.classes {
            None => Ok(vec![scores]),
            Some(classes) => Ok(vec![classes.gather(&chosen)?, scores]),
        }
    }

    /// What the leaves that a row comes to add up to.
    fn sums(&self, row: &[f64]) -> Vec<f64> {
        let mut scores: Vec<Option<f64>> = vec![None; self.wide];
        for root in &self.roots {
            let mut node = &self.nodes[*root];
            while node.mode != Mode::Leaf {
                node = &self.nodes[if node.asks(row[node.column]) {
                    node.yes
                } else {
                    node.no
                }];
            }
            let (first, count) = node.leaf;
            for (score, weight) in &self.leaves[first..first + count] {
                let so_far = scores[*score];
                scores[*score] = Some(match (so_far, self.aggregate) {
                    (None, _) => *weight,
                    (Some(sum), Aggregate::Sum | Aggregate::Average) => sum + weight,
                    (Some(least), Aggregate::Least) => least.min(*weight),
                    (Some(greatest), Aggregate::Greatest) => greatest.max(*weight),
                });
            }
        }
        let over = match self.aggregate {
            Aggregate::Average => self.roots.len() as f64,
            _ => 1.0,
        };
        scores.iter().map(|s| s.unwrap_or(0.0) / over).collect()
    }

    fn begin(&self, scores: &mut [f64]) {
        for (score, base) in scores.iter_mut().zip(&self.base) {
            *score += base;
        }
    }

    /// Scores of the classes, and the place of the one that is chosen.
    fn judged(&self, sums: &[f64]) -> (Vec<f64>, usize) {
        if !self.one_for_two {
            let mut scores = sums.to_vec();
            self.begin(&mut scores);
            let class = greatest(&scores);
            self.transform.of(&mut scores);
            return (scores, class);
        }
        // One sum, wherever it stands, is the second class's; its base value is the last one.
        let score = sums.iter().sum::<f64>() + self.base.last().copied().unwrap_or(0.0);
        let limit = if self.positive { 0.5 } else { 0.0 };
        let scores = match (self.transform, self.positive) {
            (Transform::Logistic, _) => vec![logistic(-score), logistic(score)],
            (_, true) => vec![1.0 - score, score],
            (_, false) => vec![-score, score],
        };
        (scores, usize::from(score > limit))
    }
}

impl Node {
    fn asks(&self, value: f64) -> bool {
        if value.is_nan() && self.missing {
            return true;
        }
        match self.mode {
            Mode::AtMost => value <= self.threshold,
            Mode::Below => value < self.threshold,
            Mode::AtLeast => value >= self.threshold,
            Mode::Above => value > self.threshold,
            Mode::Equal => value.to_bits() == self.threshold.to_bits() || value == self.threshold,
            Mode::Other => value != self.threshold,
            Mode::Leaf => false,
        }
    }
}

/// The numbers `NAME` or `NAME_as_tensor`.
fn floats(context: &ParsingContext, node: &NodeProto, name: &str) -> TractResult<Vec<f64>> {
    if let Some(tensor) = node.get_attr_opt::<&TensorProto>(&format!("{name}_as_tensor"))? {
        let tensor = context.load_tensor(tensor)?;
        let wide = tensor.cast_to::<f64>()?;
        return Ok(wide.to_plain_array_view::<f64>()?.iter().copied().collect());
    }
    let singles = node.get_attr_opt_vec::<f32>(name)?.unwrap_or_default();
    Ok(singles.into_iter().map(f64::from).collect())
}

type Places = HashMap<(i64, i64), usize>;

/// Nodes, and where the node of a tree and a number is.
fn nodes(context: &ParsingContext, node: &NodeProto) -> TractResult<(Vec<Node>, Places)> {
    let whole = |name: &str| {
        node.get_attr_opt_vec::<i64>(name)
            .map(Option::unwrap_or_default)
    };
    let (trees, numbers) = (whole("nodes_treeids")?, whole("nodes_nodeids")?);
    let modes: Vec<String> = node.get_attr_vec("nodes_modes")?;
    let columns = whole("nodes_featureids")?;
    let values = floats(context, node, "nodes_values")?;
    let (yes, no) = (whole("nodes_truenodeids")?, whole("nodes_falsenodeids")?);
    let missing = whole("nodes_missing_value_tracks_true")?;
    let count = modes.len();
    let long = [
        trees.len(),
        numbers.len(),
        columns.len(),
        values.len(),
        yes.len(),
        no.len(),
    ];
    if long.iter().any(|l| *l != count) || !(missing.is_empty() || missing.len() == count) {
        return Err(wrong("lists of nodes of trees of several lengths"));
    }
    let mut places = Places::new();
    for (place, name) in trees.iter().copied().zip(numbers).enumerate() {
        if places.insert(name, place).is_some() {
            return Err(wrong("a tree has two nodes of one number"));
        }
    }
    let mut nodes = Vec::with_capacity(count);
    for at in 0..count {
        let mode = mode(&modes[at])?;
        let to = |number: i64| {
            let place = places.get(&(trees[at], number)).copied();
            place.ok_or_else(|| wrong("a node of a tree leads to none"))
        };
        let (yes, no) = if mode == Mode::Leaf {
            (at, at)
        } else {
            (to(yes[at])?, to(no[at])?)
        };
        nodes.push(Node {
            mode,
            column: usize::try_from(columns[at].max(0)).unwrap_or(usize::MAX),
            threshold: values[at],
            yes,
            no,
            missing: missing.get(at).is_some_and(|m| *m != 0),
            leaf: (0, 0),
        });
    }
    Ok((nodes, places))
}

fn mode(word: &str) -> TractResult<Mode> {
    Ok(match word {
        "BRANCH_LEQ" => Mode::AtMost,
        "BRANCH_LT" => Mode::Below,
        "BRANCH_GTE" => Mode::AtLeast,
        "BRANCH_GT" => Mode::Above,
        "BRANCH_EQ" => Mode::Equal,
        "BRANCH_NEQ" => Mode::Other,
        "LEAF" => Mode::Leaf,
        other => {
            return Err(wrong(&format!(
                "the question `{other}` of a tree is not known"
            )));
        }
    })
}

/// Nodes that no other leads to. None is led to twice, so that every way ends.
fn roots(nodes: &[Node]) -> TractResult<Vec<usize>> {
    let mut led: HashSet<usize> = HashSet::new();
    for (at, node) in nodes
        .iter()
        .enumerate()
        .filter(|(_, n)| n.mode != Mode::Leaf)
    {
        for to in [node.yes, node.no] {
            if to == at || !led.insert(to) {
                return Err(wrong("a tree that is none: two ways lead to one node"));
            }
        }
    }
    let roots: Vec<usize> = (0..nodes.len()).filter(|at| !led.contains(at)).collect();
    if roots.is_empty() {
        return Err(wrong("trees without a root"));
    }
    Ok(roots)
}

/// What leaves add, with the scores that any of them adds to.
fn leaves(
    context: &ParsingContext,
    node: &NodeProto,
    stem: &str,
    (nodes, places, wide): (&mut [Node], &Places, usize),
) -> TractResult<(Vec<(usize, f64)>, HashSet<usize>)> {
    let whole = |name: &str| {
        let found = node.get_attr_opt_vec::<i64>(&format!("{stem}_{name}"));
        found.map(Option::unwrap_or_default)
    };
    let (trees, numbers, ids) = (whole("treeids")?, whole("nodeids")?, whole("ids")?);
    let weights = floats(context, node, &format!("{stem}_weights"))?;
    let count = weights.len();
    if count == 0
        || [trees.len(), numbers.len(), ids.len()]
            .iter()
            .any(|l| *l != count)
    {
        return Err(wrong("lists of leaves of trees of several lengths"));
    }
    let mut of: HashMap<usize, Vec<(usize, f64)>> = HashMap::new();
    let mut scores = HashSet::new();
    for at in 0..count {
        let place = places.get(&(trees[at], numbers[at])).copied();
        let place = place.filter(|p| nodes[*p].mode == Mode::Leaf);
        let place = place.ok_or_else(|| wrong("a weight of a leaf that there is not"))?;
        let score = usize::try_from(ids[at]).ok().filter(|score| *score < wide);
        let score = score.ok_or_else(|| wrong("a leaf adds to a score that there is not"))?;
        scores.insert(score);
        of.entry(place).or_default().push((score, weights[at]));
    }
    let mut leaves = Vec::with_capacity(count);
    for (at, node) in nodes.iter_mut().enumerate() {
        if let Some(list) = of.remove(&at) {
            node.leaf = (leaves.len(), list.len());
            leaves.extend(list);
        }
    }
    Ok((leaves, scores))
}
