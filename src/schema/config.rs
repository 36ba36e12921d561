//! `tollgate.yaml` as a JSON Schema.

use super::expectation::definitions;
use super::parameter::samples_of_all;
use super::reuse::{sets, uses, waivers};
use super::{boolean, closed, document, expectations, text_schema, texts, version, words};
use crate::catalogue::Catalogue;
use crate::config::Recording;
use crate::config::calendar::WIDEST;
use crate::config::drift::{Judge, RATES};
use crate::config::history::LearnFrom;
use crate::config::roles::Role;
use crate::contract::diff::{Audience, Rule};
use crate::contract::import::Form;
use crate::drift::gate::{FALSE_ALARM, FALSE_ALARMS, FLOORS};
use crate::drift::{KNOWN, Known};
use crate::record::Severity;
use crate::report::Format;
use serde_json::{Map, Value, json};

pub(super) fn schema(catalogue: &Catalogue) -> Value {
    let properties = json!({
        "version": version(),
        "datasets": {
            "type": "object",
            "description": "Datasets under test, by name.",
            "additionalProperties": {"$ref": "#/definitions/dataset"},
        },
        "models": super::models::models(),
        "registries": super::registries::registries(),
        "notify": super::notify::notify(),
        "sets": sets(),
        "waivers": waivers("Ids of outcomes, such as `flights.not_null(tailnum)`, or patterns with `*` and `?`."),
        "history": history(),
        "checks": texts("Files and folders of your own checks."),
        "reports": reports(),
        "diff": evolution(),
    });
    let mut all = definitions(catalogue);
    all.insert("dataset".to_owned(), dataset());
    all.insert("model".to_owned(), super::models::model());
    let what = "What `tollgate run` checks. Paths are relative to this file.";
    let mut whole = closed(what, properties, &["version"]);
    whole["anyOf"] = json!([{"required": ["datasets"]}, {"required": ["models"]}]);
    document("tollgate configuration", whole, Value::Object(all))
}

/// What `tollgate diff` makes of changes of a contract.
fn evolution() -> Value {
    let worth = |rule: &Rule| (rule.id(), words(rule.summary(), Severity::WORDS));
    let ids: Vec<String> = Rule::ALL.iter().map(|r| r.id()).collect();
    let ignored = closed(
        "Changes that are accepted until a day.",
        json!({
            "rule": {"enum": ids, "description": "The rule."},
            "column": text_schema("The column; any where none is given."),
            "check": text_schema("The check that the expectation applies; any where none is given."),
            "contract": text_schema("The contract file; any where none is given."),
            "reason": text_schema("Why it is accepted."),
            "owner": text_schema("Who accepted it."),
            "until": text_schema("Last day on which it counts, `YYYY-MM-DD`."),
        }),
        &["rule", "reason", "owner", "until"],
    );
    let mut fail_on = words("Whose side makes `tollgate diff` exit 1.", Audience::WORDS);
    fail_on["default"] = json!("any");
    closed(
        "What `tollgate diff` makes of changes of a contract.",
        json!({
            "fail_on": fail_on,
            "severity": closed(
                "What each change of a rule is worth, whomever it breaks.",
                Value::Object(Rule::ALL.iter().map(worth).collect()),
                &[],
            ),
            "ignore": {"type": "array", "items": ignored, "description": "Accepted changes."},
        }),
        &[],
    )
}

fn history() -> Value {
    let path = text_schema("Folder, made when it is not there.");
    let mut record = words("Whether runs are added.", Recording::WORDS);
    record["default"] = json!("always");
    let mut learn_from = words("Which past runs later ones learn from.", LearnFrom::WORDS);
    learn_from["default"] = json!("all");
    let long = closed(
        "The folder, whether this configuration adds to it, and what it learns from.",
        json!({"path": path, "record": record, "learn_from": learn_from}),
        &["path"],
    );
    json!({
        "description": "Folder that every run is added to, so that later ones are compared with it.",
        "anyOf": [path, long],
    })
}

fn reports() -> Value {
    let path = |f: Format| (f.name().to_owned(), text_schema("File to write."));
    let formats: Map<String, Value> = Format::files().map(path).collect();
    closed(
        "Reports to write besides those in the output folder, by format.",
        Value::Object(formats),
        &[],
    )
}

fn dataset() -> Value {
    let properties = json!({
        "path": text_schema("File, glob, folder, http, https or s3 address, or `-` for standard input. An s3 address may be a glob or a folder."),
        "contract": contract(),
        "reference": references(),
        "environment": text_schema("Environment of the contract that the data is in."),
        "drift": drift(),
        "format": words("Format, where the file's name does not tell.", crate::config::dataset::FORMATS),
        "csv": csv(),
        "profile": boolean("Whether all columns are profiled for the report, or only those that are needed.", true),
        "allow_empty": boolean("Whether a dataset without rows may pass.", false),
        "samples": samples_of_all("dataset"),
        "use": uses(),
        "expect": expectations("Promises, besides those of the contract.", "expectation"),
    });
    closed("One dataset.", properties, &["path"])
}

/// A contract file, or the file with what is meant in it.
fn contract() -> Value {
    let forms: Vec<&str> = Form::ALL.iter().map(|f| f.word()).collect();
    let properties = json!({
        "file": text_schema("Contract file."),
        "dataset": text_schema("Dataset in the file, where it holds several; the one called like this dataset where none is given."),
        "from": words("Form of the file, where its content does not tell.", &forms),
        "strict": boolean("Whether a rule of the file that no check holds is an error.", false),
    });
    json!({
        "description": "What the dataset promises: a contract in the native form, or in another tool's, known by its content.",
        "anyOf": [
            text_schema("Contract file."),
            closed("A contract file and what is meant in it.", properties, &["file"]),
        ],
    })
}

/// One reference or several, each a path or a mapping.
fn references() -> Value {
    let properties = json!({
        "path": text_schema("Data or a saved profile."),
        "name": text_schema("What outcomes call it; the name of its file where none is given."),
        "environment": text_schema("Environment of the contract that it comes from; that of the dataset where none is given."),
    });
    let one = json!({"anyOf": [
        text_schema("A file, a glob, a folder, a saved profile, or the word `history` for past runs."),
        closed("A reference with a name or an environment.", properties, &["path"]),
    ]});
    json!({
        "description": "What drift is measured against: one thing, or a list of them; data in it have equal shares of the false alarm.",
        "anyOf": [
            one["anyOf"][0],
            one["anyOf"][1],
            {"type": "array", "items": one, "minItems": 1},
        ],
    })
}

fn roles() -> Value {
    let of = |word: &&str| {
        let doc = match *word {
            "score" => "What the model itself put out.",
            "label" => "What the model is to foretell.",
            "id" => "What tells rows apart: never compared.",
            _ => "What the model is told.",
        };
        ((*word).to_owned(), texts(doc))
    };
    closed(
        "What columns are to the model; what is said here counts more than a contract.",
        Value::Object(Role::WORDS.iter().map(of).collect()),
        &[],
    )
}

fn calendar() -> Value {
    let date =
        json!({"type": "string", "format": "date", "description": "A date of a run, in UTC."});
    let window = |what: &str| {
        json!({
            "type": "integer", "minimum": -WIDEST, "maximum": WIDEST, "default": 0,
            "description": format!("{what} day that counts, in days after the date; negative before it."),
        })
    };
    let named = closed(
        "Days of one kind.",
        json!({
            "name": text_schema("What they are called: a day is held against earlier ones of its name."),
            "dates": {"description": "The dates.", "anyOf": [date, {"type": "array", "items": date, "minItems": 1}]},
            "lower_window": window("The first"),
            "upper_window": window("The last"),
        }),
        &["name", "dates"],
    );
    json!({
        "description": "Days that are not ordinary, for past runs: dates, dates with a name, or a file of them.",
        "anyOf": [
            text_schema("A date, or a YAML, JSON or CSV file; a CSV file as Prophet has holidays, or with a date and a name in each line."),
            named.clone(),
            {"type": "array", "minItems": 1, "items": {"anyOf": [date, named]}},
        ],
    })
}

fn importance() -> Value {
    json!({
        "description": "How much of the model each feature carries: a mapping, or a CSV or JSON file with `feature` and `importance`.",
        "anyOf": [
            {"type": "string"},
            {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
        ],
    })
}

fn drift() -> Value {
    let limit = |known: &Known| {
        let mut limit = json!({
            "type": "number",
            "minimum": 0,
            "description": format!("Greatest value without an alarm. {}", known.doc),
        });
        if let Some(default) = known.limit {
            limit["default"] = json!(default);
        }
        (known.name.to_owned(), limit)
    };
    let mut properties: Map<String, Value> = KNOWN.iter().map(limit).collect();
    properties.insert("false_alarm".to_owned(), false_alarm());
    let judge = "What decides where both `history` and data are given in `reference`; the other is only told.";
    let mut judge = words(judge, Judge::WORDS);
    judge["default"] = json!("history");
    properties.insert("judge".to_owned(), judge);
    properties.insert("floors".to_owned(), floors());
    properties.insert("exclude".to_owned(), texts("Columns left out."));
    let slices =
        "Columns whose values part the rows: the rows of each value are compared on their own.";
    properties.insert("slices".to_owned(), texts(slices));
    properties.insert("calendar".to_owned(), calendar());
    properties.insert("roles".to_owned(), roles());
    properties.insert("importance".to_owned(), importance());
    let mut severity = words("How much drift matters.", Severity::WORDS);
    severity["default"] = json!("warn");
    properties.insert("severity".to_owned(), severity);
    closed(
        "How the data is compared with the reference.",
        Value::Object(properties),
        &[],
    )
}

fn false_alarm() -> Value {
    let (least, greatest) = (FALSE_ALARMS.start(), FALSE_ALARMS.end());
    json!({
        "description": "Share of runs in which an unchanged dataset may be flagged, over all columns together; off for fixed limits alone.",
        "default": FALSE_ALARM,
        "anyOf": [{"type": "number", "minimum": least, "maximum": greatest}, {"const": "off"}, per_year()],
    })
}

fn per_year() -> Value {
    let (least, greatest) = (RATES.start(), RATES.end());
    closed(
        "Runs of a year in which an unchanged dataset may be flagged; needs `history`.",
        json!({
            "per": {"const": "year", "description": "What the rate is of."},
            "rate": {"type": "number", "minimum": least, "maximum": greatest, "description": "Runs."},
        }),
        &["per", "rate"],
    )
}

fn floors() -> Value {
    let floor = |(name, default, doc): &(&str, f64, &str)| {
        let floor = json!({
            "type": "number", "minimum": 0, "exclusiveMaximum": 1, "description": doc, "default": default,
        });
        ((*name).to_owned(), floor)
    };
    closed(
        "Changes that are not surely above these are reported and do not block.",
        Value::Object(FLOORS.iter().map(floor).collect()),
        &[],
    )
}

fn csv() -> Value {
    let character =
        |doc: &str| json!({"type": "string", "minLength": 1, "maxLength": 1, "description": doc});
    let properties = json!({
        "delimiter": character("Found by looking when not given."),
        "quote": character("`\"` when not given."),
        "encoding": text_schema("Label of the WHATWG encoding standard; UTF-8 when not given."),
        "nulls": texts("Texts that mean null; the empty text when not given."),
        "header": boolean("Whether the first row holds the column names.", true),
    });
    closed("How CSV is read.", properties, &[])
}
