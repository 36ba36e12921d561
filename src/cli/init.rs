//! `tollgate init`: a first contract per dataset, inferred from data, and the configuration that names them.

use super::{Global, print};
use crate::contract::infer::{
    self, CONFIG_SCHEMA, CONTRACT_SCHEMA, Draft, Seen, SeenBatch, SeenColumn, Widths, yaml,
};
use crate::diagnostic::plural;
use crate::engine::embedded::first_look;
use crate::engine::embedded::source::{Dataset, SourceOptions};
use crate::error::{EXIT_PASS, Error, Result};
use crate::measure::saved;
use crate::schema::{self, Kind};
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files, globs in quotes, or folders; one dataset each.
    ///
    /// Several whose names differ in a date alone and that have the same columns are batches of one dataset, oldest first; saved
    /// profiles are batches without their rows. The configuration names the last batch.
    #[arg(required = true)]
    data: Vec<String>,
    /// Folder for tollgate.yaml and contracts/.
    #[arg(long, default_value = ".")]
    output: PathBuf,
    /// Replace files that exist.
    #[arg(long)]
    force: bool,
    /// Data that drift is measured against; goes to the dataset with the same columns.
    #[arg(long)]
    reference: Option<String>,
}

/// One dataset on its way into the configuration.
struct Entry {
    name: String,
    path: String,
    reference: Option<String>,
    columns: Vec<String>,
    rows: u64,
    batches: usize,
    draft: Draft,
}

/// What was found at one path.
struct Looked {
    path: String,
    rows: u64,
    columns: Vec<SeenColumn>,
    widths: Widths,
    /// Absent of a saved profile.
    dataset: Option<Dataset>,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        no_stdin(&self.data)?;
        let looked = self.data.iter().map(|path| look(path));
        let groups = grouped(looked.collect::<Result<_>>()?);
        let names = names(&groups.iter().map(|g| paths_of(g)).collect::<Vec<_>>());
        let folder = self.output.strip_prefix(".").unwrap_or(&self.output);
        let config = folder.join("tollgate.yaml");
        let contracts = names
            .iter()
            .map(|n| folder.join("contracts").join(format!("{n}.yaml")));
        let targets: Vec<PathBuf> = std::iter::once(config).chain(contracts).collect();
        if !self.force {
            refuse_existing(&targets)?;
        }
        let mut seen = Vec::new();
        for (name, group) in names.into_iter().zip(groups) {
            let (mut one, datasets) = together(name, group)?;
            first_look::keys(&mut one, &datasets)?;
            seen.push((one, datasets));
        }
        first_look::relate(&mut seen)?;
        let entries = seen.into_iter().map(|(seen, _)| self.entry(&seen));
        let mut entries: Vec<Entry> = entries.collect::<Result<_>>()?;
        if let Some(reference) = &self.reference {
            self.place_reference(reference, &mut entries)?;
        }
        let texts = std::iter::once(configuration(&entries))
            .chain(entries.iter().map(|e| e.draft.text.clone()));
        let catalogue = crate::catalogue::load::load(&[])?;
        for (path, kind) in [
            (CONFIG_SCHEMA, Kind::Config),
            (CONTRACT_SCHEMA, Kind::Contract),
        ] {
            crate::report::write(&folder.join(path), &schema::text(kind, &catalogue))?;
        }
        // The configuration comes last: it never names a contract that is not there.
        let files: Vec<(&PathBuf, String)> = targets.iter().zip(texts).collect();
        for (path, text) in files.iter().rev() {
            crate::report::write(path, text)?;
        }
        print(&summary(&targets, &entries, global)).map(|()| EXIT_PASS)
    }

    fn entry(&self, seen: &Seen) -> Result<Entry> {
        let columns = seen.columns.iter().map(|c| c.field.name.clone());
        Ok(Entry {
            draft: checked(infer::contract(seen))?,
            columns: columns.collect(),
            path: from_folder(&self.output, &seen.path)?,
            reference: None,
            rows: seen.rows,
            batches: seen.batches.len(),
            name: seen.name.clone(),
        })
    }

    fn place_reference(&self, reference: &str, entries: &mut [Entry]) -> Result<()> {
        let data = Dataset::open(reference, Path::new(""), &SourceOptions::default())?;
        let columns: Vec<String> = data.columns().iter().map(|f| f.name.clone()).collect();
        let entry = entries.iter_mut().find(|e| e.columns == columns);
        let entry = entry.ok_or_else(|| {
            Error::Usage(format!(
                "the reference {reference} has the columns of no dataset given ({}); give data with the same columns",
                columns.join(", ")
            ))
        })?;
        entry.reference = Some(from_folder(&self.output, reference)?);
        Ok(())
    }
}

/// Looks at data, or reads a saved profile.
fn look(path: &str) -> Result<Looked> {
    if saved::is_saved(Path::new(path)) {
        let (rows, columns) = first_look::remembered(saved::read(Path::new(path))?);
        return Ok(Looked {
            path: path.to_owned(),
            rows,
            columns,
            widths: Widths::Declared,
            dataset: None,
        });
    }
    let dataset = Dataset::open(path, Path::new(""), &SourceOptions::default())?;
    let (rows, columns) = first_look::look(&dataset)?;
    Ok(Looked {
        path: path.to_owned(),
        rows,
        columns,
        widths: widths(&dataset),
        dataset: Some(dataset),
    })
}

/// Batches of one dataset together: names that differ in a date alone, or saved profiles, with the same columns.
fn grouped(all: Vec<Looked>) -> Vec<Vec<Looked>> {
    let mut groups: Vec<Vec<Looked>> = Vec::new();
    for one in all {
        let dated = |l: &Looked| l.dataset.is_none() || identifier(&stem(&l.path)) != short(l);
        let shape = |l: &Looked| -> Vec<(String, String)> {
            let columns = l.columns.iter();
            columns
                .map(|c| (c.field.name.clone(), c.field.dtype.to_string()))
                .collect()
        };
        let same = |g: &&mut Vec<Looked>| {
            let first = &g[0];
            let both = dated(first) && dated(&one);
            both && short(first) == short(&one) && shape(first) == shape(&one)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

fn short(looked: &Looked) -> String {
    without_date(&stem(&looked.path))
}

fn paths_of(group: &[Looked]) -> Vec<String> {
    group.iter().map(|l| l.path.clone()).collect()
}

/// One dataset of its batches, with the data that can be read again.
///
/// Errors: [`Error::Usage`] where saved profiles are all there is, [`Error::Data`] where batches do not fit together.
fn together(name: String, group: Vec<Looked>) -> Result<(Seen, Vec<Dataset>)> {
    let with_rows = group.iter().rev().find(|l| l.dataset.is_some());
    let Some(last) = with_rows.map(|l| l.path.clone()) else {
        return Err(Error::Usage(format!(
            "{} is a saved profile; name the data that the contract is for too",
            group[0].path
        )));
    };
    let batch = |l: &Looked| SeenBatch {
        name: l.path.clone(),
        rows: l.rows,
    };
    let batches: Vec<SeenBatch> = group.iter().map(batch).collect();
    let rows = group.iter().map(|l| l.rows).sum();
    let guessed = group.iter().any(|l| l.widths == Widths::Guessed);
    let (mut columns, mut datasets) = (Vec::new(), Vec::new());
    for looked in group {
        columns.push(looked.columns);
        datasets.extend(looked.dataset);
    }
    let columns =
        infer::together(columns).map_err(|reason| Error::data("bring together", &last, reason))?;
    let seen = Seen {
        name,
        path: last,
        rows,
        batches,
        columns,
        widths: if guessed {
            Widths::Guessed
        } else {
            Widths::Declared
        },
        keys: Vec::new(),
    };
    Ok((seen, datasets))
}

/// Text formats do not say how wide a number is.
fn widths(dataset: &Dataset) -> Widths {
    let text = |path: &str| {
        let plain = path.trim_end_matches(".gz").trim_end_matches(".zst");
        [".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json"]
            .iter()
            .any(|e| plain.ends_with(e))
    };
    if dataset.files().iter().any(|f| text(&f.path)) {
        Widths::Guessed
    } else {
        Widths::Declared
    }
}

/// A contract that does not read back is a mistake of this program, and is never written.
fn checked(draft: Draft) -> Result<Draft> {
    let file = crate::diagnostic::SourceFile {
        path: "the inferred contract".to_owned(),
        text: draft.text.clone(),
    };
    let mut problems = crate::config::fields::Problems::default();
    crate::contract::read(&std::sync::Arc::new(file), &mut problems);
    if problems.0.is_empty() {
        Ok(draft)
    } else {
        Err(Error::Config(problems.0))
    }
}

fn refuse_existing(targets: &[PathBuf]) -> Result<()> {
    let found: Vec<String> = targets
        .iter()
        .filter(|p| p.exists())
        .map(|p| p.display().to_string())
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    let exist = if found.len() == 1 { "exists" } else { "exist" };
    Err(Error::Usage(format!(
        "{} {exist} already; nothing was written; give --force to replace, or --output for another folder",
        found.join(", ")
    )))
}

fn no_stdin(data: &[String]) -> Result<()> {
    if data.iter().any(|d| d == "-") {
        return Err(Error::Usage(
            "`-` (stdin) can be read only once; save it to a file and name that".to_owned(),
        ));
    }
    Ok(())
}

/// Names of datasets: the file's name without its ending, and without its date where that leaves one name each.
fn names(groups: &[Vec<String>]) -> Vec<String> {
    let first = |group: &Vec<String>| group.first().map_or_else(String::new, |p| stem(p));
    let short: Vec<String> = groups.iter().map(|g| without_date(&first(g))).collect();
    let long: Vec<String> = groups.iter().map(|g| identifier(&first(g))).collect();
    let mut names: Vec<String> = Vec::new();
    for (short_name, long_name) in short.iter().zip(&long) {
        let alone = short.iter().filter(|s| *s == short_name).count() == 1;
        let base = if alone { short_name } else { long_name };
        let mut name = base.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// The last part of a path that is no pattern, without endings such as `.csv.gz`.
fn stem(path: &str) -> String {
    let parts = path.split(['/', '\\']).rev();
    let named = |part: &&str| {
        let fixed = part.split(['*', '?', '[']).next().unwrap_or_default();
        !identifier(fixed).is_empty() && !fixed.starts_with('.')
    };
    let part = parts.into_iter().find(named).unwrap_or("data");
    let fixed = part.split(['*', '?', '[']).next().unwrap_or(part);
    let mut stem = fixed;
    for ending in [".gz", ".zst"] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    match stem.rsplit_once('.') {
        Some((before, _)) if !before.is_empty() => before.to_owned(),
        _ => stem.to_owned(),
    }
}

fn identifier(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name.trim_matches('_').to_owned()
}

/// `flights-2013-01` is `flights`; a name that is a date only stays.
fn without_date(stem: &str) -> String {
    let whole = identifier(stem);
    let mut parts: Vec<&str> = whole.split('_').collect();
    while parts.len() > 1
        && parts
            .last()
            .is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()))
    {
        parts.pop();
    }
    parts.join("_")
}

/// A path as `tollgate.yaml` in `folder` names it: relative paths are turned, absolute ones stay.
fn from_folder(folder: &Path, path: &str) -> Result<String> {
    let fail = |e| Error::io("find", path, e);
    if Path::new(path).is_absolute() {
        return Ok(path.to_owned());
    }
    let base = plain(&std::path::absolute(folder).map_err(fail)?);
    let full = plain(&std::path::absolute(path).map_err(fail)?);
    let shared = base.iter().zip(&full).take_while(|(a, b)| a == b).count();
    let mut parts = vec!["..".to_owned(); base.len() - shared];
    parts.extend(full[shared..].iter().cloned());
    Ok(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

/// The parts of an absolute path without `.` and `..`.
fn plain(path: &Path) -> Vec<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(parts.pop()),
            Component::CurDir => {}
            part => parts.push(part.as_os_str().to_string_lossy().into_owned()),
        }
    }
    parts
}

fn configuration(entries: &[Entry]) -> String {
    let mut text = format!(
        "# yaml-language-server: $schema={CONFIG_SCHEMA}\n\
         # Written by `tollgate init`; paths are relative to this file.\n\
         version: 1\ndatasets:\n"
    );
    for entry in entries {
        let reference = match &entry.reference {
            Some(path) => format!(
                "    reference: {} # drift is measured against it\n",
                yaml::scalar(path)
            ),
            None => "    # reference: an earlier batch that drift is measured against\n".to_owned(),
        };
        write!(
            text,
            "  {}:\n    path: {}\n    contract: {}\n{reference}",
            yaml::scalar(&entry.name),
            yaml::scalar(&entry.path),
            yaml::scalar(&format!("contracts/{}.yaml", entry.name)),
        )
        .expect("writing to a String cannot fail");
    }
    text
}

fn summary(targets: &[PathBuf], entries: &[Entry], global: Global) -> String {
    let mut text = format!(
        "wrote {}: {}\n",
        targets[0].display(),
        plural(entries.len() as u64, "dataset")
    );
    for (path, entry) in targets[1..].iter().zip(entries) {
        let promises = plural(entry.draft.promises as u64, "promise");
        writeln!(
            text,
            "wrote {}: {promises} about {}, from {}{}",
            path.display(),
            plural(entry.columns.len() as u64, "column"),
            plural(entry.rows, "row"),
            match entry.batches {
                0 | 1 => String::new(),
                n => format!(" of {n} batches"),
            },
        )
        .expect("writing to a String cannot fail");
        if !entry.draft.personal.is_empty() {
            writeln!(
                text,
                "  marked as personal, never shown: {}",
                entry.draft.personal.join(", ")
            )
            .expect("writing to a String cannot fail");
        }
        if entry.rows == 0 {
            text.push_str(
                "  no rows: nothing could be inferred about values, and a run will fail\n",
            );
        }
    }
    let next = format!("next: tollgate run {}\n", targets[0].display());
    if global.quiet {
        return crate::report::text::safe_block(&next);
    }
    text.push_str("read the lines marked `guess`, change what is too strict, then\n");
    crate::report::text::safe_block(&(text + &next))
}

#[cfg(test)]
mod tests {
    use super::{from_folder, names};
    use std::path::Path;

    fn named(data: &[&str]) -> Vec<String> {
        let data: Vec<Vec<String>> = data.iter().map(|d| vec![(*d).to_owned()]).collect();
        names(&data)
    }

    #[test]
    fn datasets_are_named_after_their_files() {
        assert_eq!(
            named(&["data/flights-2013-01.parquet", "airlines.csv.gz"]),
            ["flights", "airlines"]
        );
        assert_eq!(
            named(&["f-2013-01.csv", "f-2013-02.csv"]),
            ["f_2013_01", "f_2013_02"]
        );
        assert_eq!(named(&["a/x.csv", "b/x.csv"]), ["x", "x_2"]);
        assert_eq!(
            named(&["data/flights-*.parquet", "events/year=*/*.parquet", "./"]),
            ["flights", "year", "data"]
        );
        assert_eq!(named(&["2013.csv", "Ünï cödé.csv"]), ["2013", "n_c_d"]);
    }

    #[test]
    fn paths_are_seen_from_the_folder() {
        let from = |folder: &str, path: &str| from_folder(Path::new(folder), path).unwrap();
        assert_eq!(from(".", "data/a.csv"), "data/a.csv");
        assert_eq!(from("gate", "data/a.csv"), "../data/a.csv");
        assert_eq!(from("gate/x", "gate/d/*.csv"), "../d/*.csv");
        assert_eq!(from("../other", "./a.csv").matches("..").count(), 1);
        assert_eq!(from("gate", "/data/a.csv"), "/data/a.csv");
    }
}
