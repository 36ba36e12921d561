//! JSON Schema, drafts 4 to 2020-12: a JSON value against a schema that refers to nothing outside itself.
//!
//! What would need another document or the history of evaluation (`$dynamicRef`, `$recursiveRef`, `unevaluatedItems`,
//! `unevaluatedProperties`, references to other documents) is refused when the schema is read, never skipped.
//! Patterns are those of the `regex` crate, unanchored; look-around is refused.
//!
//! Source: JSON Schema drafts 4, 6, 7, 2019-09 and 2020-12, Core and Validation.

mod read;
mod values;

use self::read::{size, target};
use self::values::{equal, numeric, plain};
use super::Kind;
use regex::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Which draft's keywords a schema is read with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Draft {
    /// Draft 4: `exclusiveMinimum` and its kin are booleans.
    Draft4,
    /// Draft 6.
    Draft6,
    /// Draft 7.
    Draft7,
    /// 2019-09.
    Draft2019,
    /// 2020-12: `prefixItems` in place of a list of `items`.
    Draft2020,
}

impl Draft {
    /// Words of check files.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "4" => Self::Draft4,
            "6" => Self::Draft6,
            "7" => Self::Draft7,
            "2019-09" => Self::Draft2019,
            "2020-12" => Self::Draft2020,
            _ => return None,
        })
    }

    /// The draft that a schema's `$schema` names.
    fn of(schema: &Value) -> Option<Self> {
        let name = schema.get("$schema")?.as_str()?;
        let known = [
            ("draft-04", Self::Draft4),
            ("draft-06", Self::Draft6),
            ("draft-07", Self::Draft7),
            ("2019-09", Self::Draft2019),
            ("2020-12", Self::Draft2020),
        ];
        known
            .into_iter()
            .find(|(part, _)| name.contains(part))
            .map(|(_, draft)| draft)
    }
}

/// Whether `format` is judged or says nothing but what a value is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// Not judged.
    Told,
    /// Judged, where the format is known here.
    Judged,
}

/// A schema that was read and found whole.
#[derive(Debug, Clone)]
pub struct JsonSchema {
    root: Value,
    draft: Draft,
    formats: Formats,
    patterns: BTreeMap<String, Regex>,
}

/// Greatest depth of schemas within schemas; a reference that leads back to itself without looking deeper ends here.
const DEPTH: usize = 128;

impl JsonSchema {
    /// Reads a schema; `draft` counts where it has no `$schema`.
    ///
    /// Errors: what is wrong with it, or cannot be judged here, and where (as a JSON pointer).
    pub fn new(text: &str, draft: Draft, formats: Formats) -> Result<Self, String> {
        let root: Value = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}"))?;
        let mut schema = Self {
            draft: Draft::of(&root).unwrap_or(draft),
            patterns: BTreeMap::new(),
            root: Value::Null,
            formats,
        };
        schema.read(&root, &root, "#")?;
        schema.root = root;
        Ok(schema)
    }

    /// Whether a text is one JSON value that fits; repeated keys count with their last value.
    #[must_use]
    pub fn accepts_text(&self, text: &str) -> bool {
        serde_json::from_str(text).is_ok_and(|value| self.accepts(&value))
    }

    /// Whether a value fits.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.fits(&self.root, value, DEPTH)
    }

    fn fits(&self, schema: &Value, value: &Value, depth: usize) -> bool {
        let keywords = match schema {
            Value::Bool(all) => return *all,
            Value::Object(keywords) => keywords,
            _ => return false,
        };
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            let found = target(&self.root, reference).is_some_and(|s| self.fits(s, value, depth));
            // Up to draft 7 what stands beside a reference is overlooked.
            if !found || self.draft <= Draft::Draft7 {
                return found;
            }
        }
        self.combined(keywords, value, depth)
            && plain(keywords, value, self.draft)
            && match value {
                Value::Object(object) => self.object(keywords, object, depth),
                Value::Array(items) => self.array(keywords, items, depth),
                Value::String(text) => self.text(keywords, text),
                Value::Number(number) => numeric(keywords, number),
                Value::Null | Value::Bool(_) => true,
            }
    }

    fn combined(&self, keywords: &Map<String, Value>, value: &Value, depth: usize) -> bool {
        let one = |schema: &Value| self.fits(schema, value, depth);
        let list = |name: &str| keywords.get(name).and_then(Value::as_array);
        let all = list("allOf").is_none_or(|l| l.iter().all(one));
        let any = list("anyOf").is_none_or(|l| l.iter().any(one));
        let exactly = list("oneOf").is_none_or(|l| l.iter().filter(|s| one(s)).count() == 1);
        let not = keywords.get("not").is_none_or(|s| !one(s));
        let branch = match keywords.get("if").filter(|_| self.draft >= Draft::Draft7) {
            None => None,
            Some(condition) if one(condition) => keywords.get("then"),
            Some(_) => keywords.get("else"),
        };
        all && any && exactly && not && branch.is_none_or(one)
    }

    fn text(&self, keywords: &Map<String, Value>, text: &str) -> bool {
        let length = text.chars().count();
        let pattern = |p: &Value| {
            let regex = p.as_str().and_then(|p| self.patterns.get(p));
            regex.is_some_and(|r| r.is_match(text))
        };
        let format = |f: &Value| {
            f.as_str()
                .and_then(format)
                .is_none_or(|kind| kind.accepts(text))
        };
        between(keywords, "minLength", "maxLength", length)
            && keywords.get("pattern").is_none_or(pattern)
            && (self.formats == Formats::Told || keywords.get("format").is_none_or(format))
    }

    fn array(&self, keywords: &Map<String, Value>, items: &[Value], depth: usize) -> bool {
        let fits = |schema: &Value, item: &Value| self.fits(schema, item, depth);
        let (first, rest) = match (keywords.get("prefixItems"), keywords.get("items")) {
            (Some(Value::Array(first)), rest) if self.draft == Draft::Draft2020 => {
                (first.as_slice(), rest)
            }
            (_, Some(Value::Array(first))) => (first.as_slice(), keywords.get("additionalItems")),
            (_, rest) => (&[][..], rest),
        };
        let prefixed = first
            .iter()
            .zip(items)
            .all(|(schema, item)| fits(schema, item));
        let others =
            rest.is_none_or(|schema| items.iter().skip(first.len()).all(|i| fits(schema, i)));
        let contains = keywords
            .get("contains")
            .filter(|_| self.draft > Draft::Draft4);
        let contains = contains.is_none_or(|schema| {
            let count = items.iter().filter(|i| fits(schema, i)).count();
            if self.draft < Draft::Draft2019 {
                return count > 0;
            }
            let least = keywords.get("minContains").and_then(size).unwrap_or(1);
            count >= least
                && keywords
                    .get("maxContains")
                    .and_then(size)
                    .is_none_or(|m| count <= m)
        });
        let unique = keywords.get("uniqueItems") != Some(&Value::Bool(true))
            || (0..items.len()).all(|i| !items[..i].iter().any(|other| equal(other, &items[i])));
        prefixed
            && others
            && contains
            && unique
            && between(keywords, "minItems", "maxItems", items.len())
    }

    fn object(
        &self,
        keywords: &Map<String, Value>,
        object: &Map<String, Value>,
        depth: usize,
    ) -> bool {
        let map = |name: &str| keywords.get(name).and_then(Value::as_object);
        let there = |key: &Value| key.as_str().is_some_and(|k| object.contains_key(k));
        let all_there = |list: &Value| list.as_array().is_none_or(|l| l.iter().all(there));
        let whole = Value::Object(object.clone());
        let depends = |name: &str, judged: &dyn Fn(&Value) -> bool| {
            map(name).is_none_or(|m| {
                m.iter()
                    .all(|(key, v)| !object.contains_key(key) || judged(v))
            })
        };
        let fits = |schema: &Value| self.fits(schema, &whole, depth);
        let either = |v: &Value| if v.is_array() { all_there(v) } else { fits(v) };
        let names = keywords
            .get("propertyNames")
            .filter(|_| self.draft > Draft::Draft4);
        let name = |schema: &Value| {
            let mut keys = object.keys();
            keys.all(|key| self.fits(schema, &Value::String(key.clone()), depth))
        };
        object
            .iter()
            .all(|(key, value)| self.member(keywords, key, value, depth))
            && keywords.get("required").is_none_or(all_there)
            && depends("dependentRequired", &all_there)
            && depends("dependentSchemas", &fits)
            && depends("dependencies", &either)
            && names.is_none_or(name)
            && between(keywords, "minProperties", "maxProperties", object.len())
    }

    /// One member of an object, by its name, by patterns, or as an additional one.
    fn member(
        &self,
        keywords: &Map<String, Value>,
        key: &str,
        value: &Value,
        depth: usize,
    ) -> bool {
        let map = |name: &str| keywords.get(name).and_then(Value::as_object);
        let named = map("properties").and_then(|m| m.get(key));
        let patterned: Vec<&Value> = map("patternProperties")
            .into_iter()
            .flatten()
            .filter(|(pattern, _)| self.patterns.get(*pattern).is_some_and(|r| r.is_match(key)))
            .map(|(_, schema)| schema)
            .collect();
        let additional = keywords
            .get("additionalProperties")
            .filter(|_| named.is_none() && patterned.is_empty());
        let mut schemas = named.into_iter().chain(patterned).chain(additional);
        schemas.all(|schema| self.fits(schema, value, depth))
    }
}

/// The format here that a `format` of JSON Schema means; `None` where none does.
fn format(name: &str) -> Option<Kind> {
    Some(match name {
        "email" => Kind::Email,
        "uri" => Kind::Uri,
        "hostname" => Kind::Hostname,
        "ipv4" => Kind::Ipv4,
        "ipv6" => Kind::Ipv6,
        "uuid" => Kind::Uuid,
        "date" => Kind::IsoDate,
        "date-time" => Kind::IsoDatetime,
        _ => return None,
    })
}

fn between(keywords: &Map<String, Value>, least: &str, most: &str, count: usize) -> bool {
    let bound = |name: &str| keywords.get(name).and_then(size);
    bound(least).is_none_or(|b| count >= b) && bound(most).is_none_or(|b| count <= b)
}
