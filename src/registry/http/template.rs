//! Templates of addresses, headers and bodies: values are escaped for where they stand.
//!
//! Only expressions are allowed, no blocks: nothing repeats, and every name must be known.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use std::collections::BTreeMap;

/// Where a text stands, and so how values are written in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Part of an address or a form: percent-encoded.
    Url,
    /// JSON: as a JSON value, texts with their quotes.
    Json,
    /// As it is.
    Plain,
}

/// Values by their names.
pub type Values = BTreeMap<String, Value>;

/// Renders a template.
///
/// Errors: why it cannot be; without values.
pub fn render(template: &str, escape: Escape, values: &Values) -> Result<String, String> {
    if template.contains("{%") {
        return Err("`{%` is not allowed: write `{{ NAME }}` only".to_owned());
    }
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("safe", |value: String| Value::from_safe_string(value));
    environment.set_formatter(move |out, _, value| {
        let text = written(value, escape)?;
        out.write_str(&text).map_err(Error::from)
    });
    let rendered = environment.render_str(template, values);
    rendered.map_err(|e| match e.kind() {
        ErrorKind::UndefinedError => {
            let names: Vec<&str> = values.keys().map(String::as_str).collect();
            format!(
                "a name in it is not known; names are {}, and those of `environment` as `env.NAME`",
                names.join(", ")
            )
        }
        _ => match e.detail() {
            Some(detail) => format!("{}: {detail}", e.kind()),
            None => e.kind().to_string(),
        },
    })
}

fn written(value: &Value, escape: Escape) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if value.is_safe() {
        return Ok(value.to_string());
    }
    if escape == Escape::Json {
        let text = serde_json::to_string(value);
        return text.map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()));
    }
    if value.is_none() {
        let what = "a value is none where text must stand; write `{{ from or \"\" }}`";
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }
    let text = match value.as_str() {
        Some(text) => text.to_owned(),
        None => serde_json::to_string(value)
            .map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()))?,
    };
    Ok(match escape {
        Escape::Url => crate::aws::encoded(&text, ""),
        Escape::Json | Escape::Plain => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::value::Serde;

    fn values() -> Values {
        let env = BTreeMap::from([("TOKEN", "t&\"")]);
        Values::from([
            ("to".to_owned(), Value::from("a/b\" c")),
            ("from".to_owned(), Value::from(())),
            ("env".to_owned(), Value::from(Serde(env))),
        ])
    }

    #[test]
    fn values_are_escaped_for_where_they_stand() {
        let with = |template: &str, escape| render(template, escape, &values()).unwrap();
        assert_eq!(with("x/{{ to }}?", Escape::Url), "x/a%2Fb%22%20c?");
        assert_eq!(
            with("{\"v\": {{ to }}, \"f\": {{ from }}}", Escape::Json),
            "{\"v\": \"a/b\\\" c\", \"f\": null}"
        );
        assert_eq!(with("Bearer {{ env.TOKEN }}", Escape::Plain), "Bearer t&\"");
        assert_eq!(with("{{ env.TOKEN | safe }}", Escape::Url), "t&\"");
        assert_eq!(with("{{ from or \"-\" }}", Escape::Url), "-");
    }

    #[test]
    fn what_is_not_known_and_blocks_are_refused() {
        let reason = |template: &str| render(template, Escape::Url, &values()).unwrap_err();
        assert!(reason("{{ too }}").contains("names are env, from, to"));
        assert!(reason("{{ env.OTHER }}").contains("not known"));
        assert!(reason("{% for x in to %}{% endfor %}").contains("not allowed"));
        assert!(reason("{{ from }}").contains("none"));
        assert!(render("{{ to", Escape::Url, &values()).is_err());
    }
}
