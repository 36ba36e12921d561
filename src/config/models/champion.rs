//! `registry` of a baseline or an anchor: the version that an alias of a registry leads to, and what is known of it.

use super::sources::{self, Columns};
use super::{Maker, ModelConfig, Origin, has};
use crate::config::dataset::written;
use crate::config::fields::{Fields, Problems, text};
use crate::config::registries::{KindConfig, RegistryConfig};
use crate::config::tree::Node;
use crate::diagnostic::{Diagnostic, Place, listing};

/// The alias where nothing is said.
pub const ALIAS: &str = "champion";

/// What stands for the version in a path, a command or an endpoint's address.
pub const VERSION: &str = "{version}";

/// What stands for the path of the predictions that the version was judged by.
pub const JUDGED: &str = "{judged}";

/// The version that an alias of a registry leads to.
#[derive(Debug, Clone)]
pub struct ChampionConfig {
    /// Name of the registry in the configuration.
    pub registry: String,
    /// Where that name stands.
    pub registry_place: Place,
    /// The alias.
    pub alias: String,
    /// What the version is known by; by what the registry keeps of it where absent.
    pub by: Option<Origin>,
    /// What the names of its metrics begin with, of a registry that is an `MLflow` server.
    pub prefix: Option<String>,
    /// Dataset whose metrics of a logged model count, of a registry that is an `MLflow` server.
    pub dataset: Option<String>,
    /// Where the mapping stands.
    pub place: Place,
}

impl ChampionConfig {
    /// The registry that it names. The configuration has it, as was checked when it was read.
    #[must_use]
    pub fn registry_of<'a>(&self, all: &'a [RegistryConfig]) -> Option<&'a RegistryConfig> {
        all.iter().find(|r| r.name == self.registry)
    }

    /// Whether the file of predictions is one of the files of the version's run: an `MLflow` registry, and neither a command
    /// nor an endpoint nor `{version}`, which would make it a file beside the configuration.
    #[must_use]
    pub fn is_of_run(&self, kind: &KindConfig) -> bool {
        let Some(Origin::Predictions(rows)) = &self.by else {
            return false;
        };
        matches!(
            (kind, &rows.made_by),
            (KindConfig::Mlflow(_), Maker::Nobody)
        ) && !rows.path.path.contains(VERSION)
    }
}

/// Reads a mapping with `registry`; columns that it does not name are those of `like`.
pub(super) fn read(
    node: &Node,
    what: &'static str,
    like: Option<&Columns>,
    problems: &mut Problems,
) -> Option<Origin> {
    if what == "candidate" {
        problems.add(
            Diagnostic::new(
                "unclear-source",
                "a candidate does not come from an alias of a registry",
            )
            .at(&node.place, "where from?")
            .help(
                "give its predictions or metrics; of an MLflow server `mlflow: models:/NAME@ALIAS`",
            ),
        );
        return None;
    }
    let mut fields = Fields::of(node, what, problems)?;
    let registry = fields.require("registry", problems);
    let registry = registry.and_then(|n| Some((text(n, "registry", problems)?, n.place.clone())));
    let alias = fields.text("alias", problems);
    let by = if has(node, "predictions") {
        Some(sources::predictions(&mut fields, like, what, problems)?)
    } else if has(node, "metrics") {
        Some(Origin::Metrics(written(&mut fields, "metrics", problems)?))
    } else {
        None
    };
    let prefix = fields.text("prefix", problems);
    let dataset = fields.text("dataset", problems);
    let place = fields.place().clone();
    fields.finish(problems);
    let (registry, registry_place) = registry?;
    Some(Origin::Registry(Box::new(ChampionConfig {
        registry,
        registry_place,
        alias: alias.unwrap_or_else(|| ALIAS.to_owned()),
        by,
        prefix,
        dataset,
        place,
    })))
}

/// Every registry that a baseline or an anchor names is there and can tell something of its versions; `all` are the names,
/// also of registries that could not be read.
pub fn settle(
    models: &[ModelConfig],
    registries: &[RegistryConfig],
    all: &[&str],
    problems: &mut Problems,
) {
    let sides = models.iter().flat_map(|m| [&m.baseline, &m.anchor]);
    for champion in sides.flatten().filter_map(Origin::champion) {
        if let Some(registry) = champion.registry_of(registries) {
            fits(champion, registry, problems);
            continue;
        }
        let name = &champion.registry;
        if all.contains(&name.as_str()) {
            continue;
        }
        let names = if all.is_empty() {
            "there are no `registries`".to_owned()
        } else {
            listing("registries", name, all.iter().copied())
        };
        problems.add(
            Diagnostic::new("unknown-registry", format!("no registry `{name}`; {names}"))
                .at(&champion.registry_place, "compared with its alias")
                .help("add it, as `registries: {production: {kind: directory, path: registry}}`"),
        );
    }
}

/// Whether what is asked can be known of a registry of that kind.
fn fits(champion: &ChampionConfig, registry: &RegistryConfig, problems: &mut Problems) {
    let word = registry.kind.word();
    let at = |problem: Diagnostic| problem.at(&champion.place, "of which version?");
    if let Some(reason) = registry.kind.refused(&champion.alias) {
        let what = format!(
            "`{}` is no alias of registry `{}`",
            champion.alias, registry.name
        );
        problems.add(
            Diagnostic::new("wrong-alias", what)
                .at(&champion.place, "not there")
                .help(reason),
        );
    }
    let is_mlflow = matches!(registry.kind, KindConfig::Mlflow(_));
    if !is_mlflow && (champion.prefix.is_some() || champion.dataset.is_some()) {
        let what = format!(
            "`prefix` and `dataset` are of MLflow servers, and `{}` is of kind {word}",
            registry.name
        );
        problems
            .add(Diagnostic::new("unclear-source", what).at(&champion.place, "not known there"));
    }
    let keeps = matches!(registry.kind, KindConfig::Directory(_) | KindConfig::S3(_));
    match &champion.by {
        None if !is_mlflow && !keeps => {
            let what = format!("a registry of kind {word} keeps no metrics of a version");
            problems.add(at(Diagnostic::new("unclear-source", what)).help(
                "give `metrics: PATH` or `predictions: PATH` with {version} in it, as `metrics: models/{version}/metrics.json`",
            ));
        }
        Some(by) if by.names(JUDGED) && !keeps => {
            let what = format!("a registry of kind {word} does not know {JUDGED}");
            problems.add(
                at(Diagnostic::new("unclear-source", what))
                    .help("only `directory` and `s3` keep the path that a version was judged by; use {version}"),
            );
        }
        Some(by)
            if !champion.is_of_run(&registry.kind) && !by.names(VERSION) && !by.names(JUDGED) =>
        {
            let what = "what is compared would be the same for every version";
            problems.add(at(Diagnostic::new("unclear-source", what)).help(format!(
                "put {VERSION} into the path, the command or the endpoint, as `predictions: models/{VERSION}/march.parquet`"
            )));
        }
        _ => {}
    }
}

impl Origin {
    /// The alias of a registry that it is, if any.
    #[must_use]
    pub fn champion(&self) -> Option<&ChampionConfig> {
        match self {
            Self::Registry(champion) => Some(champion),
            _ => None,
        }
    }

    /// Whether a placeholder stands anywhere in it.
    #[must_use]
    pub fn names(&self, placeholder: &str) -> bool {
        let mut copy = self.clone();
        let mut found = false;
        copy.each_text(&mut |text| found |= text.contains(placeholder));
        found
    }

    /// With what a placeholder stands for.
    #[must_use]
    pub fn filled(&self, placeholder: &str, value: &str) -> Self {
        let mut copy = self.clone();
        copy.each_text(&mut |text| *text = text.replace(placeholder, value));
        copy
    }

    /// Calls `each` with every text that may hold a placeholder: paths, words of a command, address and version of an
    /// endpoint, the file of a model.
    fn each_text(&mut self, each: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Metrics(path) => each(&mut path.path),
            Self::Predictions(rows) => {
                each(&mut rows.path.path);
                match &mut rows.made_by {
                    Maker::Command(command) => command.words.iter_mut().for_each(each),
                    Maker::Endpoint(endpoint) => {
                        each(&mut endpoint.url);
                        endpoint.version.iter_mut().for_each(each);
                    }
                    Maker::Onnx(onnx) => each(&mut onnx.path.path),
                    Maker::Nobody | Maker::Mlflow(_) => {}
                }
            }
            Self::Pinned(_) | Self::Mlflow(_) | Self::Registry(_) => {}
        }
    }
}
