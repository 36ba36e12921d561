//! `tollgate history promotions`: which version was champion when, why, and on whose evidence.

use super::{Format, aligned, csv};
use crate::cli::{Global, context, print};
use crate::config::Config;
use crate::error::{EXIT_PASS, Error, Result};
use crate::promote::rollback::moves;
use crate::registry::Move;
use crate::report::text::{line, safe_block};
use chrono::{DateTime, Utc};
use serde::Serialize;

#[derive(clap::Args)]
pub(super) struct Args {
    /// One model; all that are promoted without it.
    model: Option<String>,
    /// The champion at this time only, RFC 3339.
    #[arg(long)]
    at: Option<DateTime<Utc>>,
    /// How the moves are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A move as it is listed.
#[derive(Serialize)]
struct Listed {
    /// The model in the configuration.
    name: String,
    #[serde(flatten)]
    change: Move,
}

impl Args {
    pub(super) fn execute(self, config: &Config, global: Global) -> Result<u8> {
        let context = context(None, 0, global);
        let promoted = config.models.iter().filter(|m| m.promote.is_some());
        let mut names: Vec<&str> = promoted.map(|m| m.name.as_str()).collect();
        if let Some(model) = &self.model {
            crate::promote::promoted(config, model)?;
            names.retain(|name| name == model);
        }
        if names.is_empty() {
            return Err(Error::Usage(format!(
                "{} promotes no model",
                config.file.path
            )));
        }
        let mut all = Vec::new();
        for name in names {
            let moves = moves(config, name, &context)?;
            let moves = match self.at {
                None => moves,
                Some(at) => moves
                    .into_iter()
                    .rfind(|m| is_before(m, at))
                    .into_iter()
                    .collect(),
            };
            all.extend(moves.into_iter().map(|change| Listed {
                name: name.to_owned(),
                change,
            }));
        }
        print(&self.text(&all)?).map(|()| EXIT_PASS)
    }

    fn text(&self, all: &[Listed]) -> Result<String> {
        let head = [
            "model", "alias", "at", "from", "to", "what", "by", "verdict", "run", "key", "reason",
        ];
        let head: Vec<String> = head.map(str::to_owned).to_vec();
        let mut cells = vec![head];
        cells.extend(all.iter().map(Listed::cells));
        Ok(match self.format {
            Format::Json => serde_json::to_string_pretty(all).expect("texts are JSON") + "\n",
            Format::Csv => csv(&cells)?,
            Format::Text if all.is_empty() => "nothing was promoted\n".to_owned(),
            Format::Text => safe_block(&aligned(&cells)),
        })
    }
}

fn is_before(change: &Move, at: DateTime<Utc>) -> bool {
    DateTime::parse_from_rfc3339(&change.at).is_ok_and(|moved| moved.to_utc() <= at)
}

impl Listed {
    fn cells(&self) -> Vec<String> {
        let text = |value: Option<&String>| value.map_or_else(|| "-".to_owned(), |v| line(v));
        let change = &self.change;
        let basis = change.basis.as_ref();
        let run = basis.map(|b| b.run_sha256.chars().take(12).collect());
        let key = basis.and_then(|b| b.key_id.as_ref());
        let key = key.map(|k| k.chars().take(12).collect());
        vec![
            line(&self.name),
            line(&change.alias),
            line(&change.at),
            text(change.from.as_ref()),
            line(&change.to),
            change.kind.word().to_owned(),
            text(change.by.as_ref()),
            text(basis.map(|b| &b.verdict)),
            text(run.as_ref()),
            text(key.as_ref()),
            text(change.reason.as_ref()),
        ]
    }
}
