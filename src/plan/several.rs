//! Arguments that are lists of numbers or of types.

use crate::catalogue::argument::Arg;
use crate::catalogue::{Param, ParamKind};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::scalar::Scalar;
use crate::types::TypePattern;

/// Whether arguments of this kind are read here.
pub(super) fn reads(kind: &ParamKind) -> bool {
    matches!(kind, ParamKind::Numbers | ParamKind::TypeList)
}

/// The list; one value alone is a list of one. A list without items is a problem.
pub(super) fn read(param: &Param, node: &Node, problems: &mut Problems) -> Option<Arg> {
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    if items.is_empty() {
        problems.wrong_type(node, &param.name, "a list of one or more");
        return None;
    }
    if param.kind == ParamKind::TypeList {
        let types = items.iter().map(|i| one_type(i, &param.name, problems));
        types.collect::<Option<Vec<_>>>().map(Arg::TypeList)
    } else {
        let numbers = items.iter().map(|i| finite(i, &param.name, problems));
        numbers.collect::<Option<Vec<_>>>().map(Arg::Scalars)
    }
}

fn finite(node: &Node, name: &str, problems: &mut Problems) -> Option<Scalar> {
    let value = node.value.scalar();
    let number = value.filter(|v| v.number().is_some_and(f64::is_finite));
    if number.is_none() {
        problems.wrong_type(node, name, "finite numbers");
    }
    number
}

fn one_type(node: &Node, name: &str, problems: &mut Problems) -> Option<TypePattern> {
    let text = crate::config::fields::text(node, name, problems)?;
    crate::contract::type_pattern(&text, node, problems)
}
