//! A side that is the version which an alias of a registry leads to: looked up, then read by what is known of it.

use super::read::{Read, Sources, read};
use super::source::{
    Origin as From, OriginKind, Tracked, TrackedMetric, Wanted, mlflow::What, no_number,
};
use crate::config::models::champion::{JUDGED, VERSION};
use crate::config::models::{ChampionConfig, Maker, MlflowConfig, Origin};
use crate::config::registries::{KindConfig, RegistryConfig};
use crate::error::{Error, Result};
use crate::record::SideRecord;
use crate::registry::{self, Registry, Target, Version};
use crate::report::text::short;

/// What was found of the alias.
struct Champion<'a> {
    config: &'a ChampionConfig,
    registry: &'a RegistryConfig,
    /// Name of the model in the registry.
    model: String,
    /// How the registry is named in messages.
    shown: String,
    version: String,
}

/// The side that the alias leads to; `None` where there is no such alias yet.
///
/// What is known of the version must be there: a champion whose metrics or predictions cannot be read is no baseline that is
/// not there yet.
/// Errors: [`Error::Data`] when the registry, or what is known of the version, cannot be read; [`Error::Usage`] for addresses and credentials that cannot be used.
pub(super) fn side(
    config: &ChampionConfig,
    wanted: &Wanted,
    sources: &Sources,
) -> Result<Option<Read>> {
    let registry = config
        .registry_of(sources.registries)
        .ok_or_else(|| Error::Usage(format!("no registry `{}`", config.registry)))?;
    let model = registry.model.clone();
    let model = model.unwrap_or_else(|| sources.model.to_owned());
    let target = Target {
        model: model.clone(),
        alias: config.alias.clone(),
    };
    let opened = registry::open(registry, target, sources.base, sources.context)?;
    let shown = opened.shown();
    let seen = opened.look().map_err(|t| t.unread(&shown))?;
    let Some(version) = seen.version else {
        return Ok(None);
    };
    let champion = Champion {
        config,
        registry,
        model,
        shown,
        version,
    };
    champion.read(opened.as_ref(), wanted, sources).map(Some)
}

impl Champion<'_> {
    fn read(&self, opened: &dyn Registry, wanted: &Wanted, sources: &Sources) -> Result<Read> {
        let mlflow = match &self.registry.kind {
            KindConfig::Mlflow(mlflow) => Some(self.mlflow(mlflow.uri.clone())),
            _ => None,
        };
        let read = match (&self.config.by, mlflow) {
            (None, Some(mlflow)) => read(&Origin::Mlflow(Box::new(mlflow)), &[], wanted, sources)?,
            (None, None) => self.kept(&self.known(opened)?, wanted)?,
            (Some(Origin::Predictions(rows)), Some(mlflow))
                if self.config.is_of_run(&self.registry.kind) =>
            {
                let mut rows = rows.clone();
                rows.made_by = Maker::Mlflow(Box::new(mlflow));
                read(&Origin::Predictions(rows), &[], wanted, sources)?
            }
            (Some(by), _) => self.named(by, opened, wanted, sources)?,
        };
        Ok(read.of_registry(|side| self.told(side)))
    }

    /// What the record says of the side.
    fn told(&self, side: &mut SideRecord) {
        let (alias, version) = (&self.config.alias, &self.version);
        let of = format!(
            "`{alias}` of {}, version {}",
            self.config.registry,
            short(version, 80)
        );
        side.from = match side.kind.as_str() {
            "registry" => of,
            _ => format!("{of}: {}", side.from),
        };
        side.version = Some(version.clone());
        side.registry = Some(self.config.registry.clone());
    }

    fn mlflow(&self, uri: Option<String>) -> MlflowConfig {
        MlflowConfig {
            written: format!("models:/{}/{}", self.model, self.version),
            what: What::Version {
                name: self.model.clone(),
                version: self.version.clone(),
            },
            uri,
            prefix: self.config.prefix.clone().unwrap_or_default(),
            step: None,
            dataset: self.config.dataset.clone(),
            place: self.config.place.clone(),
        }
    }

    /// By a file of the user's, or a command or an endpoint, that is told the version.
    fn named(
        &self,
        by: &Origin,
        opened: &dyn Registry,
        wanted: &Wanted,
        sources: &Sources,
    ) -> Result<Read> {
        let mut filled = if by.names(VERSION) {
            by.filled(VERSION, self.plain()?)
        } else {
            by.clone()
        };
        let judged = by.names(JUDGED).then(|| self.known(opened)).transpose()?;
        if let Some(known) = &judged {
            let path = known.judged.as_ref().ok_or_else(|| {
                self.unknown("was not judged by a file of predictions that stays where it is")
            })?;
            filled = filled.filled(JUDGED, path);
        }
        let read = read(&filled, &[], wanted, sources)?;
        if let Some(known) = &judged {
            self.unchanged(&read, known)?;
        }
        Ok(read)
    }

    /// The version as it may stand in a path, and as a word of a command.
    fn plain(&self) -> Result<&str> {
        let version = &self.version;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-+".contains(&b);
        let begins = version
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
        if begins && version.len() <= 200 && version.bytes().all(plain) {
            return Ok(version);
        }
        let reason = format!(
            "its version `{}` cannot stand in a path: only letters, digits and . _ - + can, a letter or a digit first",
            short(version, 80)
        );
        Err(Error::data("read", &self.shown, reason))
    }

    /// What the registry keeps of the version.
    fn known(&self, opened: &dyn Registry) -> Result<Version> {
        let found = opened.find(&self.version);
        let found = found.map_err(|t| t.unread(&self.shown))?;
        found.ok_or_else(|| self.unknown("is not among its versions"))
    }

    /// The metrics that the registry keeps.
    fn kept(&self, known: &Version, wanted: &Wanted) -> Result<Read> {
        if known.metrics.is_empty() {
            return Err(self.unknown("was promoted without metrics that the registry keeps"));
        }
        let asked = |m: &&TrackedMetric| wanted.name(&m.name).is_some();
        let metrics: Vec<TrackedMetric> = known.metrics.iter().filter(asked).cloned().collect();
        if let Some((metric, why)) = metrics.iter().find_map(|m| Some((m, no_number(m.value)?))) {
            let reason = format!("`{}` of version {} is {why}", metric.name, self.version);
            return Err(Error::data("read", &self.shown, reason));
        }
        let tracked = Tracked {
            others: known.metrics.iter().map(|m| m.name.clone()).collect(),
            metrics,
            origin: From {
                model: Some(self.model.clone()),
                version: Some(self.version.clone()),
                alias: Some(self.config.alias.clone()),
                ..From::of(OriginKind::Registry, &self.shown)
            },
            datasets: Vec::new(),
        };
        let record = SideRecord {
            kind: "registry".to_owned(),
            ..SideRecord::default()
        };
        Ok(Read::Tracked(Box::new(tracked), Box::new(record)))
    }

    /// Whether the files are those that the version was judged by.
    fn unchanged(&self, read: &Read, known: &Version) -> Result<()> {
        let mut own = read.record().files.iter().filter(|f| !f.given).peekable();
        let any = own.peek().is_some();
        let same = |digest: &String| known.digests.contains(digest);
        let all = own.all(|f| f.sha256.as_ref().is_some_and(same));
        if all && any {
            return Ok(());
        }
        let path = known.judged.as_deref().unwrap_or_default();
        Err(self.unknown(&format!(
            "was judged by {path}, whose bytes are not those of then"
        )))
    }

    fn unknown(&self, what: &str) -> Error {
        let reason = format!(
            "version {} of `{}`, which `{}` leads to, {what}; give `metrics: PATH` or `predictions: PATH` with {VERSION} in it",
            short(&self.version, 80),
            self.model,
            self.config.alias
        );
        Error::data("read", &self.shown, reason)
    }
}
