//! Types of JSON values over many lines: null gives way to anything, integer to float, other scalars to text.

use super::cell::Guess;
use arrow::datatypes::{DataType, Field, Fields};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// The type that all values at one place have in common.
pub(super) enum Shape {
    Null,
    Boolean,
    Integer,
    Float,
    Text,
    List(Box<Shape>),
    Object(Object),
}

/// Keys in the order in which they first came.
#[derive(Default)]
pub(super) struct Object {
    positions: HashMap<String, usize>,
    pub(super) members: Vec<Member>,
    /// Objects seen, to tell a key that comes twice in one of them.
    seen: u64,
}

/// One key of an object.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) shape: Shape,
    /// Set for columns whose contract declares a type.
    pub(super) guess: Option<Guess>,
    last: u64,
}

impl Shape {
    /// The Arrow type; integers become floats where `Member` says so.
    pub(super) fn dtype(&self) -> DataType {
        match self {
            Self::Null => DataType::Null,
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::List(item) => DataType::new_list(item.dtype(), true),
            Self::Object(object) => DataType::Struct(object.fields()),
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer | Self::Float => "a number",
            Self::Text => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    fn scalar(&mut self, new: Self) -> Result<(), String> {
        let joined = match (&*self, new) {
            (Self::List(_) | Self::Object(_), new) => return Err(self.conflict(&new)),
            (Self::Null, new) => new,
            (Self::Boolean, Self::Boolean) => Self::Boolean,
            (Self::Integer, Self::Integer) => Self::Integer,
            (Self::Integer | Self::Float, Self::Integer | Self::Float) => Self::Float,
            _ => Self::Text,
        };
        *self = joined;
        Ok(())
    }

    fn conflict(&self, new: &Self) -> String {
        format!("{} where earlier values are {}", new.words(), self.words())
    }
}

impl Object {
    /// The members as Arrow fields.
    pub(super) fn fields(&self) -> Fields {
        let field = |m: &Member| Field::new(&m.name, m.shape.dtype(), true);
        self.members.iter().map(field).collect()
    }

    /// Objects seen so far.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// Names of the members that an object seen after the first `before` had.
    pub(super) fn names_since(&self, before: u64) -> Vec<String> {
        let members = self.members.iter().filter(|m| m.last > before);
        members.map(|m| m.name.clone()).collect()
    }

    /// Looks at one line.
    ///
    /// Errors: the reason with the column in the line, when it is no JSON object or does not fit the lines before.
    pub(super) fn update(
        &mut self,
        line: &[u8],
        guess: &dyn Fn(&str) -> Option<Guess>,
    ) -> serde_json::Result<()> {
        let mut reader = serde_json::Deserializer::from_slice(line);
        Members(self, Some(guess)).deserialize(&mut reader)?;
        reader.end()
    }

    fn member(&mut self, name: &str, guess: impl FnOnce() -> Option<Guess>) -> &mut Member {
        let position = self.positions.get(name).copied().unwrap_or_else(|| {
            self.positions.insert(name.to_owned(), self.members.len());
            self.members.push(Member {
                name: name.to_owned(),
                shape: Shape::Null,
                guess: guess(),
                last: 0,
            });
            self.members.len() - 1
        });
        &mut self.members[position]
    }
}

type NewGuess<'a> = Option<&'a dyn Fn(&str) -> Option<Guess>>;

/// Looks at an object; `1` makes the guesses of its keys.
struct Members<'a>(&'a mut Object, NewGuess<'a>);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("one JSON object per line")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(object, guess) = self;
        object.seen += 1;
        let seen = object.seen;
        while let Some(name) = map.next_key::<String>()? {
            let member = object.member(&name, || guess.and_then(|g| g(&name)));
            if std::mem::replace(&mut member.last, seen) == seen {
                return Err(A::Error::custom(format!("the key `{name}` comes twice")));
            }
            map.next_value_seed(Value {
                shape: &mut member.shape,
                guess: member.guess.as_mut(),
                name: &name,
            })?;
        }
        Ok(())
    }
}

/// Looks at one value.
struct Value<'a> {
    shape: &'a mut Shape,
    guess: Option<&'a mut Guess>,
    name: &'a str,
}

impl Value<'_> {
    fn scalar<E: Error>(self, new: Shape) -> Result<(), E> {
        let name = self.name;
        let result = self.shape.scalar(new);
        result.map_err(|e| E::custom(format!("`{name}` is {e}")))
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(mut self, _: bool) -> Result<(), E> {
        self.guess.iter_mut().for_each(|g| g.update_other());
        self.scalar(Shape::Boolean)
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<(), E> {
        let text = || value.to_string();
        self.guess.iter_mut().for_each(|g| g.update(&text()));
        self.scalar(Shape::Integer)
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<(), E> {
        let text = || value.to_string();
        self.guess.iter_mut().for_each(|g| g.update(&text()));
        let small = i64::try_from(value).is_ok();
        self.scalar(if small { Shape::Integer } else { Shape::Float })
    }

    fn visit_f64<E: Error>(mut self, _: f64) -> Result<(), E> {
        self.guess.iter_mut().for_each(|g| g.update_float());
        self.scalar(Shape::Float)
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.guess.iter_mut().for_each(|g| g.update(text));
        self.scalar(Shape::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.guess.iter_mut().for_each(|g| g.update_other());
        if matches!(self.shape, Shape::Null) {
            *self.shape = Shape::List(Box::new(Shape::Null));
        }
        let Shape::List(item) = self.shape else {
            let list = Shape::List(Box::new(Shape::Null));
            let reason = self.shape.conflict(&list);
            return Err(A::Error::custom(format!("`{}` is {reason}", self.name)));
        };
        let name = self.name;
        let mut next = || {
            items.next_element_seed(Value {
                shape: &mut *item,
                guess: None,
                name,
            })
        };
        while next()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<(), A::Error> {
        self.guess.iter_mut().for_each(|g| g.update_other());
        if matches!(self.shape, Shape::Null) {
            *self.shape = Shape::Object(Object::default());
        }
        let Shape::Object(object) = self.shape else {
            let reason = self.shape.conflict(&Shape::Object(Object::default()));
            return Err(A::Error::custom(format!("`{}` is {reason}", self.name)));
        };
        Members(object, None).visit_map(map)
    }
}

impl Member {
    /// The type of the column as it is read from JSON, and as it becomes when its text is read as a declared type.
    pub(super) fn field(&self, wants_float: bool) -> (Arc<Field>, Option<DataType>) {
        let natural = match self.shape.dtype() {
            DataType::Int64 if wants_float => DataType::Float64,
            natural => natural,
        };
        let declared = self.guess.as_ref().and_then(Guess::declared);
        let declared = declared.filter(|d| **d != natural).cloned();
        let read_as = match &declared {
            Some(_) => DataType::Utf8,
            None => natural,
        };
        (Arc::new(Field::new(&self.name, read_as, true)), declared)
    }
}
