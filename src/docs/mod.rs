//! Documentation made from the catalogue: `explain`, the list of checks, and the pages that are generated from it.

mod explain;
mod find;
mod list;
mod metrics;
mod page;
mod snippet;
mod table;

pub use explain::{explain_json, explain_markdown, explain_text};
pub use find::{find, found_json, found_text};
pub use list::{list_json, list_text};
pub use metrics::{metric_json, metric_markdown, metric_text};
pub use page::checks_page;
pub use snippet::flow;

use crate::catalogue::{Catalogue, Check, Op, Param};
use crate::schema::{self, Kind};

/// Every generated file: path from the repository's root, and content.
#[must_use]
pub fn generated(catalogue: &Catalogue) -> Vec<(String, String)> {
    let mut files = vec![
        ("checks/README.md".to_owned(), checks_page(catalogue)),
        ("docs/metrics.md".to_owned(), metrics::metrics_page()),
    ];
    files.extend(Kind::ALL.map(|kind| {
        let path = format!("checks/schema/{}", kind.file_name());
        (path, schema::text(kind, catalogue))
    }));
    files
}

/// When the promise holds, in words: one sentence per clause of `pass`.
fn passes(check: &Check) -> Vec<String> {
    let clause = |c: &crate::catalogue::Clause| {
        let op = match c.op {
            Op::Le => "at most",
            Op::Lt => "less than",
            Op::Ge => "at least",
            Op::Gt => "more than",
            Op::Eq => "equal to",
            Op::Ne => "other than",
        };
        match &c.bound {
            crate::catalogue::Bound::Number(v) => {
                format!("`{}` is {op} {}", c.name, crate::scalar::number_text(*v))
            }
            crate::catalogue::Bound::Param(name) if name == "max_failing" => format!(
                "`{}` is {op} `max_failing`, and `failing_ratio` {op} `max_failing_ratio`, where given; \
                 without either, no row may fail",
                c.name
            ),
            crate::catalogue::Bound::Param(name) => match check.param(name) {
                Some(param) if optional(param) => {
                    format!("`{}` is {op} the argument `{name}`, when given", c.name)
                }
                _ => format!("`{}` is {op} the argument `{name}`", c.name),
            },
        }
    };
    check.pass.iter().map(clause).collect()
}

fn optional(param: &Param) -> bool {
    param.default.is_none() && param.presence == crate::catalogue::parameter::Presence::Optional
}

/// What may be given: the type's word, with the class of columns or the words of an enum.
fn kind_words(param: &Param) -> String {
    use crate::catalogue::{ColumnClass, ParamKind};
    match &param.kind {
        ParamKind::Column(ColumnClass::Any) => "column".to_owned(),
        ParamKind::Column(class) => format!("column ({})", class.wanted()),
        ParamKind::Word(words) => words.join(" | "),
        ParamKind::Words(words) => format!("list of {}", words.join(" | ")),
        ParamKind::TypeList => "type, or list of types".to_owned(),
        ParamKind::Numbers => "list of numbers".to_owned(),
        ParamKind::Contract => "contract, or columns with types".to_owned(),
        kind => kind.word().to_owned(),
    }
}

/// `required`, `optional`, or the default as YAML.
fn default_words(param: &Param) -> String {
    match &param.default {
        Some(default) => format!("default {}", flow(default)),
        None if optional(param) => "optional".to_owned(),
        None => "required".to_owned(),
    }
}
