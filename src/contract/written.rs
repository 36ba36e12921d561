//! A native contract written for people: keys on lines of their own, short columns and expectations on one line.

use crate::config::tree::{Node, Value};
use crate::contract::infer::yaml::scalar;
use std::fmt::Write as _;

/// Longest line on which a mapping or list stays.
const WIDTH: usize = 110;

/// The tree as YAML that reads back as the same values, with a newline at its end.
#[must_use]
pub fn yaml(node: &Node) -> String {
    let mut out = String::new();
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                entry(&mut out, &key.name, value, 0);
            }
        }
        _ => writeln!(out, "{}", flow(node)).expect("writing to a String cannot fail"),
    }
    out
}

fn entry(out: &mut String, key: &str, value: &Node, indent: usize) {
    let pad = " ".repeat(indent);
    let short = flow(value);
    let long = indent + key.len() + short.len() + 2 > WIDTH || !is_flat(value);
    let put = |out: &mut String, text: &str| {
        writeln!(out, "{pad}{}:{text}", scalar(key)).expect("writing to a String cannot fail");
    };
    match &value.value {
        Value::Map(entries) if long && !entries.is_empty() => {
            put(out, "");
            for (key, value) in entries {
                entry(out, &key.name, value, indent + 2);
            }
        }
        Value::List(items) if long && !items.is_empty() => {
            put(out, "");
            for one in items {
                item(out, one, indent + 2);
            }
        }
        _ => put(out, &format!(" {short}")),
    }
}

fn item(out: &mut String, node: &Node, indent: usize) {
    let pad = " ".repeat(indent);
    let short = flow(node);
    let long = indent + short.len() + 2 > WIDTH;
    match &node.value {
        Value::Map(entries)
            if entries.len() == 1 || (long || !is_flat(node)) && !entries.is_empty() =>
        {
            let mut inner = String::new();
            for (key, value) in entries {
                entry(&mut inner, &key.name, value, indent + 2);
            }
            // The first key follows the dash.
            let rest = inner.get(indent + 2..).unwrap_or_default();
            write!(out, "{pad}- {rest}").expect("writing to a String cannot fail");
        }
        Value::List(items) if long && !items.is_empty() => {
            writeln!(out, "{pad}-").expect("writing to a String cannot fail");
            for one in items {
                item(out, one, indent + 2);
            }
        }
        _ => writeln!(out, "{pad}- {short}").expect("writing to a String cannot fail"),
    }
}

/// Scalars, lists of scalars, and mappings of both.
fn is_flat(node: &Node) -> bool {
    let simple = |n: &Node| !matches!(n.value, Value::List(_) | Value::Map(_));
    let row = |n: &Node| match &n.value {
        Value::List(items) => items.iter().all(simple),
        _ => simple(n),
    };
    match &node.value {
        Value::Map(entries) => entries.iter().all(|(_, v)| row(v)),
        _ => row(node),
    }
}

fn flow(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => scalar(text),
        Value::Float(v) if v.is_nan() => ".nan".to_owned(),
        Value::Float(v) if v.is_infinite() => if *v < 0.0 { "-.inf" } else { ".inf" }.to_owned(),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => node.value.to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entry = |(k, v): &(crate::config::tree::Key, Node)| {
                format!("{}: {}", scalar(&k.name), flow(v))
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::{Key, parse};
    use crate::diagnostic::{Place, SourceFile};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn nowhere() -> Place {
        let file = SourceFile {
            path: String::new(),
            text: String::new(),
        };
        Place {
            file: Arc::new(file),
            line: 1,
            column: 1,
            length: 1,
        }
    }

    fn of(value: Value) -> Node {
        Node {
            value,
            place: nowhere(),
        }
    }

    fn same(a: &Node, b: &Node) -> bool {
        match (&a.value, &b.value) {
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (Value::Map(a), Value::Map(b)) => {
                let entry =
                    |((k, v), (l, w)): (&(Key, Node), &(Key, Node))| k.name == l.name && same(v, w);
                a.len() == b.len() && a.iter().zip(b).all(entry)
            }
            (Value::Float(a), Value::Int(b)) => a.to_bits() == (*b as f64).to_bits(),
            (a, b) => a == b,
        }
    }

    fn trees() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|v| of(Value::Int(v.into()))),
            any::<bool>().prop_map(|v| of(Value::Bool(v))),
            (-1e12..1e12f64).prop_map(|v| of(Value::Float(v))),
            "[ -~]{0,30}".prop_map(|v| of(Value::Text(v))),
            any::<String>().prop_map(|v| of(Value::Text(v))),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|v| of(Value::List(v))),
                prop::collection::btree_map("[a-z_ ]{1,12}", inner, 0..5).prop_map(|m| {
                    let entry = |(name, v)| {
                        (
                            Key {
                                name,
                                place: nowhere(),
                            },
                            v,
                        )
                    };
                    of(Value::Map(m.into_iter().map(entry).collect()))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(node in trees()) {
            let text = yaml(&node);
            let file = Arc::new(SourceFile { path: "t.yaml".into(), text: text.clone() });
            let read = parse(&file);
            prop_assert!(read.as_ref().is_ok_and(|r| same(&node, r)), "{text}\n{read:?}");
        }
    }
}
