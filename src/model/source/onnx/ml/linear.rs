//! `LinearClassifier` and `LinearRegressor`.

use super::{Classes, Rows, Transform, greatest, logistic, singles, tensor, wrong};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::{Tensor, TractResult};

/// Sums of weighted columns.
#[derive(Debug)]
pub(super) struct Linear {
    pub(super) classes: Option<Classes>,
    /// Weights of each score, one after the other.
    coefficients: Vec<f32>,
    /// What each score begins with.
    intercepts: Vec<f32>,
    transform: Transform,
}

impl Linear {
    pub(super) fn read(node: &NodeProto) -> TractResult<Self> {
        let coefficients: Vec<f32> = node.get_attr_vec("coefficients")?;
        let intercepts = node.get_attr_opt_vec::<f32>("intercepts")?;
        let transform = Transform::read(node)?;
        let classes = match node.op_type.as_str() {
            "LinearClassifier" => Some(Classes::read(node)?),
            _ => None,
        };
        let targets = match &classes {
            Some(classes) => classes.len(),
            None => node.get_attr_opt::<usize>("targets")?.unwrap_or(1),
        };
        let intercepts = match intercepts {
            Some(given) if !given.is_empty() => given,
            _ => vec![0.0; targets],
        };
        let scores = intercepts.len();
        let one_for_two = classes.is_some() && targets == 2 && scores == 1;
        if !one_for_two && scores != targets {
            return Err(wrong(&format!("{scores} intercepts for {targets} scores")));
        }
        if one_for_two && transform == Transform::Softmax {
            return Err(wrong(
                "one score of two classes with SOFTMAX cannot be run here",
            ));
        }
        if coefficients.is_empty() || coefficients.len() % scores != 0 {
            return Err(wrong(&format!(
                "{} coefficients for {scores} scores",
                coefficients.len()
            )));
        }
        Ok(Self {
            classes,
            coefficients,
            intercepts,
            transform,
        })
    }

    /// Scores of a row.
    pub(super) fn wide(&self) -> usize {
        self.classes
            .as_ref()
            .map_or(self.intercepts.len(), Classes::len)
    }

    pub(super) fn run(&self, rows: &Rows) -> TractResult<Vec<Tensor>> {
        let wide = self.coefficients.len() / self.intercepts.len();
        if rows.wide != wide {
            return Err(wrong(&format!(
                "weights of {wide} columns, and {} come in",
                rows.wide
            )));
        }
        let (mut all, mut chosen) = (Vec::new(), Vec::new());
        for row in rows.each() {
            let weights = self.coefficients.chunks_exact(wide).zip(&self.intercepts);
            let score = |(weights, start): (&[f32], &f32)| {
                let terms = weights.iter().zip(row).map(|(w, v)| f64::from(*w) * v);
                f64::from(*start) + terms.sum::<f64>()
            };
            let mut scores: Vec<f64> = weights.map(score).collect();
            match (&self.classes, scores.as_slice()) {
                (Some(classes), [one]) if classes.len() == 2 => {
                    chosen.push(usize::from(*one > 0.0));
                    all.extend(self.both(*one));
                }
                (Some(_), _) => {
                    chosen.push(greatest(&scores));
                    self.transform.of(&mut scores);
                    all.extend(scores);
                }
                (None, _) => {
                    self.transform.of(&mut scores);
                    all.extend(scores);
                }
            }
        }
        let scores = tensor(&[all.len() / self.wide(), self.wide()], singles(all))?;
        match &self.classes {
            None => Ok(vec![scores]),
            Some(classes) => Ok(vec![classes.gather(&chosen)?, scores]),
        }
    }

    /// Scores of both classes, of the one of the second.
    fn both(&self, score: f64) -> [f64; 2] {
        match self.transform {
            Transform::Logistic => [logistic(-score), logistic(score)],
            _ => [-score, score],
        }
    }
}
