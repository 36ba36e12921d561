//! Operators of `ai.onnx.ml`, which pipelines of scikit-learn, XGBoost and LightGBM are written with.
//!
//! tract has some of them, with other results than onnxruntime where a model has one set of scores for two classes; these
//! stand in their place. Sums are made in 64 bits and rounded once. Source: ONNX operator schemas of `ai.onnx.ml` 1 to 4,
//! and, where these leave it open, what onnxruntime does (`tests/onnx/`).

mod codes;
mod linear;
mod scaling;
mod trees;

use std::sync::Arc;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::internal::{
    DatumTypeExt, EvalContext, EvalOp, Op, OutletId, SpecialOps, StaticName, TValue, TVec,
    TypedFact, TypedModel, TypedOp,
};
use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::infer::{InferenceOp, InferenceResult, Solver, TensorProxy};
use tract_onnx::tract_hir::internal::{
    DatumType, Expansion, IntoTensor, TDim, Tensor, TractResult, expand,
};
use tract_onnx::tract_hir::tract_ndarray::ArrayD;

/// Operators that are ours.
pub(super) const NAMES: &[&str] = &[
    "ArrayFeatureExtractor",
    "Binarizer",
    "FeatureVectorizer",
    "Imputer",
    "LabelEncoder",
    "LinearClassifier",
    "LinearRegressor",
    "Normalizer",
    "OneHotEncoder",
    "Scaler",
    "TreeEnsembleClassifier",
    "TreeEnsembleRegressor",
];

/// What a node computes.
#[derive(Debug)]
enum Kind {
    Scaling(scaling::Scaling),
    Vectorizer,
    Extractor,
    Labels(codes::Labels),
    OneHot(codes::OneHot),
    Linear(linear::Linear),
    Trees(trees::Trees),
}

impl Kind {
    fn read(context: &ParsingContext, node: &NodeProto) -> TractResult<Self> {
        Ok(match node.op_type.as_str() {
            "ArrayFeatureExtractor" => Self::Extractor,
            "FeatureVectorizer" => Self::Vectorizer,
            "LabelEncoder" => Self::Labels(codes::Labels::read(context, node)?),
            "OneHotEncoder" => Self::OneHot(codes::OneHot::read(node)?),
            "LinearClassifier" | "LinearRegressor" => Self::Linear(linear::Linear::read(node)?),
            "TreeEnsembleClassifier" | "TreeEnsembleRegressor" => {
                Self::Trees(trees::Trees::read(context, node)?)
            }
            _ => Self::Scaling(scaling::Scaling::read(node)?),
        })
    }

    fn outputs(&self) -> usize {
        match self {
            Self::Linear(linear) if linear.classes.is_some() => 2,
            Self::Trees(trees) if trees.classes.is_some() => 2,
            _ => 1,
        }
    }

    /// Type and sizes of each output.
    fn facts(&self, inputs: &[&TypedFact]) -> TractResult<Vec<(DatumType, Vec<TDim>)>> {
        let input = inputs.first().ok_or_else(|| wrong("a node has no input"))?;
        let shape: Vec<TDim> = input.shape.iter().cloned().collect();
        let (rows, _) = plane(&shape);
        let scored = |classes: &Option<Classes>, wide: usize| {
            let scores = (DatumType::F32, vec![rows.clone(), wide.into()]);
            match classes {
                None => vec![scores],
                Some(classes) => vec![(classes.element(), vec![rows.clone()]), scores],
            }
        };
        Ok(match self {
            Self::Scaling(scaling) => vec![(scaling.element(input.datum_type), shape)],
            Self::Vectorizer => {
                let wide = inputs
                    .iter()
                    .map(|i| plane(&i.shape.iter().cloned().collect::<Vec<_>>()).1);
                vec![(DatumType::F32, vec![rows, wide.sum()])]
            }
            Self::Extractor => {
                let wide = inputs.get(1).ok_or_else(|| wrong("a node has one input"))?;
                let mut shape = shape;
                shape.pop();
                // One row where the input is one.
                if shape.is_empty() {
                    shape.push(1.into());
                }
                shape.push(wide.shape.iter().product());
                vec![(input.datum_type, shape)]
            }
            Self::Labels(labels) => vec![(labels.element(), shape)],
            Self::OneHot(hot) => {
                let mut shape = shape;
                shape.push(hot.wide().into());
                vec![(DatumType::F32, shape)]
            }
            Self::Linear(linear) => scored(&linear.classes, linear.wide()),
            Self::Trees(trees) => scored(&trees.classes, trees.wide()),
        })
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<Vec<Tensor>> {
        let input = *inputs.first().ok_or_else(|| wrong("a node has no input"))?;
        match self {
            Self::Scaling(scaling) => Ok(vec![scaling.run(input)?]),
            Self::Vectorizer => Ok(vec![scaling::side_by_side(inputs)?]),
            Self::Extractor => Ok(vec![codes::extract(inputs)?]),
            Self::Labels(labels) => Ok(vec![labels.run(input)?]),
            Self::OneHot(hot) => Ok(vec![hot.run(input)?]),
            Self::Linear(linear) => linear.run(&Rows::of(input)?),
            Self::Trees(trees) => trees.run(&Rows::of(input)?),
        }
    }
}

/// Rows and columns of a shape: one dimension is one row.
fn plane(shape: &[TDim]) -> (TDim, TDim) {
    match shape {
        [wide] => (1.into(), wide.clone()),
        [rows, wide] => (rows.clone(), wide.clone()),
        _ => (1.into(), 1.into()),
    }
}

/// A node in tract's graphs.
#[derive(Debug, Clone)]
struct Ours {
    name: String,
    kind: Arc<Kind>,
}

impl PartialEq for Ours {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kind, &other.kind)
    }
}

impl Eq for Ours {}

/// Reads a node of one of [`NAMES`].
pub(super) fn build(
    context: &ParsingContext,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let kind = Arc::new(Kind::read(context, node)?);
    let name = node.op_type.clone();
    Ok((expand(Ours { name, kind }), Vec::new()))
}

impl Expansion for Ours {
    fn name(&self) -> StaticName {
        self.name.clone().into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.kind.outputs())
    }

    /// Nothing is told before types are known.
    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        _: &mut Solver<'r>,
        _: &'p [TensorProxy],
        _: &'p [TensorProxy],
    ) -> InferenceResult {
        Ok(())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.clone(), inputs)
    }
}

impl Op for Ours {
    fn name(&self) -> StaticName {
        self.name.clone().into()
    }

    op_as_typed_op!();
}

impl EvalOp for Ours {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let inputs: Vec<&Tensor> = inputs.iter().map(|input| &**input).collect();
        let outputs = self.kind.run(&inputs)?;
        Ok(outputs.into_iter().map(TValue::from).collect())
    }
}

impl TypedOp for Ours {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let facts = self.kind.facts(inputs)?.into_iter();
        Ok(facts.map(|(element, shape)| element.fact(shape)).collect())
    }

    as_op!();
}

/// Numbers of an input: rows times columns.
struct Rows {
    wide: usize,
    values: Vec<f64>,
}

impl Rows {
    /// Whole numbers become float32 first, as scores are made of them; 64-bit numbers stay.
    fn of(input: &Tensor) -> TractResult<Self> {
        let wide = match input.shape() {
            [wide] | [_, wide] => *wide,
            other => return Err(wrong(&format!("an input of shape {other:?} is no table"))),
        };
        if wide == 0 {
            return Err(wrong("an input has no columns"));
        }
        Ok(Self {
            wide,
            values: numbers(input)?,
        })
    }

    fn each(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.wide)
    }
}

/// Numbers of a tensor, as [`Rows::of`] takes them.
fn numbers(input: &Tensor) -> TractResult<Vec<f64>> {
    let single = input.datum_type() != DatumType::F64;
    let input = if single {
        input.cast_to::<f32>()?
    } else {
        input.cast_to::<f64>()?
    };
    let wide = input.cast_to::<f64>()?;
    Ok(wide.to_plain_array_view::<f64>()?.iter().copied().collect())
}

/// Numbers as float32, the nearest to each.
#[expect(
    clippy::cast_possible_truncation,
    reason = "outputs of these operators are float32"
)]
fn singles(values: impl IntoIterator<Item = f64>) -> Vec<f32> {
    values.into_iter().map(|v| v as f32).collect()
}

fn tensor<T: tract_onnx::prelude::Datum>(shape: &[usize], values: Vec<T>) -> TractResult<Tensor> {
    Ok(ArrayD::from_shape_vec(shape, values)?.into_tensor())
}

fn wrong(text: &str) -> tract_onnx::tract_hir::internal::TractError {
    tract_onnx::tract_hir::internal::format_err!("{text}")
}

/// Names of classes.
#[derive(Debug)]
enum Classes {
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

impl Classes {
    fn read(node: &NodeProto) -> TractResult<Self> {
        let numbers = node.get_attr_opt_vec::<i64>("classlabels_ints")?;
        let numbers = match numbers {
            None => node.get_attr_opt_vec::<i64>("classlabels_int64s")?,
            some => some,
        };
        let texts = node.get_attr_opt_vec::<String>("classlabels_strings")?;
        match (numbers, texts.filter(|t| !t.is_empty())) {
            (Some(numbers), None) if !numbers.is_empty() => Ok(Self::Numbers(numbers)),
            (None, Some(texts)) => Ok(Self::Texts(texts)),
            _ => Err(wrong("a classifier names no classes, or names them twice")),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    fn element(&self) -> DatumType {
        match self {
            Self::Numbers(_) => DatumType::I64,
            Self::Texts(_) => DatumType::String,
        }
    }

    /// The names of these places.
    fn gather(&self, places: &[usize]) -> TractResult<Tensor> {
        match self {
            Self::Numbers(values) => {
                tensor(&[places.len()], places.iter().map(|p| values[*p]).collect())
            }
            Self::Texts(values) => tensor(
                &[places.len()],
                places.iter().map(|p| values[*p].clone()).collect(),
            ),
        }
    }
}

/// What becomes of scores at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transform {
    None,
    Softmax,
    Logistic,
}

impl Transform {
    fn read(node: &NodeProto) -> TractResult<Self> {
        match node.get_attr_opt::<String>("post_transform")?.as_deref() {
            None | Some("NONE") => Ok(Self::None),
            Some("SOFTMAX") => Ok(Self::Softmax),
            Some("LOGISTIC") => Ok(Self::Logistic),
            Some(other) => Err(wrong(&format!(
                "the transformation `{other}` of scores cannot be run here"
            ))),
        }
    }

    fn of(self, scores: &mut [f64]) {
        match self {
            Self::None => {}
            Self::Logistic => scores.iter_mut().for_each(|s| *s = logistic(*s)),
            Self::Softmax => {
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                scores.iter_mut().for_each(|s| *s = (*s - most).exp());
                let sum: f64 = scores.iter().sum();
                scores.iter_mut().for_each(|s| *s /= sum);
            }
        }
    }
}

fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

/// The first place of the greatest.
fn greatest(scores: &[f64]) -> usize {
    let mut best = 0;
    for (place, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = place;
        }
    }
    best
}
