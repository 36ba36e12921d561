//! Operators of ONNX itself, computed in 64 bits; and the watch for NaN.

use super::{singles, tensor, wrong};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::{DatumType, TDim, Tensor, TractResult};

/// What is computed.
#[derive(Debug)]
pub(super) enum Exact {
    Softplus,
    Mish,
    Selu {
        alpha: f64,
        gamma: f64,
    },
    /// Over the last dimension, which `axis` must be.
    LogSoftmax {
        axis: i64,
    },
    /// The same.
    LogSumExp {
        axis: Option<i64>,
        keep: bool,
    },
}

impl Exact {
    pub(super) fn read(node: &NodeProto) -> TractResult<Self> {
        let float = |name: &str| node.get_attr_opt::<f32>(name).map(|v| v.map(f64::from));
        match node.op_type.as_str() {
            "Softplus" => Ok(Self::Softplus),
            "Mish" => Ok(Self::Mish),
            "Selu" => Ok(Self::Selu {
                alpha: float("alpha")?.unwrap_or(1.673_263_192_176_818_8),
                gamma: float("gamma")?.unwrap_or(1.050_701_022_148_132_3),
            }),
            "LogSoftmax" => Ok(Self::LogSoftmax {
                axis: node.get_attr_opt("axis")?.unwrap_or(-1),
            }),
            _ => {
                let given = node.get_attr_opt_vec::<i64>("axes")?.unwrap_or_default();
                // Newer versions of the operator have them as their second input.
                let axis = match (given.as_slice(), node.input.len()) {
                    (&[axis], 1) => Some(axis),
                    ([], 2) => None,
                    _ => {
                        return Err(wrong(
                            "`ReduceLogSumExp` over anything but one dimension cannot be run here",
                        ));
                    }
                };
                let keep = node.get_attr_opt("keepdims")?.unwrap_or(true);
                Ok(Self::LogSumExp { axis, keep })
            }
        }
    }

    pub(super) fn shape(&self, mut shape: Vec<TDim>) -> Vec<TDim> {
        if let Self::LogSumExp { keep, .. } = self {
            shape.pop();
            if *keep {
                shape.push(1.into());
            }
        }
        shape
    }

    pub(super) fn run(&self, inputs: &[&Tensor]) -> TractResult<Tensor> {
        let input = *inputs.first().ok_or_else(|| wrong("a node has no input"))?;
        let mut shape = input.shape().to_vec();
        let wide = shape.last().copied().unwrap_or(1);
        let wide_values = input.cast_to::<f64>()?;
        let values: Vec<f64> = wide_values
            .to_plain_array_view::<f64>()?
            .iter()
            .copied()
            .collect();
        let last = |axis: i64| {
            let is = axis == -1 || usize::try_from(axis).is_ok_and(|a| a + 1 == input.rank());
            if is && wide > 0 {
                Ok(())
            } else {
                Err(wrong(
                    "a sum over another than the last dimension cannot be run here",
                ))
            }
        };
        let done: Vec<f64> = match *self {
            Self::Softplus => values.into_iter().map(softplus).collect(),
            Self::Mish => values.into_iter().map(|v| v * softplus(v).tanh()).collect(),
            Self::Selu { alpha, gamma } => {
                let one = |v: f64| {
                    if v > 0.0 {
                        gamma * v
                    } else {
                        gamma * alpha * v.exp_m1()
                    }
                };
                values.into_iter().map(one).collect()
            }
            Self::LogSoftmax { axis } => {
                last(axis)?;
                let rows = values.chunks_exact(wide);
                rows.flat_map(|row| {
                    let sum = log_sum_exp(row);
                    row.iter().map(move |v| v - sum)
                })
                .collect()
            }
            Self::LogSumExp { axis, keep } => {
                last(axis.map_or_else(|| only(inputs), Ok)?)?;
                shape.pop();
                if keep {
                    shape.push(1);
                }
                values.chunks_exact(wide).map(log_sum_exp).collect()
            }
        };
        match input.datum_type() {
            DatumType::F64 => tensor(&shape, done),
            DatumType::F32 => tensor(&shape, singles(done)),
            other => Err(wrong(&format!(
                "numbers of type {other:?} cannot be changed here"
            ))),
        }
    }
}

/// The one number of the second input.
fn only(inputs: &[&Tensor]) -> TractResult<i64> {
    let given = inputs.get(1).ok_or_else(|| wrong("a node has one input"))?;
    let given = given.cast_to::<i64>()?;
    let mut numbers = given.to_plain_array_view::<i64>()?.into_iter().copied();
    match (numbers.next(), numbers.next()) {
        (Some(axis), None) => Ok(axis),
        _ => Err(wrong("a sum over several dimensions cannot be run here")),
    }
}

/// `ln(1 + exp(x))`, for large numbers too.
fn softplus(value: f64) -> f64 {
    value.max(0.0) + (-value.abs()).exp().ln_1p() + if value.is_nan() { f64::NAN } else { 0.0 }
}

fn log_sum_exp(row: &[f64]) -> f64 {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if row.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    if most.is_infinite() {
        return most;
    }
    most + row.iter().map(|v| (v - most).exp()).sum::<f64>().ln()
}

/// Stops at NaN, which the node would make a number of.
pub(super) fn watch(input: &Tensor, node: &str) -> TractResult<()> {
    if !matches!(
        input.datum_type(),
        DatumType::F16 | DatumType::F32 | DatumType::F64
    ) {
        return Ok(());
    }
    let numbers = input.cast_to::<f64>()?;
    if numbers
        .to_plain_array_view::<f64>()?
        .iter()
        .any(|v| v.is_nan())
    {
        return Err(wrong(&format!(
            "NaN comes to {node}, which cannot give it on"
        )));
    }
    Ok(())
}
