//! Operators that change numbers where they stand: `Scaler`, `Imputer`, `Normalizer`, `Binarizer`; `FeatureVectorizer`.

use super::{Rows, singles, tensor, wrong};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::{DatumType, Tensor, TractResult};

/// What is done to each number.
#[derive(Debug)]
pub(super) enum Scaling {
    /// `(x - offset) * scale`, by column or the same for all.
    Scaler { offset: Vec<f32>, scale: Vec<f32> },
    /// Another number in the place of one, by column or the same for all.
    Imputer { replaced: f32, by: Vec<f32> },
    /// The same in whole numbers.
    WholeImputer { replaced: i64, by: Vec<i64> },
    /// A row over its length.
    Normalizer(Length),
    /// 1 above the threshold, else 0.
    Binarizer(f32),
}

/// What a row is divided by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Length {
    Greatest,
    Sum,
    Euclid,
}

impl Scaling {
    pub(super) fn read(node: &NodeProto) -> TractResult<Self> {
        let floats = |name: &str| {
            node.get_attr_opt_vec::<f32>(name)
                .map(Option::unwrap_or_default)
        };
        match node.op_type.as_str() {
            "Scaler" => Ok(Self::Scaler {
                offset: floats("offset")?,
                scale: floats("scale")?,
            }),
            "Imputer" => {
                let whole = node.get_attr_opt_vec::<i64>("imputed_value_int64s")?;
                match whole.filter(|w| !w.is_empty()) {
                    Some(by) => {
                        let replaced = node.get_attr_opt("replaced_value_int64")?.unwrap_or(0);
                        Ok(Self::WholeImputer { replaced, by })
                    }
                    None => {
                        let replaced = node.get_attr_opt("replaced_value_float")?.unwrap_or(0.0);
                        Ok(Self::Imputer {
                            replaced,
                            by: floats("imputed_value_floats")?,
                        })
                    }
                }
            }
            "Normalizer" => {
                let norm: Option<String> = node.get_attr_opt("norm")?;
                match norm.as_deref() {
                    None | Some("MAX") => Ok(Self::Normalizer(Length::Greatest)),
                    Some("L1") => Ok(Self::Normalizer(Length::Sum)),
                    Some("L2") => Ok(Self::Normalizer(Length::Euclid)),
                    Some(other) => Err(wrong(&format!("the norm `{other}` is not known"))),
                }
            }
            "Binarizer" => Ok(Self::Binarizer(
                node.get_attr_opt("threshold")?.unwrap_or(0.0),
            )),
            other => Err(wrong(&format!("`{other}` is not known"))),
        }
    }

    /// The type of the output.
    pub(super) fn element(&self, input: DatumType) -> DatumType {
        match self {
            Self::Scaler { .. } | Self::Normalizer(_) => DatumType::F32,
            Self::WholeImputer { .. } => DatumType::I64,
            Self::Imputer { .. } | Self::Binarizer(_) => input,
        }
    }

    pub(super) fn run(&self, input: &Tensor) -> TractResult<Tensor> {
        let shape = input.shape().to_vec();
        if let Self::WholeImputer { replaced, by } = self {
            let view = input.to_plain_array_view::<i64>()?;
            let wide = shape.last().copied().unwrap_or(1).max(1);
            let of = of_columns(by, wide)?;
            let each = view.iter().enumerate();
            let filled = each.map(|(at, v)| if v == replaced { of(at % wide) } else { *v });
            return tensor(&shape, filled.collect());
        }
        let rows = Rows::of(input)?;
        let mut values = rows.values.clone();
        match self {
            Self::Scaler { offset, scale } => {
                let (offset, scale) = (
                    of_columns(offset, rows.wide)?,
                    of_columns(scale, rows.wide)?,
                );
                for (at, value) in values.iter_mut().enumerate() {
                    let column = at % rows.wide;
                    *value = (*value - f64::from(offset(column))) * f64::from(scale(column));
                }
            }
            Self::Imputer { replaced, by } => {
                let by = of_columns(by, rows.wide)?;
                let gone = |value: f64| {
                    let replaced = f64::from(*replaced);
                    (replaced.is_nan() && value.is_nan()) || value.to_bits() == replaced.to_bits()
                };
                for (at, value) in values.iter_mut().enumerate() {
                    if gone(*value) {
                        *value = f64::from(by(at % rows.wide));
                    }
                }
            }
            Self::Normalizer(length) => {
                for row in values.chunks_exact_mut(rows.wide) {
                    let long = length.of(row);
                    if long != 0.0 {
                        row.iter_mut().for_each(|v| *v /= long);
                    }
                }
            }
            Self::Binarizer(threshold) => {
                for value in &mut values {
                    *value = f64::from(u8::from(*value > f64::from(*threshold)));
                }
            }
            Self::WholeImputer { .. } => {}
        }
        match self.element(input.datum_type()) {
            DatumType::F64 => tensor(&shape, values),
            DatumType::F32 => tensor(&shape, singles(values)),
            other => Err(wrong(&format!(
                "numbers of type {other:?} cannot be changed here"
            ))),
        }
    }
}

impl Length {
    fn of(self, row: &[f64]) -> f64 {
        match self {
            Self::Greatest => row.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Sum => row.iter().map(|v| v.abs()).sum(),
            Self::Euclid => row.iter().map(|v| v * v).sum::<f64>().sqrt(),
        }
    }
}

/// The value of each column, of one for all or one for each.
fn of_columns<T: Copy>(given: &[T], wide: usize) -> TractResult<impl Fn(usize) -> T + '_> {
    if given.is_empty() || (given.len() != 1 && given.len() != wide) {
        return Err(wrong(&format!("{} values for {wide} columns", given.len())));
    }
    Ok(move |column: usize| given[if given.len() == 1 { 0 } else { column }])
}

/// The columns of several inputs beside each other.
pub(super) fn side_by_side(inputs: &[&Tensor]) -> TractResult<Tensor> {
    let all: Vec<Rows> = inputs
        .iter()
        .map(|i| Rows::of(i))
        .collect::<TractResult<_>>()?;
    let rows = all.first().map_or(0, |r| r.values.len() / r.wide);
    if all.iter().any(|r| r.values.len() / r.wide != rows) {
        return Err(wrong("inputs of several numbers of rows"));
    }
    let wide: usize = all.iter().map(|r| r.wide).sum();
    let row = |at: usize| {
        let parts = all
            .iter()
            .map(move |r| &r.values[at * r.wide..(at + 1) * r.wide]);
        parts.flatten().copied()
    };
    tensor(&[rows, wide], singles((0..rows).flat_map(row)))
}
