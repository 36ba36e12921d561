//! Whose signatures count, and who signs a promotion.

use crate::cli::sign::variable;
use crate::config::Config;
use crate::error::Result;
use crate::evidence::{
    PrivateKey, Promoted, Resource, Statement, covers_run, named, promotion_statement, sign,
    signed, unverified, verify,
};
use crate::promote::{Outcome, Promotion, Promotions};
use crate::registry::{Beside, Move};
use crate::report;
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};

/// Whose signatures count, and who signs a promotion.
#[derive(clap::Args, Default)]
pub(super) struct Keys {
    /// The signed envelope of the run; run.intoto.json beside it where nothing is said.
    #[arg(long, value_name = "FILE")]
    envelope: Option<PathBuf>,
    /// File with public keys that are trusted; give it again for more. `TOLLGATE_PUBLIC_KEY` holds their text where nothing is
    /// said.
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// File of the key that signs the promotion; `TOLLGATE_SIGNING_KEY` holds its text where nothing is said. Without a key the
    /// promotion is not signed.
    #[arg(long, value_name = "FILE")]
    promotion_key: Option<PathBuf>,
}

/// What became of a run's signature.
pub(super) struct Trust {
    /// The id of the key, or why there is none that counts.
    pub(super) signed: std::result::Result<String, String>,
    /// Whether there is something that claims to be a signature and does not hold, or keys that it was held against.
    pub(super) looked: bool,
    /// What lies beside the run, to be kept with its promotion.
    pub(super) files: Vec<Beside>,
}

impl Trust {
    /// What is not kept with the promotion, a sentence each.
    pub(super) fn left_out(&self) -> impl Iterator<Item = String> {
        self.files.iter().filter_map(|file| {
            let why = file.bytes.as_ref().err()?;
            Some(format!(
                "note: {} is not kept with the promotion: {why}",
                file.path.display()
            ))
        })
    }
}

impl Keys {
    /// Whether a trusted key signed these bytes; without keys, whether an envelope that is there speaks of them.
    ///
    /// Errors: those of reading keys and the envelope.
    pub(super) fn trust(&self, run: &Path, bytes: &[u8]) -> Result<Trust> {
        let path = self.envelope.clone();
        let path = path.unwrap_or_else(|| signed::beside(run));
        if self.envelope.is_none() && !path.exists() {
            let why = format!("the run is not signed: there is no {}", path.display());
            return Ok(Trust {
                signed: Err(why),
                looked: false,
                files: reports(run, None),
            });
        }
        let envelope = signed::envelope_bytes(&path)?;
        let keys = variable(named::PUBLIC_VARIABLE);
        let keys = named::public_keys(&self.public_key, keys.as_deref())?;
        let said = if keys.is_empty() {
            unverified(&envelope).map(|statement| (statement, None))
        } else {
            verify(&envelope, &keys).map(|v| (v.statement, Some(v.key_id)))
        };
        let said = said.and_then(|said| covers_run(&said.0, bytes).map(|()| said));
        let (statement, key_id) = match said {
            Ok(said) => said,
            Err(refusal) => {
                return Ok(Trust {
                    signed: Err(refusal.to_string()),
                    looked: true,
                    files: Vec::new(),
                });
            }
        };
        let mut files = reports(run, Some(&statement));
        files.push(Beside {
            path: signed::beside(run),
            bytes: Ok(envelope),
        });
        let no_key = "no key is named that the run's signature could be held against";
        Ok(Trust {
            looked: key_id.is_some() || self.envelope.is_some(),
            signed: key_id.ok_or_else(|| no_key.to_owned()),
            files,
        })
    }

    /// The key that signs a promotion, where there is one.
    pub(super) fn promotion_key(&self) -> Result<Option<PrivateKey>> {
        let text = variable(named::SIGNING_VARIABLE);
        if self.promotion_key.is_none() && text.is_none() {
            return Ok(None);
        }
        named::signing_key(self.promotion_key.as_deref(), text.as_deref()).map(Some)
    }
}

/// The reports beside a run. Where there is a statement of the run, only those that it speaks of are kept: another may say
/// anything.
fn reports(run: &Path, statement: Option<&Statement>) -> Vec<Beside> {
    let paths = ["report.html", "report.md"].map(|name| super::beside(run, name));
    let there = paths.into_iter().filter(|path| path.is_file());
    there
        .map(|path| {
            let bytes = match (std::fs::read(&path), statement) {
                (Err(e), _) => Err(format!("it cannot be read: {e}")),
                (Ok(bytes), Some(statement)) if !signed::has_report(statement, &bytes) => {
                    Err("no report of these bytes was signed with the run".to_owned())
                }
                (Ok(bytes), _) => Ok(bytes),
            };
            Beside { path, bytes }
        })
        .collect()
}

/// Writes what was moved as a signed statement, beside the record: `promotion.intoto.json`, or `promotion.MODEL.intoto.json`
/// where several were.
pub(super) fn signed_promotion(
    all: &Promotions,
    config: &Config,
    key: &PrivateKey,
    output: &Path,
) -> Result<()> {
    let moved: Vec<(&Promotion, &Move)> = all
        .promotions
        .iter()
        .filter(|p| p.ended == Outcome::Moved)
        .filter_map(|p| Some((p, p.change.as_ref()?)))
        .collect();
    for (one, change) in &moved {
        let verdict = change.basis.as_ref().map(|b| b.verdict.to_uppercase());
        let mut properties: Vec<String> = verdict
            .map(|v| format!("TOLLGATE_VERDICT_{v}"))
            .into_iter()
            .collect();
        properties.push("TOLLGATE_ALIAS_MOVED".to_owned());
        if change.basis.as_ref().is_some_and(|b| b.key_id.is_some()) {
            properties.push("TOLLGATE_RUN_SIGNED".to_owned());
        }
        let policy = Resource::new(
            config.file.path.clone(),
            "tollgateConfigSha256",
            &config.sha256,
        );
        let at =
            DateTime::parse_from_rfc3339(&change.at).map_or_else(|_| Utc::now(), |at| at.to_utc());
        let statement = promotion_statement(&Promoted {
            registry: &one.registry,
            model: &change.model,
            alias: &change.alias,
            from: change.from.as_deref(),
            to: &change.to,
            run_sha256: all.run_sha256.as_deref(),
            properties: &properties,
            policies: &[policy],
            at,
        });
        let path = if moved.len() == 1 {
            signed::beside(output)
        } else {
            output.with_extension(format!("{}.intoto.json", one.name))
        };
        report::write(&path, &sign(&statement, key))?;
    }
    Ok(())
}
