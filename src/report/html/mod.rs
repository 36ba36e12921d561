//! One page for product owners: one file, no script, offline, dark and print.

mod card;
mod changes;
mod model;
mod profile;
mod tables;

use super::markup::{self, prose};
use super::promoted::{self, Rule};
use super::ranking::Ranking;
use super::text::{clip, line, shell};
use super::words::{counted, grouped, moment, owners, sign, size};
use crate::promote::Promotions;
use crate::record::{Counts, DatasetRecord, FileDigest, Outcome, Run, Status};
use card::{Card, Ids};
use minijinja::context;
use model::Model;
use profile::Profile;
use serde::Serialize;
use tables::{Causes, Rows};

/// Cards drawn in full; further outcomes of the kind are lines of a table.
const BROKEN_CARDS: usize = 12;
/// As [`BROKEN_CARDS`].
const WARNING_CARDS: usize = 8;
/// Lines of that table, and of the table of kept promises.
const LINES: usize = 60;
/// Datasets and models that could not be evaluated, of the first screen.
const UNREAD: usize = 6;
/// Causes for which something could not be told.
const CAUSES: usize = 25;
/// Owners named in the first screen.
const OWNERS: usize = 4;
/// Files, and datasets, that are listed.
const FILES: usize = 20;

/// Renders the page. Every text is neutralised and escaped by the one formatter below; charts escape their own.
#[must_use]
pub(super) fn render(run: &Run, after: Option<&Promotions>) -> String {
    let style = include_str!("../templates/report.css");
    let template = include_str!("../templates/report.html.j2");
    markup::page(
        &[("report.html", template)],
        "report.html",
        context! { page => minijinja::Value::from(minijinja::value::Serde(Page::of(run, after))), style },
    )
}

/// What the page shows, in its order. Fields called `…_html` are markup already; all others are text.
#[derive(Serialize)]
struct Page<'a> {
    title: String,
    status: &'static str,
    sign: &'static str,
    sentence: &'a str,
    facts: Vec<Fact>,
    counts: Vec<Count>,
    unread: Vec<Unread>,
    more_unread: usize,
    changes: Vec<changes::Change>,
    promotions: Vec<Promotion>,
    is_fixed: bool,
    asks: String,
    todo: &'static str,
    broken: Vec<Card>,
    more_broken: Rows,
    unable: Causes,
    undecided: Causes,
    warned: Vec<Card>,
    more_warned: Rows,
    waived: Vec<Card>,
    more_waived: Rows,
    skipped: Causes,
    noted: Vec<Card>,
    more_noted: Rows,
    kept: Rows,
    models: Vec<Model>,
    more_models: usize,
    profiles: Vec<Profile>,
    more_profiles: usize,
    digests: Vec<Fact>,
    command: String,
}

/// A term and what belongs to it.
#[derive(Serialize)]
struct Fact {
    term: String,
    text: String,
}

/// How many outcomes ended in one way, and the section that shows them.
#[derive(Serialize)]
struct Count {
    number: usize,
    word: &'static str,
    class: &'static str,
    anchor: &'static str,
}

impl<'a> Page<'a> {
    fn of(run: &'a Run, promoted: Option<&Promotions>) -> Self {
        let ranking = Ranking::of(run);
        let mut ids = Ids::default();
        let cards = |list: &[&Outcome], most: usize, name: &str, ids: &mut Ids| {
            let shown = list.iter().take(most).enumerate();
            shown
                .map(|(i, o)| Card::of(run, o, format!("{name}-{}", i + 1), ids))
                .collect::<Vec<_>>()
        };
        let after = |list: &[&'a Outcome], most: usize| {
            Rows::of(list.get(most..).unwrap_or_default(), LINES)
        };
        // What has a picture is worth looking at, also where it changes no verdict.
        let pictured = |o: &&Outcome| o.comparison.is_some();
        let noted = ranking.noted.iter().copied();
        let (mut drawn, mut listed): (Vec<_>, Vec<_>) = noted.partition(pictured);
        listed.splice(0..0, drawn.drain(WARNING_CARDS.min(drawn.len())..));
        let (profiles, more_profiles) = profile::of(run);
        let (models, more_models) = model::of(run, &mut ids);
        let datasets = run.datasets.iter().map(|d| d.name.as_str());
        let names: Vec<&str> = datasets
            .chain(run.models.iter().map(|m| m.name.as_str()))
            .collect();
        let status = run.verdict.status;
        let changes = changes::of(run);
        Self {
            title: format!(
                "{}: {} (tollgate)",
                status.word().to_uppercase(),
                clip(&line(&names.join(", ")), 80)
            ),
            status: status.word(),
            sign: sign(status),
            sentence: &run.verdict.sentence,
            facts: facts(run),
            counts: counts(&run.verdict.counts, ranking.noted.len()),
            is_fixed: changes.iter().any(changes::Change::is_fixed),
            changes,
            promotions: promotions(run, promoted),
            unread: unread(run),
            more_unread: run.unread().count().saturating_sub(UNREAD),
            asks: asks(&ranking),
            todo: todo(&ranking),
            broken: cards(&ranking.broken, BROKEN_CARDS, "broken", &mut ids),
            more_broken: after(&ranking.broken, BROKEN_CARDS),
            unable: Causes::of(&ranking.unable, CAUSES),
            undecided: Causes::of(&ranking.undecided, CAUSES),
            warned: cards(&ranking.warned, WARNING_CARDS, "warning", &mut ids),
            more_warned: after(&ranking.warned, WARNING_CARDS),
            waived: cards(&ranking.waived, WARNING_CARDS, "waived", &mut ids),
            more_waived: after(&ranking.waived, WARNING_CARDS),
            skipped: Causes::of(&ranking.skipped, CAUSES),
            noted: cards(&drawn, WARNING_CARDS, "noted", &mut ids),
            more_noted: Rows::of(&listed, LINES),
            kept: Rows::of(&ranking.kept, LINES),
            models,
            more_models,
            profiles,
            more_profiles,
            digests: digests(run),
            command: command(run),
        }
    }
}

/// A dataset or model of which nothing is known, and why.
#[derive(Serialize)]
struct Unread {
    name: String,
    sentence_html: String,
    kind: &'static str,
}

fn unread(run: &Run) -> Vec<Unread> {
    let shown = run.unread().take(UNREAD);
    shown
        .map(|outcome| Unread {
            name: clip(&line(&outcome.dataset), 60),
            sentence_html: prose(&outcome.message, 1_000),
            kind: if outcome.is_of_model() {
                "model"
            } else {
                "dataset"
            },
        })
        .collect()
}

/// What became of a promotion, or may.
#[derive(Serialize)]
struct Promotion {
    name: String,
    sentence_html: String,
    command: String,
    to: &'static str,
    rules: Vec<Rule>,
}

fn promotions(run: &Run, after: Option<&Promotions>) -> Vec<Promotion> {
    let all = promoted::of(run, after).into_iter();
    all.map(|one| Promotion {
        name: one.name,
        sentence_html: prose(&one.sentence, 1_000),
        command: one.command,
        to: one.to,
        rules: one.rules,
    })
    .collect()
}

/// What is left to do when nothing is broken.
fn todo(ranking: &Ranking<'_>) -> &'static str {
    if ranking.unable.is_empty() && !ranking.undecided.is_empty() {
        "Get more evidence for what is undecided below, as more rows, then run the gate again: until then nobody knows."
    } else if !ranking.unable.is_empty() {
        "Make it possible to evaluate the promises below, then run the gate again: until then nobody knows."
    } else if !ranking.warned.is_empty() {
        "Nothing has to be fixed. Look at the warnings and decide whether the contract or the reference is still right."
    } else if !ranking.waived.is_empty() {
        "Nothing has to be fixed now. What is waived below is broken, and fails again when its waiver ends."
    } else if ranking.kept.is_empty() {
        "Write down what the data promise: a gate without a promise that was evaluated says nothing."
    } else if !ranking.skipped.is_empty() {
        "Nothing has to be fixed. Look at what was skipped: it was not checked."
    } else if !ranking.noted.is_empty() {
        "Nothing has to be fixed. What is outside its limits is listed for information."
    } else {
        "Nothing: every promise is kept."
    }
}

/// Who answers for how many broken promises: `a@example.org answers for all 8.`
fn asks(ranking: &Ranking<'_>) -> String {
    let owners = owners(ranking.broken.iter().copied());
    let total = ranking.broken.len();
    let asks = owners.iter().take(6).map(|owner| {
        let of = |o: &&&Outcome| o.owner.as_deref() == Some(owner);
        let n = ranking.broken.iter().filter(of).count();
        let n = match (n, total) {
            (1, 1) => "it".to_owned(),
            (n, total) if n == total => format!("all {n}"),
            (n, _) => n.to_string(),
        };
        format!("{} answers for {n}", clip(&line(owner), 80))
    });
    let asks = asks.collect::<Vec<_>>().join(", ");
    let more = match owners.len() {
        7.. => " and others for the rest",
        _ => "",
    };
    if asks.is_empty() {
        asks
    } else {
        format!("{asks}{more}.")
    }
}

fn facts(run: &Run) -> Vec<Fact> {
    let shown = run.datasets.iter().take(FILES);
    let mut facts: Vec<Fact> = shown
        .map(|d| fact(&clip(&line(&d.name), 60), described(run, d)))
        .collect();
    if run.datasets.len() > FILES {
        let text = format!("{} more datasets", run.datasets.len() - FILES);
        facts.push(fact("and", text));
    }
    for model in run.models.iter().take(FILES) {
        facts.push(fact(&clip(&line(&model.name), 60), model::sides(model)));
    }
    facts.push(fact("Checked", moment(&run.provenance.now)));
    if let Some(commit) = &run.provenance.commit {
        facts.push(fact("Commit", clip(&line(commit), 40)));
    }
    facts.extend(owned(run));
    facts
}

/// Who answers for the promises, those of broken ones first; the cards name each one's own.
fn owned(run: &Run) -> Option<Fact> {
    let is_broken = |o: &&Outcome| matches!(o.status, Status::Fail | Status::Error);
    let broken = run.outcomes.iter().filter(is_broken);
    let owners = owners(broken.chain(&run.outcomes));
    let shown: Vec<String> = owners
        .iter()
        .take(OWNERS)
        .map(|o| clip(&line(o), 80))
        .collect();
    let more = match owners.len().saturating_sub(OWNERS) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let term = match owners.len() {
        0 => return None,
        1 => "Owner",
        _ => "Owners",
    };
    Some(fact(term, format!("{}{more}", shown.join(", "))))
}

fn fact(term: &str, text: String) -> Fact {
    Fact {
        term: term.to_owned(),
        text,
    }
}

/// `24,951 rows in 1 file, data/flights.parquet, compared with data/january.parquet`.
fn described(run: &Run, dataset: &DatasetRecord) -> String {
    if !run.is_read(&dataset.name) {
        return format!("not evaluated, {}", clip(&line(&dataset.path), 120));
    }
    let against = dataset.compared_with().map_or_else(String::new, |r| {
        format!(", compared with {}", clip(&line(&r), 120))
    });
    format!(
        "{} in {}, {}{against}",
        counted(dataset.rows, "row"),
        counted(dataset.files.len() as u64, "file"),
        clip(&line(&dataset.path), 120)
    )
}

fn counts(counts: &Counts, noted: usize) -> Vec<Count> {
    let all = [
        (counts.fail, "broken", "fail", "broken"),
        (counts.error, "not evaluated", "error", "unable"),
        (
            counts.inconclusive,
            "undecided",
            "inconclusive",
            "undecided",
        ),
        (
            counts.warn,
            if counts.warn == 1 {
                "warning"
            } else {
                "warnings"
            },
            "warn",
            "warnings",
        ),
        (counts.waived, "waived", "warn", "waived"),
        (counts.skipped, "skipped", "skipped", "skipped"),
        (noted, "for information", "warn", "noted"),
        (counts.pass.saturating_sub(noted), "kept", "pass", "kept"),
    ];
    let shown = all.into_iter().filter(|(n, ..)| *n > 0);
    shown
        .map(|(number, word, class, anchor)| Count {
            number,
            word,
            class,
            anchor,
        })
        .collect()
}

fn digests(run: &Run) -> Vec<Fact> {
    let from = &run.provenance;
    let mut facts = vec![
        fact("tollgate", line(&from.tollgate)),
        fact("Clock", line(&from.now)),
        fact("Seed", from.seed.to_string()),
        fact(
            "Configuration",
            format!(
                "{}, SHA-256 {}",
                line(&from.config),
                line(&from.config_sha256)
            ),
        ),
        fact(
            "Checks",
            format!("SHA-256 {}", line(&from.catalogue_sha256)),
        ),
    ];
    let of_models = run.models.iter().flat_map(|m| {
        let sides = [Some(&m.candidate), m.baseline.as_ref(), m.anchor.as_ref()];
        sides.into_iter().flatten().flat_map(|side| &side.files)
    });
    let of_datasets = run.datasets.iter().flat_map(|d| &d.files);
    let files: Vec<_> = of_datasets.chain(of_models).collect();
    for file in files.iter().take(FILES) {
        let path = clip(&line(&file.path), 200);
        facts.push(fact(
            "File",
            format!("{path}, {}, {}", size(file.bytes), identity(file)),
        ));
    }
    if files.len() > FILES {
        let left = grouped((files.len() - FILES) as u64);
        facts.push(fact("File", format!("and {left} more, in run.json")));
    }
    facts
}

/// What tells one file from another: the digest of its bytes or of its footer, or the version that its server names.
fn identity(file: &FileDigest) -> String {
    let said = [
        ("SHA-256", &file.sha256),
        ("footer only, SHA-256", &file.footer_sha256),
        ("ETag", &file.etag),
        ("Last-Modified", &file.last_modified),
    ];
    let known = said
        .into_iter()
        .find_map(|(name, value)| Some((name, value.as_ref()?)));
    known.map_or_else(
        || "version unknown".to_owned(),
        |(name, value)| format!("{name} {}", clip(&line(value), 200)),
    )
}

/// The command that gives the same bytes again; the path is quoted for a shell where it has to be.
fn command(run: &Run) -> String {
    let from = &run.provenance;
    let config = shell(&from.config);
    format!(
        "tollgate run {config} --now {} --seed {}",
        line(&from.now),
        from.seed
    )
}
