//! `kind: http`: calls of any server, as templates.

use crate::config::fields::{Fields, Problems, text, variable};
use crate::config::tree::{Node, Value};
use crate::diagnostic::Diagnostic;
use crate::registry::http::{Escape, Values, escape_of, render, samples};

/// Methods of calls.
pub const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A server as a registry.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Variables of the environment that templates may read.
    pub environment: Vec<String>,
    /// Asks where the alias leads; `other` are the statuses that say: nowhere.
    pub look: CallConfig,
    /// Where the version stands in the answer, as a JSON pointer.
    pub version: String,
    /// Where the last move stands in it.
    pub change: Option<String>,
    /// Moves the alias; `other` are the statuses that say: it leads elsewhere by now.
    pub moving: CallConfig,
    /// Asks for a version; `other` are the statuses that say: it is not there.
    pub find: Option<CallConfig>,
    /// Asks for every move, and where they stand in the answer.
    pub history: Option<(CallConfig, String)>,
    /// Whether the server checks the entity tag of what was read.
    pub etag: bool,
}

/// One call, as templates.
#[derive(Debug, Clone)]
pub struct CallConfig {
    /// One of [`METHODS`].
    pub method: String,
    /// The address.
    pub url: String,
    /// Headers, in the order of the file.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// Statuses of success.
    pub expect: Vec<u16>,
    /// Statuses that say something else, which the call's key tells.
    pub other: Vec<u16>,
}

/// How a kind of call is read.
struct Form {
    what: &'static str,
    method: &'static str,
    expect: &'static [u16],
    /// Key of the other statuses, and those where nothing is said.
    other: (&'static str, &'static [u16]),
    /// Names that its templates know besides those of all.
    names: &'static [&'static str],
}

const LOOK: Form = Form {
    what: "`look`",
    method: "GET",
    expect: &[200],
    other: ("none", &[]),
    names: &[],
};

const MOVE: Form = Form {
    what: "`move`",
    method: "POST",
    expect: &[200, 201, 204],
    other: ("lost", &[409, 412]),
    names: &["move"],
};

const FIND: Form = Form {
    what: "`find`",
    method: "GET",
    expect: &[200],
    other: ("none", &[404]),
    names: &["version"],
};

const HISTORY: Form = Form {
    what: "`history`",
    method: "GET",
    expect: &[200],
    other: ("none", &[]),
    names: &[],
};

pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Option<HttpConfig> {
    let environment = fields.list("environment").iter();
    let environment = environment.filter_map(|node| variable(node, "environment", problems));
    let environment: Vec<String> = environment.collect();
    let look = fields.require("look", problems);
    let look = look.and_then(|node| {
        let mut inner = Fields::of(node, LOOK.what, problems)?;
        let call = call(&mut inner, &LOOK, &environment, problems);
        inner.require("version", problems);
        let version = pointer(&mut inner, "version", problems);
        let change = pointer(&mut inner, "move", problems);
        inner.finish(problems);
        Some((call?, version?, change))
    });
    let moving = fields.require("move", problems);
    let moving = moving.and_then(|node| whole(node, &MOVE, &environment, problems));
    let find = fields.get("find");
    let find = find.map(|node| whole(node, &FIND, &environment, problems));
    let history = fields.get("history").map(|node| {
        let mut inner = Fields::of(node, HISTORY.what, problems)?;
        let call = call(&mut inner, &HISTORY, &environment, problems);
        inner.require("moves", problems);
        let moves = pointer(&mut inner, "moves", problems);
        inner.finish(problems);
        Some((call?, moves?))
    });
    let etag = fields.boolean("etag", problems).unwrap_or(false);
    let (look, version, change) = look?;
    if matches!(find, Some(None)) || matches!(history, Some(None)) {
        return None;
    }
    Some(HttpConfig {
        environment,
        look,
        version,
        change,
        moving: moving?,
        find: find.flatten(),
        history: history.flatten(),
        etag,
    })
}

fn whole(
    node: &Node,
    form: &Form,
    environment: &[String],
    problems: &mut Problems,
) -> Option<CallConfig> {
    let mut fields = Fields::of(node, form.what, problems)?;
    let call = call(&mut fields, form, environment, problems);
    fields.finish(problems);
    call
}

fn call(
    fields: &mut Fields,
    form: &Form,
    environment: &[String],
    problems: &mut Problems,
) -> Option<CallConfig> {
    let known = |word: &str| METHODS.contains(&word).then(|| word.to_owned());
    let method = fields.word("method", METHODS, known, problems);
    let values = samples(environment, form.names);
    let url = fields.require("url", problems);
    let url = url.and_then(|node| address(node, &values, problems));
    let headers = headers(fields, &values, problems);
    let body = fields.get("body").and_then(|node| {
        let body = text(node, "body", problems)?;
        tried(&body, escape_of(&headers), &values, node, problems).map(|_| body)
    });
    let expect = statuses(fields, "expect", form.expect, problems);
    let other = statuses(fields, form.other.0, form.other.1, problems);
    Some(CallConfig {
        method: method.unwrap_or_else(|| form.method.to_owned()),
        url: url?,
        headers,
        body,
        expect,
        other,
    })
}

/// An address that, with values, is one.
fn address(node: &Node, values: &Values, problems: &mut Problems) -> Option<String> {
    let written = text(node, "url", problems)?;
    let rendered = tried(&written, Escape::Url, values, node, problems)?;
    // What begins with a value can be told only when the value is there.
    let begins = written.trim_start().starts_with("{{");
    let url = reqwest::Url::parse(&rendered).ok();
    let fits = url.is_some_and(|u| {
        let plain = u.username().is_empty() && u.password().is_none();
        matches!(u.scheme(), "http" | "https") && u.has_host() && plain
    });
    if begins || fits {
        return Some(written);
    }
    problems.add(
        Diagnostic::new("wrong-value", "`url` is no http or https address")
            .at(&node.place, "not an address")
            .help("as https://HOST/models/{{ model }}; a user and a password belong into a header"),
    );
    None
}

fn headers(fields: &mut Fields, values: &Values, problems: &mut Problems) -> Vec<(String, String)> {
    let Some(node) = fields.get("headers") else {
        return Vec::new();
    };
    let Value::Map(entries) = &node.value else {
        problems.wrong_type(node, "headers", "a mapping of names to values");
        return Vec::new();
    };
    let mut all = Vec::new();
    for (key, node) in entries {
        if reqwest::header::HeaderName::from_bytes(key.name.as_bytes()).is_err() {
            problems.add(
                Diagnostic::new("wrong-value", format!("`{}` is no header", key.name))
                    .at(&key.place, "not a name"),
            );
            continue;
        }
        if let Some(value) = text(node, "headers", problems)
            && tried(&value, Escape::Plain, values, node, problems).is_some()
        {
            all.push((key.name.clone(), value));
        }
    }
    all
}

/// A template with values for a trial; a problem where it cannot be rendered.
fn tried(
    template: &str,
    escape: Escape,
    values: &Values,
    node: &Node,
    problems: &mut Problems,
) -> Option<String> {
    let rendered = render(template, escape, values);
    rendered
        .map_err(|reason| {
            problems.add(
                Diagnostic::new("wrong-template", format!("the template is wrong: {reason}"))
                    .at(&node.place, "cannot be rendered"),
            );
        })
        .ok()
}

fn pointer(fields: &mut Fields, key: &'static str, problems: &mut Problems) -> Option<String> {
    let node = fields.get(key)?;
    let pointer = text(node, key, problems)?;
    if pointer.is_empty() || pointer.starts_with('/') {
        return Some(pointer);
    }
    problems.wrong_type(node, key, "a JSON pointer, as /data/version");
    None
}

fn statuses(
    fields: &mut Fields,
    key: &'static str,
    otherwise: &[u16],
    problems: &mut Problems,
) -> Vec<u16> {
    if fields.get(key).is_none() {
        return otherwise.to_vec();
    }
    let (last, what) = match key {
        "expect" => (299, "statuses from 200 to 299"),
        _ => (499, "statuses from 200 to 499"),
    };
    let mut all = Vec::new();
    for node in fields.list(key) {
        match node.value {
            Value::Int(status) if (200..=last).contains(&status) => {
                all.extend(u16::try_from(status).ok());
            }
            _ => problems.wrong_type(node, key, what),
        }
    }
    all
}
