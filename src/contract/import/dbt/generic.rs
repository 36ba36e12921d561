//! The tests that dbt brings itself: `not_null`, `unique`, `accepted_values`, `relationships`.

use super::super::build;
use super::super::promise::{Promise, Reading, Refused, items, words};
use super::constraint::unreferred;
use super::test::Test;
use super::{plain, quoted};
use crate::config::tree::{Node, Value};

/// What a test of dbt itself promises.
pub(super) fn read(test: &Test, name: &str) -> Reading {
    match name {
        "not_null" => {
            test.only(&[])?;
            Ok(vec![Promise::of("not_null", test.place(), test.column()?)])
        }
        "unique" => {
            test.only(&[])?;
            // A row of its answer is one repeated value.
            let promise = Promise::new("unique_key", test.place())
                .with("columns", test.column()?.clone())
                .text("count", "groups");
            Ok(vec![promise])
        }
        "accepted_values" => accepted(test),
        "relationships" => {
            test.only(&["to", "field"])?;
            relationships(test).map(|p| vec![p])
        }
        _ => Err(Refused::Dropped(
            "a test of this project is SQL that only dbt can evaluate".to_owned(),
        )),
    }
}

fn accepted(test: &Test) -> Reading {
    test.only(&["values", "quote"])?;
    let column = test.column()?;
    let values = test.need("values")?;
    if items(values, "values")?.is_empty() {
        return Err(Refused::kind(values, "values", "a list of one or more"));
    }
    if !test.threshold()?.is_plain() {
        // A row of its answer is one value that is not accepted, however often it occurs.
        let mut listed = Vec::new();
        for value in items(values, "values")? {
            let scalar = value.value.scalar();
            let scalar = scalar.ok_or_else(|| Refused::kind(value, "values", "single values"))?;
            listed.push(crate::sql::literal(&scalar));
        }
        let name = quoted(column);
        let query = format!(
            "SELECT {name}, COUNT(*) AS n_records FROM data WHERE {name} NOT IN ({}) GROUP BY {name}",
            listed.join(", ")
        );
        return Ok(vec![
            Promise::new("returns_no_rows", test.place()).text("query", &query),
        ]);
    }
    Ok(vec![
        Promise::of("in_set", test.place(), column).with("values", values.clone()),
    ])
}

/// The key of another model.
pub(super) fn relationships(test: &Test) -> Result<Promise, Refused> {
    let (to, field) = (test.need("to")?, test.need("field")?);
    let dataset = referred(words(to, "to")?).ok_or_else(|| unreferred(to))?;
    let field = build::list(
        &field.place,
        vec![build::text(&field.place, plain(field, "field")?)],
    );
    Ok(Promise::new("foreign_key", test.place())
        .with("columns", test.column()?.clone())
        .with("dataset", build::text(&to.place, dataset))
        .with("their_columns", field))
}

/// The model of `ref('model')`, `ref('package', 'model')` or `source('name', 'table')`, also inside `{{ }}`.
pub(super) fn referred(text: &str) -> Option<String> {
    let text = text.trim();
    let text = match text.strip_prefix("{{").and_then(|t| t.strip_suffix("}}")) {
        Some(inner) => inner.trim(),
        None => text,
    };
    let inner = ["ref", "source"].into_iter().find_map(|f| {
        let rest = text.strip_prefix(f)?.trim_start();
        rest.strip_prefix('(')?.strip_suffix(')')
    })?;
    let mut parts = inner.split(',').map(str::trim).filter(|p| !p.contains('='));
    let last = parts.next_back()?;
    for quote in ['\'', '"'] {
        if let Some(name) = last.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            let plain = !name.is_empty() && !name.contains(['\'', '"', '{', '(']);
            return plain.then(|| name.to_owned());
        }
    }
    None
}

/// An argument that names another model.
pub(super) fn model(node: &Node, name: &str) -> Result<Node, Refused> {
    match &node.value {
        Value::Text(text) => {
            let dataset = referred(text).ok_or_else(|| unreferred(node))?;
            Ok(build::text(&node.place, dataset))
        }
        _ => Err(Refused::kind(node, name, "ref('model')")),
    }
}

#[cfg(test)]
mod tests {
    use super::referred;

    #[test]
    fn references() {
        assert_eq!(referred("ref('a')").as_deref(), Some("a"));
        assert_eq!(referred("ref(\"pkg\", \"a\")").as_deref(), Some("a"));
        assert_eq!(referred("source('s', 't')").as_deref(), Some("t"));
        assert_eq!(referred("{{ ref('a', v=2) }}").as_deref(), Some("a"));
        for text in [
            "a",
            "ref(a)",
            "ref('a",
            "ref()",
            "ref('{{ x }}')",
            "source",
            "",
        ] {
            assert_eq!(referred(text), None, "{text}");
        }
    }
}
