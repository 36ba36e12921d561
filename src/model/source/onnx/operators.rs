//! Which operators are run. What is not known is refused by name: a wrong number would be worse than none.

use super::ml;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{GraphProto, NodeProto};
use tract_onnx::prelude::Framework;

/// Operators of ONNX that are run: those that `tests/onnx` holds against onnxruntime. tract has more, looks them up by name
/// whatever their domain is, and computes some otherwise.
const KNOWN: &[&str] = &[
    "Abs",
    "Add",
    "And",
    "ArgMax",
    "ArgMin",
    "Atan",
    "BatchNormalization",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Cos",
    "CumSum",
    "Div",
    "Einsum",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "Gather",
    "GatherElements",
    "Gemm",
    "Greater",
    "GreaterOrEqual",
    "HardSigmoid",
    "HardSwish",
    "Hardmax",
    "Identity",
    "IsInf",
    "IsNaN",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "LogSoftmax",
    "LpNormalization",
    "MatMul",
    "Max",
    "Min",
    "Mish",
    "Mod",
    "Mul",
    "Neg",
    "Not",
    "OneHot",
    "Or",
    "PRelu",
    "Pad",
    "Pow",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Round",
    "ScatterElements",
    "Selu",
    "Shape",
    "Sigmoid",
    "Sign",
    "Sin",
    "Slice",
    "Softmax",
    "Softplus",
    "Softsign",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Tan",
    "Tanh",
    "ThresholdedRelu",
    "Tile",
    "TopK",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Where",
    "Xor",
];

/// What draws by chance: two runs would differ.
const BY_CHANCE: &[&str] = &[
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
];

/// Operators that tract computes otherwise than ONNX defines them, found by `tests/onnx/compare.py`: whole numbers keep
/// their sign in `Mod`, texts of numbers are others.
fn otherwise(node: &NodeProto) -> bool {
    let whole = |name: &str| node.attribute.iter().find(|a| a.name == name).map(|a| a.i);
    match node.op_type.as_str() {
        "Mod" => whole("fmod") != Some(1),
        "Cast" => whole("to") == Some(DataType::String as i64),
        _ => false,
    }
}

/// Operators that give NaN on, or that know what it means. What comes to any other is watched: kernels that limit their
/// values would make a number of it.
const GIVE_ON: &[&str] = &[
    "Abs",
    "Add",
    "And",
    "ArrayFeatureExtractor",
    "BatchNormalization",
    "Cast",
    "Ceil",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "CumSum",
    "Div",
    "Einsum",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "FeatureVectorizer",
    "Flatten",
    "Floor",
    "Gather",
    "GatherElements",
    "GatherND",
    "Gemm",
    "Greater",
    "GreaterOrEqual",
    "Identity",
    "Imputer",
    "IsInf",
    "IsNaN",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "LogSoftmax",
    "MatMul",
    "Mish",
    "Mul",
    "Neg",
    "Not",
    "Or",
    "PRelu",
    "Pow",
    "Reciprocal",
    "ReduceL1",
    "ReduceLogSumExp",
    "ReduceMean",
    "ReduceProd",
    "ReduceSum",
    "Reshape",
    "Round",
    "Scaler",
    "Selu",
    "Shape",
    "Sign",
    "Size",
    "Slice",
    "Softmax",
    "Softplus",
    "Softsign",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "ThresholdedRelu",
    "Tile",
    "Transpose",
    "TreeEnsembleClassifier",
    "TreeEnsembleRegressor",
    "Unsqueeze",
    "Where",
    "Xor",
];

/// Whether NaN that comes to a node must be seen before it.
pub(super) fn hides(node: &NodeProto) -> bool {
    let floats = [DataType::Float, DataType::Double, DataType::Float16].map(|t| t as i64);
    let to = node
        .attribute
        .iter()
        .find(|a| a.name == "to")
        .map_or(0, |a| a.i);
    let whole = node.op_type == "Cast" && !floats.contains(&to);
    whole || !GIVE_ON.contains(&node.op_type.as_str())
}

/// Nodes that a message names.
const NAMED: usize = 3;

/// What reads a model: tract's operators, and ours of `ai.onnx.ml` in their place.
pub(super) fn framework() -> tract_onnx::Onnx {
    let mut onnx = tract_onnx::onnx().with_ignore_value_info(true);
    for name in ml::NAMES.iter().chain(ml::EXACT).chain([&ml::WATCH]) {
        onnx.op_register.insert(name, ml::build);
    }
    onnx
}

/// Whether every node can be run.
///
/// Errors: in words, the first operators that cannot, each with its domain and node.
pub(super) fn known(graph: &GraphProto) -> Result<(), String> {
    let unknown: Vec<String> = graph.node.iter().filter_map(refused).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let more = unknown.len().saturating_sub(NAMED);
    let mut told = unknown[..unknown.len().min(NAMED)].join("; ");
    if more > 0 {
        told = format!(
            "{told}; and {}",
            crate::diagnostic::plural(more as u64, "node")
        );
    }
    Err(told)
}

/// Why a node is not run; `None` where it is.
fn refused(node: &NodeProto) -> Option<String> {
    let operator = node.op_type.as_str();
    let standard = matches!(node.domain.as_str(), "" | "ai.onnx");
    let graphs = node
        .attribute
        .iter()
        .any(|a| a.g.is_some() || !a.graphs.is_empty());
    let chance = standard && BY_CHANCE.contains(&operator);
    let runs = if standard {
        KNOWN.contains(&operator) && !graphs && !otherwise(node)
    } else {
        node.domain == "ai.onnx.ml" && ml::NAMES.contains(&operator)
    };
    if runs {
        return None;
    }
    let domain = if node.domain.is_empty() {
        "ai.onnx"
    } else {
        &node.domain
    };
    let what = if chance {
        "draws by chance, and two runs would differ"
    } else {
        "cannot be run here"
    };
    Some(format!(
        "the operator `{operator}` of the domain `{domain}` (node `{}`) {what}",
        name(node)
    ))
}

/// The name of a node, or that of its first output, where it has none.
pub(super) fn name(node: &NodeProto) -> &str {
    let output = || node.output.first().map_or("", String::as_str);
    if node.name.is_empty() {
        output()
    } else {
        &node.name
    }
}

/// Reads a model's bytes.
///
/// Errors: in words, for bytes that are no model.
pub(super) fn decode(
    bytes: &[u8],
    onnx: &tract_onnx::Onnx,
) -> Result<tract_onnx::pb::ModelProto, String> {
    let mut rest = bytes;
    onnx.proto_model_for_read(&mut rest)
        .map_err(|e| format!("it is no ONNX model: {e:#}"))
}

/// See [`super::operators_run`].
pub(super) fn run() -> Vec<String> {
    let ml = ml::NAMES.iter().map(|name| format!("ai.onnx.ml.{name}"));
    KNOWN
        .iter()
        .map(|name| (*name).to_owned())
        .chain(ml)
        .collect()
}

/// See [`super::operators`].
pub(super) fn of(bytes: &[u8]) -> Result<Vec<String>, String> {
    let graph = decode(bytes, &framework())?.graph;
    let graph = graph.ok_or("it is no ONNX model: it has no graph")?;
    let one = |node: &NodeProto| match node.domain.as_str() {
        "" | "ai.onnx" => node.op_type.clone(),
        domain => format!("{domain}.{}", node.op_type),
    };
    let mut names: Vec<String> = graph.node.iter().map(one).collect();
    names.sort();
    names.dedup();
    Ok(names)
}
