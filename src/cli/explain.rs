//! `tollgate explain`: one check, metric or rule in words, or the list of checks.

use super::print;
use crate::catalogue::Catalogue;
use crate::contract::diff::Rule;
use crate::diagnostic::{did_you_mean, unknown};
use crate::docs;
use crate::error::{EXIT_PASS, Error, Result};
use crate::model::metric::{Metric, Options};
use clap::ValueEnum;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Its id, a metric of models such as `roc_auc`, or a rule of `tollgate diff` such as column-removed; all checks are
    /// listed when it is left out.
    check: Option<String>,
    /// Check files or folders besides the built-in ones.
    #[arg(long)]
    checks: Vec<PathBuf>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// A section of Markdown.
    Markdown,
    /// For programs.
    Json,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let catalogue = crate::catalogue::load::load(&self.checks)?;
        let text = match (&self.check, self.format) {
            (None, Format::Text) => docs::list_text(&catalogue),
            (None, Format::Markdown) => docs::checks_page(&catalogue),
            (None, Format::Json) => format!("{:#}\n", docs::list_json(&catalogue)),
            (Some(id), format) => {
                if let (None, Some(rule)) = (catalogue.check(id), Rule::parse(id)) {
                    return print(&of_rule(rule, format)).map(|()| EXIT_PASS);
                }
                if let (None, Ok(metric)) =
                    (catalogue.check(id), Metric::parse(id, &Options::default()))
                {
                    return print(&of_metric(&metric, format)).map(|()| EXIT_PASS);
                }
                let check = catalogue
                    .check(id)
                    .ok_or_else(|| Error::Usage(no_check(&catalogue, id)))?;
                match format {
                    Format::Text => docs::explain_text(check),
                    Format::Markdown => docs::explain_markdown(check, 1),
                    Format::Json => format!("{:#}\n", docs::explain_json(check)),
                }
            }
        };
        print(&crate::report::text::safe_block(&text)).map(|()| EXIT_PASS)
    }
}

/// That no check has this id: the nearest one, those that other tools call so, or else all ids.
fn no_check(catalogue: &Catalogue, id: &str) -> String {
    let found = docs::find(catalogue, id);
    let ids: Vec<String> = found.iter().map(|f| format!("`{}`", f.check.id)).collect();
    let metrics: Vec<String> = Metric::all().iter().map(Metric::name).collect();
    let names = catalogue.ids().chain(metrics.iter().map(String::as_str));
    if let (true, Some(near)) = (ids.is_empty(), did_you_mean(id, names))
        && metrics.iter().any(|m| m == near)
    {
        return format!("no check and no metric `{id}`; did you mean `{near}`?");
    }
    if ids.is_empty() || did_you_mean(id, catalogue.ids()).is_some() {
        return unknown("check", id, catalogue.ids());
    }
    format!(
        "no check is called `{id}`; it is said of {}: `tollgate checks --find {id}` tells more",
        ids.join(", ")
    )
}

/// A metric of models.
fn of_metric(metric: &Metric, format: Format) -> String {
    match format {
        Format::Text => docs::metric_text(metric),
        Format::Markdown => docs::metric_markdown(metric),
        Format::Json => format!("{:#}\n", docs::metric_json(metric)),
    }
}

/// A rule of `tollgate diff`.
fn of_rule(rule: Rule, format: Format) -> String {
    match format {
        Format::Text => rule.explain(),
        Format::Markdown => format!("# {}\n", rule.explain().replacen(": ", "\n\n", 1)),
        Format::Json => {
            let json = serde_json::json!({
                "rule": rule.id(), "summary": rule.summary(), "reason": rule.reason(),
            });
            format!("{json:#}\n")
        }
    }
}
