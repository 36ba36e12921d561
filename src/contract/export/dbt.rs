//! `schema.yml` of dbt, with tests of dbt itself and of the packages `dbt_utils` and `dbt_expectations`.
//!
//! Arguments stand below `arguments`, as dbt 1.10 and later write them. What no row at all means is dbt's own: a test that finds
//! nothing passes.

mod checks;

use super::Made;
use super::kinds::Kind;
use super::promise::{Promise, all};
use crate::config::tree::{Key, Node, Value};
use crate::contract::import::Coverage;
use crate::contract::import::build::{flag, int, list, map, node, text, texts};
use crate::contract::import::text_of;
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence, Privacy};
use crate::diagnostic::Place;
use checks::Counts;

/// A test by its name, with its arguments.
type Test = (&'static str, Vec<(&'static str, Node)>);

/// One column on its way.
struct Column<'a> {
    of: &'a ContractColumn,
    entries: Vec<(&'static str, Node)>,
    tests: Vec<Node>,
}

/// The file: one model with its columns and their tests.
pub(super) fn export(contract: &Contract) -> Made {
    let mut coverage = Coverage::default();
    let place = super::whole(contract);
    let enforced = enforced(contract);
    let mut columns: Vec<Column> = Vec::new();
    for column in &contract.columns {
        if column.name.contains('.') {
            let reason = "fields inside others are no columns there";
            coverage.dropped(&column.place, format!("column {}", column.name), reason);
        } else {
            columns.push(about(column, enforced, &mut coverage));
        }
    }
    let mut tests = Vec::new();
    key(contract, &mut columns, &mut tests, &mut coverage);
    extra(contract, enforced, &mut coverage);
    for promise in all(contract) {
        let at = &promise.written.place;
        let what = promise.what();
        match written(&promise) {
            Ok((names, found)) => {
                coverage.mapped(at, what, names.clone());
                let own = promise
                    .column
                    .and_then(|name| columns.iter_mut().find(|c| c.of.name == name));
                match own {
                    // It names its column itself.
                    _ if names.contains("recency") => tests.extend(found),
                    Some(column) => column.tests.extend(found),
                    None => tests.extend(found.into_iter().map(|t| of_column(t, promise.column))),
                }
            }
            Err(reason) => coverage.dropped(at, what, reason),
        }
    }
    let columns = columns.into_iter().map(Column::node).collect();
    (
        document(contract, &place, enforced, columns, tests),
        coverage,
    )
}

/// Whether dbt itself can hold columns and types: every column is there and typed, and no other may be.
fn enforced(contract: &Contract) -> bool {
    let typed = |c: &ContractColumn| {
        let dtype = c.dtype.as_ref().and_then(|(d, _)| data_type(d));
        c.required == Presence::Required && dtype.is_some() && !c.name.contains('.')
    };
    contract.extra_columns == ExtraColumns::Fail
        && contract.patterns.is_empty()
        && !contract.columns.is_empty()
        && contract.columns.iter().all(typed)
}

/// A name of the type that warehouses share, and that reads back as the family of the type.
fn data_type(dtype: &crate::types::TypePattern) -> Option<&'static str> {
    Some(match Kind::of(dtype)? {
        Kind::String => "varchar",
        Kind::Boolean => "boolean",
        Kind::Integer => "integer",
        Kind::Number if dtype.to_string().starts_with("float") => "float",
        Kind::Number => "numeric",
        Kind::Date => "date",
        Kind::Time => "time",
        Kind::Timestamp => "timestamp",
        Kind::Instant => "timestamp with time zone",
        Kind::Local => "timestamp without time zone",
        _ => return None,
    })
}

fn document(
    contract: &Contract,
    place: &Place,
    enforced: bool,
    columns: Vec<Node>,
    tests: Vec<Node>,
) -> Node {
    let name = contract
        .dataset
        .clone()
        .unwrap_or_else(|| "dataset".to_owned());
    let mut model = vec![("name", text(place, name))];
    let mut put = |key, value| model.push((key, value));
    if let Some(words) = &contract.description {
        put("description", text(place, words.clone()));
    }
    let mut config = Vec::new();
    if enforced {
        config.push((
            "contract",
            map(place, vec![("enforced", flag(place, true))]),
        ));
    }
    if !contract.tags.is_empty() {
        config.push(("tags", texts(place, contract.tags.clone())));
    }
    if let Some(owner) = &contract.owner {
        config.push((
            "meta",
            map(place, vec![("owner", text(place, owner.clone()))]),
        ));
    }
    if !config.is_empty() {
        put("config", map(place, config));
    }
    if !columns.is_empty() {
        put("columns", list(place, columns));
    }
    if !tests.is_empty() {
        put("data_tests", list(place, tests));
    }
    let models = list(place, vec![map(place, model)]);
    map(place, vec![("version", int(place, 2)), ("models", models)])
}

impl Column<'_> {
    fn node(self) -> Node {
        let mut entries = self.entries;
        if !self.tests.is_empty() {
            entries.push(("data_tests", list(&self.of.place, self.tests)));
        }
        map(&self.of.place, entries)
    }
}

/// A column: its type, whether it is there, nulls and repeated values.
fn about<'a>(column: &'a ContractColumn, enforced: bool, coverage: &mut Coverage) -> Column<'a> {
    let (place, name) = (&column.place, &column.name);
    let mut made = Column {
        of: column,
        entries: vec![("name", text(place, name.clone()))],
        tests: Vec::new(),
    };
    if let Some(words) = &column.description {
        made.entries
            .push(("description", text(place, words.clone())));
    }
    if let Some((dtype, at)) = &column.dtype {
        let written = data_type(dtype);
        made.entries
            .extend(written.map(|w| ("data_type", text(at, w))));
        let what = format!("type of {name}");
        match (written, enforced) {
            (Some(word), true) => {
                let exact = crate::contract::import::native_type(word);
                if exact.as_deref() == Some(dtype.to_string().as_str()) {
                    coverage.mapped(at, what, "data_type");
                } else {
                    coverage.note(at, what, format!("`{dtype}` is any {word} there"));
                }
            }
            (Some(_), false) => {
                let reason = "dbt holds types under an enforced contract only, which wants the type of every column and no others";
                coverage.dropped(at, what, reason);
            }
            (None, _) => {
                let reason = format!("no name of a type stands for `{dtype}`");
                coverage.dropped(at, what, reason);
            }
        }
    }
    present(column, enforced, &mut made, coverage);
    if let Some(at) = &column.not_null {
        coverage.mapped(at, format!("nullable of {name}"), "not_null");
        made.tests
            .push(test(at, ("not_null", Vec::new()), Vec::new()));
    }
    if let Some(at) = &column.unique {
        coverage.mapped(at, format!("unique of {name}"), "unique");
        made.tests
            .push(test(at, ("unique", Vec::new()), Vec::new()));
    }
    personal(column, &mut made, coverage);
    made
}

/// That a column is there: dbt holds it under an enforced contract, else a test does.
fn present(column: &ContractColumn, enforced: bool, made: &mut Column, coverage: &mut Coverage) {
    let (place, name) = (&column.place, &column.name);
    if column.required == Presence::Optional {
        let reason = "the tests of a column that is missing fail there";
        coverage.dropped(place, format!("required: false of {name}"), reason);
    } else if enforced {
        coverage.mapped(place, format!("column {name}"), "columns");
    } else {
        let there = "dbt_expectations.expect_column_to_exist";
        coverage.mapped(place, format!("column {name}"), there);
        made.tests
            .push(test(place, (there, Vec::new()), Vec::new()));
    }
    if let Some((_, at)) = column.environments.first() {
        coverage.dropped(
            at,
            format!("environments of {name}"),
            "dbt does not know them",
        );
    }
}

fn personal(column: &ContractColumn, made: &mut Column, coverage: &mut Coverage) {
    let place = &column.place;
    let mut config = Vec::new();
    if column.privacy == Privacy::Personal {
        config.push(("meta", map(place, vec![("pii", flag(place, true))])));
        coverage.mapped(place, format!("pii of {}", column.name), "meta");
    }
    if !column.tags.is_empty() {
        config.push(("tags", texts(place, column.tags.clone())));
    }
    if !config.is_empty() {
        made.entries.push(("config", map(place, config)));
    }
}

/// The key: no null in it, and no value of it twice.
fn key(
    contract: &Contract,
    columns: &mut [Column],
    tests: &mut Vec<Node>,
    coverage: &mut Coverage,
) {
    let Some((names, at)) = &contract.key else {
        return;
    };
    for name in names {
        let Some(column) = columns.iter_mut().find(|c| c.of.name == *name) else {
            let reason = "one of its columns is not in the file";
            return coverage.dropped(at, "key", reason);
        };
        if column.of.not_null.is_none() {
            column
                .tests
                .push(test(at, ("not_null", Vec::new()), Vec::new()));
        }
        if names.len() == 1 && column.of.unique.is_none() {
            column
                .tests
                .push(test(at, ("unique", Vec::new()), Vec::new()));
        }
    }
    if names.len() > 1 {
        let args = vec![("combination_of_columns", texts(at, names.iter().cloned()))];
        tests.push(test(
            at,
            ("dbt_utils.unique_combination_of_columns", args),
            Vec::new(),
        ));
    }
    coverage.mapped(at, "key", "not_null, unique");
}

fn extra(contract: &Contract, enforced: bool, coverage: &mut Coverage) {
    if contract.extra_columns == ExtraColumns::Allow {
        return;
    }
    let Some(at) = &contract.extra_place else {
        return;
    };
    if enforced {
        coverage.mapped(at, "extra_columns", "contract enforced");
    } else {
        let reason = "dbt refuses other columns under an enforced contract only, which wants the type of every column";
        coverage.dropped(at, "extra_columns", reason);
    }
}

/// `name`, or `name: {arguments, config}`.
fn test(at: &Place, (name, args): Test, config: Vec<(&'static str, Node)>) -> Node {
    let mut body = Vec::new();
    if !args.is_empty() {
        body.push(("arguments", map(at, args)));
    }
    if !config.is_empty() {
        body.push(("config", map(at, config)));
    }
    if body.is_empty() {
        return text(at, name);
    }
    let key = Key {
        name: name.to_owned(),
        place: at.clone(),
    };
    node(at, Value::Map(vec![(key, map(at, body))]))
}

/// A test of a column that the file does not list stands at the model and names the column.
fn of_column(found: Node, column: Option<&str>) -> Node {
    let Some(column) = column else { return found };
    let at = found.place.clone();
    let argument = |name: &str, body: Option<Node>| {
        let key = Key {
            name: "column_name".to_owned(),
            place: at.clone(),
        };
        let mut entries = match body.map(|b| b.value) {
            Some(Value::Map(entries)) => entries,
            _ => Vec::new(),
        };
        let arguments = entries.iter_mut().find(|(k, _)| k.name == "arguments");
        match arguments.map(|(_, v)| &mut v.value) {
            Some(Value::Map(own)) => own.insert(0, (key, text(&at, column))),
            _ => entries.insert(
                0,
                (
                    Key {
                        name: "arguments".to_owned(),
                        place: at.clone(),
                    },
                    map(&at, vec![("column_name", text(&at, column))]),
                ),
            ),
        }
        let key = Key {
            name: name.to_owned(),
            place: at.clone(),
        };
        node(&at, Value::Map(vec![(key, node(&at, Value::Map(entries)))]))
    };
    match found.value {
        Value::Text(name) => argument(&name, None),
        Value::Map(mut entries) if entries.len() == 1 => {
            let (key, body) = entries.remove(0);
            argument(&key.name, Some(body))
        }
        value => node(&at, value),
    }
}

/// An expectation as tests.
///
/// Errors: why none says the same.
fn written(promise: &Promise) -> Result<(String, Vec<Node>), String> {
    let at = &promise.written.place;
    if promise.column.is_some_and(|c| c.contains('.')) {
        return Err("fields inside others are no columns there".to_owned());
    }
    let (tests, counts) = checks::wanted(promise)?;
    let config = config(promise, counts)?;
    let names: Vec<&str> = tests.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let make = |one: Test| {
        let mut made = test(at, one, config.clone());
        let words = promise.arg("description");
        if let (Some(words), Value::Map(entries)) = (words, &mut made.value)
            && let Some((_, Value::Map(body))) = entries.first_mut().map(|(k, v)| (k, &mut v.value))
        {
            let key = Key {
                name: "description".to_owned(),
                place: at.clone(),
            };
            body.push((key, words.clone()));
        }
        made
    };
    Ok((names, tests.into_iter().map(make).collect()))
}

/// Severity, tolerance and filter of a test.
///
/// Errors: what dbt has no word for.
fn config(promise: &Promise, counts: Counts) -> Result<Vec<(&'static str, Node)>, String> {
    let unknown = [
        "slices",
        "max_failing_ratio",
        "warn_at_ratio",
        "environments",
        "waive",
    ];
    if let Some(name) = unknown.iter().find(|n| promise.arg(n).is_some()) {
        return Err(format!("dbt has no `{name}`"));
    }
    if promise
        .arg("on_empty")
        .and_then(text_of)
        .is_some_and(|w| w != "pass")
    {
        return Err("no row at all passes there".to_owned());
    }
    let at = &promise.written.place;
    let mut config = Vec::new();
    match promise.arg("severity").and_then(text_of) {
        Some("warn") => config.push(("severity", text(at, "warn"))),
        Some("info") => return Err("dbt has no severity `info`".to_owned()),
        _ => {}
    }
    let whole = |name: &str| match promise.arg(name).map(|n| &n.value) {
        Some(Value::Int(v)) if *v > 0 => Some(*v),
        _ => None,
    };
    let (most, warn) = (whole("max_failing"), whole("warn_at"));
    if (most.is_some() || warn.is_some()) && counts == Counts::Otherwise {
        return Err("the test counts other rows than those that fail".to_owned());
    }
    if let Some(most) = most {
        let more = format!(">{most}");
        if promise.arg("severity").and_then(text_of) == Some("warn") {
            config.push(("warn_if", text(at, more)));
        } else {
            let warns = warn.map_or_else(|| more.clone(), |w| format!(">={w}"));
            config.push(("error_if", text(at, more)));
            config.push(("warn_if", text(at, warns)));
        }
    } else if warn.is_some() {
        return Err(
            "a test that warns from some rows on and fails from the first has no counterpart"
                .to_owned(),
        );
    }
    if let Some(sql) = promise.arg("where") {
        config.push(("where", sql.clone()));
    }
    if let Some(tags) = promise
        .arg("tags")
        .filter(|n| matches!(n.value, Value::List(_)))
    {
        config.push(("tags", tags.clone()));
    }
    Ok(config)
}
