//! Rows as a server's protocol wants them.

use super::{Endpoint, Layout, MlflowForm, Protocol, Settings};
use crate::model::table::{Column, Table};
use reqwest::Url;
use serde_json::{Map, Value, json};
use std::ops::Range;

/// The body of one request.
pub(super) struct Body {
    pub(super) media: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// The address that is asked: that of the settings when it is a scoring path already, else the protocol's path below it.
///
/// Errors: in words, what is wrong.
pub(super) fn address(settings: &Settings) -> Result<Url, String> {
    let url = Url::parse(&settings.url).ok();
    let url = url.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    let mut url = url.ok_or("an address of an endpoint begins with http:// or https://")?;
    let ends = match settings.protocol {
        Protocol::OpenInference => "/infer",
        Protocol::Mlflow(_) => "/invocations",
        Protocol::Predict => ":predict",
        Protocol::Seldon => "/predictions",
    };
    if url.path().ends_with(ends) {
        return Ok(url);
    }
    let model = || {
        let name = settings.model.as_deref().filter(|m| !m.is_empty());
        name.ok_or("the protocol's path has the name of the model; give `model`")
    };
    let mut path: Vec<String> = Vec::new();
    match settings.protocol {
        Protocol::OpenInference => {
            path.extend(["v2".to_owned(), "models".to_owned(), model()?.to_owned()]);
            if let Some(version) = &settings.version {
                path.extend(["versions".to_owned(), version.clone()]);
            }
            path.push("infer".to_owned());
        }
        Protocol::Mlflow(_) => path.push("invocations".to_owned()),
        Protocol::Predict => {
            path.extend(["v1".to_owned(), "models".to_owned()]);
            match &settings.version {
                Some(version) => path.extend([
                    model()?.to_owned(),
                    "versions".to_owned(),
                    format!("{version}:predict"),
                ]),
                None => path.push(format!("{}:predict", model()?)),
            }
        }
        Protocol::Seldon => path.extend(["api", "v1.0", "predictions"].map(str::to_owned)),
    }
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    Ok(url)
}

/// Whether the columns of a table can be sent in this form.
///
/// Errors: in words, which column cannot.
pub(super) fn fits(endpoint: &Endpoint, table: &Table) -> Result<(), String> {
    if table.columns.is_empty() || table.rows == 0 {
        return Err("there are no rows to score".to_owned());
    }
    let by_name = matches!(
        endpoint.protocol,
        Protocol::Mlflow(MlflowForm::Split | MlflowForm::Records | MlflowForm::Csv)
            | Protocol::Seldon
    );
    if endpoint.layout == Layout::Columns || by_name {
        return Ok(());
    }
    let text = table
        .columns
        .iter()
        .find(|(_, c)| matches!(c, Column::Texts { .. }));
    match text {
        Some((name, _)) => Err(format!(
            "the column `{name}` holds texts, and a matrix holds numbers; send columns by their names (`layout: columns`)"
        )),
        None => Ok(()),
    }
}

/// The body that asks about these rows. Null, NaN and infinity are `null`, or an empty cell.
pub(super) fn body(endpoint: &Endpoint, table: &Table, rows: Range<usize>) -> Body {
    let matrix = || Value::Array(rows.clone().map(|row| listed(table, row)).collect());
    let records = || Value::Array(rows.clone().map(|row| record(table, row)).collect());
    let instances = || match endpoint.layout {
        Layout::Matrix => matrix(),
        Layout::Columns => records(),
    };
    let names = || {
        table
            .columns
            .iter()
            .map(|(n, _)| n.as_str())
            .collect::<Vec<_>>()
    };
    let value = match endpoint.protocol {
        Protocol::OpenInference => inference(endpoint, table, &rows),
        Protocol::Mlflow(MlflowForm::Split) => {
            json!({"dataframe_split": {"columns": names(), "data": matrix()}})
        }
        Protocol::Mlflow(MlflowForm::Records) => json!({"dataframe_records": records()}),
        Protocol::Mlflow(MlflowForm::Inputs) => match endpoint.layout {
            Layout::Matrix => json!({"inputs": matrix()}),
            Layout::Columns => json!({"inputs": by_column(table, &rows)}),
        },
        Protocol::Mlflow(MlflowForm::Instances) | Protocol::Predict => {
            json!({"instances": instances()})
        }
        Protocol::Mlflow(MlflowForm::Csv) => {
            return Body {
                media: "text/csv",
                bytes: csv(table, rows),
            };
        }
        Protocol::Seldon => json!({"data": {"names": names(), "ndarray": matrix()}}),
    };
    Body {
        media: "application/json",
        bytes: value.to_string().into_bytes(),
    }
}

fn cell(column: &Column, row: usize) -> Value {
    match column {
        Column::Booleans(values) => values[row].into(),
        Column::Integers(values) => values[row].into(),
        // what JSON has no number for is null
        Column::Numbers(values) => values[row].into(),
        Column::Texts { .. } => column.text(row).into(),
    }
}

fn listed(table: &Table, row: usize) -> Value {
    table.columns.iter().map(|(_, c)| cell(c, row)).collect()
}

fn record(table: &Table, row: usize) -> Value {
    let entries = table.columns.iter().map(|(n, c)| (n.clone(), cell(c, row)));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn by_column(table: &Table, rows: &Range<usize>) -> Value {
    let entries = table.columns.iter().map(|(n, c)| {
        let values: Value = rows.clone().map(|row| cell(c, row)).collect();
        (n.clone(), values)
    });
    Value::Object(entries.collect::<Map<_, _>>())
}

/// An Open Inference request: one matrix of 64-bit numbers, or an input for each column.
fn inference(endpoint: &Endpoint, table: &Table, rows: &Range<usize>) -> Value {
    let n = rows.len();
    let mut body = match endpoint.layout {
        Layout::Matrix => {
            let wide = table.columns.len();
            let flat = rows.clone().flat_map(|row| {
                let numbers = table.columns.iter().map(move |(_, c)| c.number(row).into());
                numbers.collect::<Vec<Value>>()
            });
            let data: Vec<Value> = flat.collect();
            json!({"inputs": [{"name": "input-0", "shape": [n, wide], "datatype": "FP64", "data": data}]})
        }
        Layout::Columns => {
            let inputs: Vec<Value> = table
                .columns
                .iter()
                .map(|(name, column)| {
                    let data: Vec<Value> = rows.clone().map(|row| cell(column, row)).collect();
                    let (datatype, content) = match column {
                        Column::Booleans(_) => ("BOOL", None),
                        Column::Integers(_) => ("INT64", None),
                        Column::Numbers(_) => ("FP64", None),
                        Column::Texts { .. } => ("BYTES", Some("str")),
                    };
                    let mut input =
                        json!({"name": name, "shape": [n, 1], "datatype": datatype, "data": data});
                    if let Some(content) = content {
                        input["parameters"] = json!({"content_type": content});
                    }
                    input
                })
                .collect();
            json!({"parameters": {"content_type": "pd"}, "inputs": inputs})
        }
    };
    if let Some(output) = &endpoint.output {
        body["outputs"] = json!([{"name": output}]);
    }
    body
}

fn csv(table: &Table, rows: Range<usize>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = "writing to memory does not fail";
    let names = table.columns.iter().map(|(n, _)| n.as_str());
    writer.write_record(names).expect(written);
    for row in rows {
        let cells = table.columns.iter().map(|(_, c)| match cell(c, row) {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        });
        writer.write_record(cells).expect(written);
    }
    writer.into_inner().expect(written)
}
