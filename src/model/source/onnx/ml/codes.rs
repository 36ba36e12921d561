//! `LabelEncoder`, which maps values to values, and `OneHotEncoder`.

use super::{tensor, wrong};
use std::collections::HashMap;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::{NodeProto, TensorProto};
use tract_onnx::tract_hir::internal::{DatumType, Tensor, TractResult};

/// A value that is looked up. Numbers by their bits, all NaN being one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value {
    Text(String),
    Whole(i64),
    Number(u64),
}

/// Values of a list, all of one type.
#[derive(Debug, Clone)]
enum Values {
    Texts(Vec<String>),
    Wholes(Vec<i64>),
    Singles(Vec<f32>),
    Doubles(Vec<f64>),
}

impl Values {
    fn of(tensor: &Tensor) -> TractResult<Self> {
        fn all<T: tract_onnx::prelude::Datum>(tensor: &Tensor) -> TractResult<Vec<T>> {
            Ok(tensor.to_plain_array_view::<T>()?.iter().cloned().collect())
        }
        match tensor.datum_type() {
            DatumType::String => all(tensor).map(Self::Texts),
            DatumType::I64 => all(tensor).map(Self::Wholes),
            DatumType::I32 | DatumType::TDim => {
                all(&tensor.cast_to::<i64>()?.into_owned()).map(Self::Wholes)
            }
            DatumType::F32 => all(tensor).map(Self::Singles),
            DatumType::F64 => all(tensor).map(Self::Doubles),
            other => Err(wrong(&format!(
                "values of type {other:?} are not mapped here"
            ))),
        }
    }

    /// The attribute `STEM_strings`, `STEM_int64s`, `STEM_floats` or `STEM_tensor`.
    fn read(context: &ParsingContext, node: &NodeProto, stem: &str) -> TractResult<Option<Self>> {
        if let Some(texts) = node.get_attr_opt_vec(&format!("{stem}_strings"))? {
            return Ok(Some(Self::Texts(texts)));
        }
        if let Some(wholes) = node.get_attr_opt_vec(&format!("{stem}_int64s"))? {
            return Ok(Some(Self::Wholes(wholes)));
        }
        if let Some(singles) = node.get_attr_opt_vec(&format!("{stem}_floats"))? {
            return Ok(Some(Self::Singles(singles)));
        }
        let given = node.get_attr_opt::<&TensorProto>(&format!("{stem}_tensor"))?;
        given
            .map(|t| Self::of(&context.load_tensor(t)?))
            .transpose()
    }

    fn len(&self) -> usize {
        match self {
            Self::Texts(v) => v.len(),
            Self::Wholes(v) => v.len(),
            Self::Singles(v) => v.len(),
            Self::Doubles(v) => v.len(),
        }
    }

    fn element(&self) -> DatumType {
        match self {
            Self::Texts(_) => DatumType::String,
            Self::Wholes(_) => DatumType::I64,
            Self::Singles(_) => DatumType::F32,
            Self::Doubles(_) => DatumType::F64,
        }
    }

    fn looked_up(&self) -> Vec<Value> {
        let number = |v: f64| {
            Value::Number(if v.is_nan() {
                f64::NAN.to_bits()
            } else {
                v.to_bits()
            })
        };
        match self {
            Self::Texts(v) => v.iter().cloned().map(Value::Text).collect(),
            Self::Wholes(v) => v.iter().copied().map(Value::Whole).collect(),
            Self::Singles(v) => v.iter().map(|v| number(f64::from(*v))).collect(),
            Self::Doubles(v) => v.iter().copied().map(number).collect(),
        }
    }

    /// The values of these places; the last one where there is none.
    fn gather(&self, places: &[usize], shape: &[usize]) -> TractResult<Tensor> {
        fn of<T: Clone>(values: &[T], places: &[usize]) -> Vec<T> {
            places.iter().map(|p| values[*p].clone()).collect()
        }
        match self {
            Self::Texts(v) => tensor(shape, of(v, places)),
            Self::Wholes(v) => tensor(shape, of(v, places)),
            Self::Singles(v) => tensor(shape, of(v, places)),
            Self::Doubles(v) => tensor(shape, of(v, places)),
        }
    }
}

/// Maps each value to another one.
#[derive(Debug)]
pub(super) struct Labels {
    keys: DatumType,
    places: HashMap<Value, usize>,
    /// What they become, and at the end what anything else becomes.
    values: Values,
}

impl Labels {
    pub(super) fn read(context: &ParsingContext, node: &NodeProto) -> TractResult<Self> {
        // Version 1 of the operator has one list, and its places.
        let listed = node.get_attr_opt_vec::<String>("classes_strings")?;
        let (keys, mut values) = match listed {
            Some(texts) => {
                let places = (0..).take(texts.len()).collect();
                (Values::Texts(texts), Values::Wholes(places))
            }
            None => {
                let keys = Values::read(context, node, "keys")?;
                let values = Values::read(context, node, "values")?;
                keys.zip(values)
                    .ok_or_else(|| wrong("a `LabelEncoder` without keys or values"))?
            }
        };
        if keys.len() != values.len() {
            return Err(wrong(&format!(
                "{} keys for {} values",
                keys.len(),
                values.len()
            )));
        }
        let places = keys.looked_up().into_iter().zip(0..).collect();
        let other = node.get_attr_opt::<&TensorProto>("default_tensor")?;
        let other = other
            .map(|t| Values::of(&context.load_tensor(t)?))
            .transpose()?;
        match (&mut values, other) {
            (Values::Texts(v), Some(Values::Texts(other))) => v.extend(other.into_iter().take(1)),
            (Values::Wholes(v), Some(Values::Wholes(other))) => v.extend(other.into_iter().take(1)),
            (Values::Singles(v), Some(Values::Singles(other))) => {
                v.extend(other.into_iter().take(1))
            }
            (Values::Doubles(v), Some(Values::Doubles(other))) => {
                v.extend(other.into_iter().take(1))
            }
            (_, Some(_)) => return Err(wrong("a default of another type than the values")),
            (Values::Texts(v), None) => {
                let other: Option<String> = node.get_attr_opt("default_string")?;
                v.push(other.unwrap_or_else(|| "_Unused".to_owned()));
            }
            (Values::Wholes(v), None) => v.push(node.get_attr_opt("default_int64")?.unwrap_or(-1)),
            (Values::Singles(v), None) => {
                v.push(node.get_attr_opt("default_float")?.unwrap_or(-0.0))
            }
            (Values::Doubles(v), None) => v.push(-0.0),
        }
        if values.len() != keys.len() + 1 {
            return Err(wrong("a `LabelEncoder` with an empty default"));
        }
        Ok(Self {
            keys: keys.element(),
            places,
            values,
        })
    }

    pub(super) fn element(&self) -> DatumType {
        self.values.element()
    }

    pub(super) fn run(&self, input: &Tensor) -> TractResult<Tensor> {
        if input.datum_type() != self.keys {
            return Err(wrong(&format!(
                "keys of type {:?}, and {:?} comes in",
                self.keys,
                input.datum_type()
            )));
        }
        let other = self.values.len() - 1;
        let place = |value: &Value| self.places.get(value).copied().unwrap_or(other);
        let places: Vec<usize> = Values::of(input)?.looked_up().iter().map(place).collect();
        self.values.gather(&places, input.shape())
    }
}

/// `ArrayFeatureExtractor`: of every row the values at the places that the second input names.
pub(super) fn extract(inputs: &[&Tensor]) -> TractResult<Tensor> {
    let &[input, places] = inputs else {
        return Err(wrong("an `ArrayFeatureExtractor` has two inputs"));
    };
    let wide = input.shape().last().copied().filter(|w| *w > 0);
    let wide = wide.ok_or_else(|| wrong("an input has no columns"))?;
    let places = places.cast_to::<i64>()?;
    let mut chosen = Vec::new();
    for place in places.to_plain_array_view::<i64>()?.iter() {
        let place = usize::try_from(*place).ok().filter(|place| *place < wide);
        chosen.push(place.ok_or_else(|| wrong("a column that is not there is extracted"))?);
    }
    let rows = input.len() / wide;
    let all = (0..rows).flat_map(|row| chosen.iter().map(move |place| row * wide + place));
    let all: Vec<usize> = all.collect();
    let mut shape = input.shape().to_vec();
    shape.pop();
    if shape.is_empty() {
        shape.push(1);
    }
    shape.push(chosen.len());
    let found = Values::of(input)?.gather(&all, &shape)?;
    Ok(found.cast_to_dt(input.datum_type())?.into_owned())
}

/// A column of ones and zeros for each category.
#[derive(Debug)]
pub(super) struct OneHot {
    categories: Values,
    places: HashMap<Value, usize>,
    /// Whether a value that is no category is all zeros; an error otherwise.
    zeros: bool,
}

impl OneHot {
    pub(super) fn read(node: &NodeProto) -> TractResult<Self> {
        let texts = node
            .get_attr_opt_vec::<String>("cats_strings")?
            .filter(|t| !t.is_empty());
        let categories = match texts {
            Some(texts) => Values::Texts(texts),
            None => Values::Wholes(node.get_attr_opt_vec("cats_int64s")?.unwrap_or_default()),
        };
        if categories.len() == 0 {
            return Err(wrong("a `OneHotEncoder` without categories"));
        }
        let places = categories.looked_up().into_iter().zip(0..).collect();
        let zeros = node.get_attr_opt("zeros")?.unwrap_or(true);
        Ok(Self {
            categories,
            places,
            zeros,
        })
    }

    pub(super) fn wide(&self) -> usize {
        self.categories.len()
    }

    pub(super) fn run(&self, input: &Tensor) -> TractResult<Tensor> {
        let texts = matches!(self.categories, Values::Texts(_));
        let given = match (texts, input.datum_type()) {
            (true, DatumType::String) => Values::of(input)?,
            (false, DatumType::String) | (true, _) => {
                return Err(wrong("categories of another type than what comes in"));
            }
            (false, _) => Values::of(&input.cast_to::<i64>()?.into_owned())?,
        };
        let wide = self.wide();
        let mut ones = vec![0.0_f32; given.len() * wide];
        for (at, value) in given.looked_up().iter().enumerate() {
            match self.places.get(value) {
                Some(place) => ones[at * wide + place] = 1.0,
                None if self.zeros => {}
                None => return Err(wrong("a value that is no category of a `OneHotEncoder`")),
            }
        }
        let mut shape = input.shape().to_vec();
        shape.push(wide);
        tensor(&shape, ones)
    }
}
