//! Which operators are run. What is not known is refused by name: a wrong number would be worse than none.

use super::ml;
use tract_onnx::pb::{GraphProto, NodeProto};
use tract_onnx::prelude::Framework;

/// What tract's list has besides the operators of ONNX: it looks them up by name, whatever their domain is.
const OF_OTHERS: &[&str] = &[
    "Attention",
    "BiasGelu",
    "ConstantLike",
    "FastGelu",
    "GatherBlockQuantized",
    "GroupQueryAttention",
    "MatMulNBits",
    "MultiHeadAttention",
    "ParametricSoftplus",
    "QuickGelu",
    "RotaryEmbedding",
    "Rsqrt",
    "ScaledTanh",
    "SimplifiedLayerNormalization",
    "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization",
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

/// Operators of `ai.onnx.ml` that tract runs as they are defined.
const ML_OF_TRACT: &[&str] = &["CategoryMapper"];

/// Depth of graphs in graphs.
const DEEPEST: usize = 32;

/// Nodes that a message names.
const NAMED: usize = 3;

/// What reads a model: tract's operators, and ours of `ai.onnx.ml` in their place.
pub(super) fn framework() -> tract_onnx::Onnx {
    let mut onnx = tract_onnx::onnx().with_ignore_value_info(true);
    for name in ml::NAMES {
        onnx.op_register.insert(name, ml::build);
    }
    onnx
}

/// Whether every node can be run.
///
/// Errors: in words, the first operators that cannot, each with its domain and node.
pub(super) fn known(graph: &GraphProto, onnx: &tract_onnx::Onnx) -> Result<(), String> {
    let mut unknown = Vec::new();
    walk(graph, 0, &mut |node| {
        if let Some(why) = refused(node, onnx) {
            unknown.push(why);
        }
    })?;
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

/// Calls `each` with the nodes of a graph and of the graphs in it.
pub(super) fn walk<'a>(
    graph: &'a GraphProto,
    depth: usize,
    each: &mut impl FnMut(&'a NodeProto),
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err("graphs are nested too deeply".to_owned());
    }
    for node in &graph.node {
        each(node);
        for attribute in &node.attribute {
            for inner in attribute.g.iter().chain(&attribute.graphs) {
                walk(inner, depth + 1, each)?;
            }
        }
    }
    Ok(())
}

/// Why a node is not run; `None` where it is.
fn refused(node: &NodeProto, onnx: &tract_onnx::Onnx) -> Option<String> {
    let operator = node.op_type.as_str();
    let standard = matches!(node.domain.as_str(), "" | "ai.onnx");
    let ml = node.domain == "ai.onnx.ml";
    let ours = ml::NAMES.contains(&operator);
    let is_ml = ours || ML_OF_TRACT.contains(&operator);
    let listed = onnx.op_register.0.contains_key(operator);
    let chance = standard && BY_CHANCE.contains(&operator);
    let runs = if standard {
        listed && !is_ml && !chance && !OF_OTHERS.contains(&operator)
    } else {
        ml && is_ml
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
