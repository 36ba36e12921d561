//! Arguments that say how single values must be written: a format with its settings, a pattern, digits, a schema of
//! JSON.

use crate::catalogue::argument::{Arg, Args};
use crate::catalogue::{Check, Measure, Statistic};
use crate::diagnostic::{Diagnostic, Place};
use crate::engine::embedded::kernel::{JsonKeys, Parse, Spelling, TextTest};
use crate::formats::{Draft, Form, Formats, JsonSchema, Kind, Plain, Setting};
use crate::scalar::Scalar;

/// The format that the arguments of a check ask for.
///
/// Errors: what does not fit together, in words.
pub(crate) fn form(args: &Args) -> Result<Form, String> {
    let name = args.text("kind").unwrap_or_default();
    let kind = Kind::parse(name).ok_or_else(|| format!("there is no format `{name}`"))?;
    let mut form = Form::of(kind);
    if let Some(country) = args.text("country") {
        form = form.with(Setting::Country(country))?;
    }
    if let Some(network) = args.text("network") {
        form = form.with(Setting::Network(network))?;
    }
    if let Some(version) = count(args, "version") {
        form = form.with(Setting::Version(u32::try_from(version).unwrap_or(0)))?;
    }
    if args.text("separators") == Some("ignore") {
        form = form.with(Setting::Separators)?;
    }
    if args.text("case") == Some("ignore") {
        form = form.with(Setting::AnyCase)?;
    }
    form.complete()
}

/// Keys that JSON objects must have.
pub(crate) fn json_keys(args: &Args) -> JsonKeys {
    let keys = match args.get("keys") {
        Some(Arg::Texts(keys)) => keys.clone(),
        _ => Vec::new(),
    };
    let all = args.text("mode") != Some("any");
    JsonKeys { keys, all }
}

/// The schema that JSON must fit.
///
/// Errors: what is wrong with the schema, or cannot be judged, and where in it.
pub(crate) fn json_schema(args: &Args) -> Result<JsonSchema, String> {
    let draft = args
        .text("draft")
        .and_then(Draft::parse)
        .unwrap_or(Draft::Draft2020);
    let formats = match args.text("formats") {
        Some("assert") => Formats::Judged,
        _ => Formats::Told,
    };
    JsonSchema::new(args.text("schema").unwrap_or_default(), draft, formats)
}

/// How the digits of numbers must be.
///
/// Errors: a multiple of zero.
pub(crate) fn spelling(statistic: Statistic, args: &Args) -> Result<Spelling, String> {
    Ok(match statistic {
        Statistic::DecimalPlaces => Spelling::Places {
            min: count(args, "min"),
            max: count(args, "max"),
        },
        Statistic::Precision => Spelling::Digits {
            total: count(args, "digits").unwrap_or(0),
            places: count(args, "places"),
        },
        _ => {
            let of = match args.scalar("of") {
                Some(Scalar::Int(v)) => Some(Plain::new(v.0, 0)),
                Some(Scalar::Decimal { unscaled, scale }) => {
                    Some(Plain::new(unscaled.0, (*scale).into()))
                }
                Some(Scalar::Float(v)) => Plain::of_f64(*v),
                _ => None,
            };
            let positive = of.filter(|of| of.compare(&Plain::new(0, 0)).is_gt());
            Spelling::MultipleOf(
                positive.ok_or("only of a number greater than zero are there multiples")?,
            )
        }
    })
}

fn count(args: &Args, name: &str) -> Option<u64> {
    match args.scalar(name) {
        Some(Scalar::Int(v)) => u64::try_from(v.0).ok(),
        _ => None,
    }
}

/// What a kind of text is to be read as.
///
/// Errors: a pattern that is missing, of no use, or none.
fn parse(args: &Args) -> Result<(), String> {
    match (args.text("kind"), args.text("pattern")) {
        (Some("pattern"), None) => Err("`kind: pattern` needs `pattern`".to_owned()),
        (Some("pattern"), Some(pattern)) => {
            let wanted = Parse::Pattern(pattern.to_owned());
            let made = TextTest::parses_as("x", wanted);
            made.map(drop).map_err(|e| e.to_string())
        }
        (Some(kind), Some(_)) => Err(format!("`pattern` has no meaning for `kind: {kind}`")),
        _ => Ok(()),
    }
}

/// The problem of arguments that do not fit together.
pub(super) fn problem(check: &Check, args: &Args, place: &Place) -> Option<Diagnostic> {
    let Measure::Statistic(statistic) = check.measure else {
        return None;
    };
    let (made, names): (Result<(), String>, &[&str]) = match statistic {
        Statistic::Format => (form(args).map(drop), &["country", "network", "version"]),
        Statistic::ParsesAs => (parse(args), &["pattern"]),
        Statistic::JsonSchema => (json_schema(args).map(drop), &["schema"]),
        Statistic::MultipleOf => (spelling(statistic, args).map(drop), &["of"]),
        _ => return None,
    };
    let reason = made.err()?;
    let at = names
        .iter()
        .find_map(|name| args.place(name))
        .unwrap_or(place);
    Some(
        Diagnostic::new("wrong-argument", format!("`{}`: {reason}", check.id))
            .at(at, "does not fit")
            .help(format!(
                "`tollgate explain {}` says what may be given",
                check.id
            )),
    )
}
