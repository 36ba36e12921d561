//! `tollgate status`: a static site from the records of runs.

use super::{Global, context, print, target, tell};
use crate::config::Config;
use crate::context::{Context, check_interrupt};
use crate::diagnostic::plural;
use crate::error::{EXIT_PASS, Error, Result};
use crate::history::{History, models};
use crate::promote::{PROMOTION_SCHEMA_VERSION, Promotions, rollback};
use crate::report;
use crate::report::site::{Archive, Asked};
use crate::report::text::hex;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Warnings printed one by one; the page names the files.
const WARNINGS: usize = 20;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder with records of runs: every `run*.json` and `promotion*.json` in it and below is read.
    folder: Option<PathBuf>,
    /// A configuration: its `history`, and the moves of the aliases of its models, are shown as well.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Folder for the site: index.html, a page per dataset and model, feed.xml.
    #[arg(long, default_value = "site")]
    output: PathBuf,
    /// What the site is called.
    #[arg(long, default_value = "Data and models")]
    title: String,
    /// Where the site will be found, for absolute links in the feed: `https://example.org/status`.
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// Clock of the site, RFC 3339; the same clock and records give the same bytes.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
    /// Copy the records of the runs that are listed into the site, and link to them.
    ///
    /// They hold samples of rows that broke promises, without columns that are marked `pii`: guard the site like the data.
    #[arg(long)]
    copy_runs: bool,
}

/// What is read, beside the archive that it is read into.
#[derive(Default)]
struct Read {
    archive: Archive,
    /// Files of the records, by their numbers.
    files: Vec<PathBuf>,
    warnings: Vec<String>,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        if self.folder.is_none() && self.config.is_none() {
            return Err(Error::Usage(
                "name a folder with records of runs, or --config tollgate.yaml with a `history`"
                    .to_owned(),
            ));
        }
        let address = self.address.as_deref().map(checked).transpose()?;
        let context = context(self.now, 0, global);
        let config = self
            .config
            .as_deref()
            .map(crate::config::load)
            .transpose()?;
        if let Some(config) = &config {
            target::is_apart(config, "--output", &self.output)?;
        }
        let mut read = Read::default();
        if let Some(folder) = &self.folder {
            read.folder(folder)?;
        }
        if let Some(config) = &config {
            read.history(config)?;
            read.moves(config, &context)?;
        }
        for warning in read.warnings.iter().take(WARNINGS) {
            tell(&format!("warning: {warning}"));
        }
        if let Some(more) = read.warnings.len().checked_sub(WARNINGS).filter(|n| *n > 0) {
            tell(&format!("warning: and {more} more could not be read"));
        }
        if read.archive.is_empty() {
            return Err(self.nothing());
        }
        if self.copy_runs {
            read.copy(&self.output)?;
        }
        let records = read.archive.records() as u64;
        let asked = Asked {
            title: self.title,
            now: context.now,
            address,
        };
        let pages = read.archive.site(&asked);
        for page in &pages {
            check_interrupt()?;
            report::write(&self.output.join(&page.name), &page.text)?;
        }
        if !global.quiet {
            let index = self.output.join("index.html").display().to_string();
            let from = plural(records, "record");
            print(&format!(
                "{index}: {}, from {from} of runs\n",
                plural(pages.len() as u64, "file")
            ))?;
        }
        Ok(EXIT_PASS)
    }

    fn nothing(&self) -> Error {
        let named = self.folder.as_ref().or(self.config.as_ref());
        let named = named.map_or_else(String::new, |p| p.display().to_string());
        let reason = "no record of a run is there that can be read; `tollgate run` writes run.json, and nothing was written now";
        Error::data("show", named, reason)
    }
}

/// An address for links.
///
/// Errors: [`Error::Usage`] where it is none of the web.
fn checked(address: &str) -> Result<String> {
    let web = address.starts_with("https://") || address.starts_with("http://");
    let plain = |c: char| c.is_ascii_graphic() && !"<>\"'`{}|\\^".contains(c);
    if web && address.chars().all(plain) {
        return Ok(address.to_owned());
    }
    Err(Error::Usage(format!(
        "--address {address} is no address of a site; give one like https://example.org/status"
    )))
}

impl Read {
    /// Reads every record in a folder and below, in the order of their paths.
    fn folder(&mut self, folder: &Path) -> Result<()> {
        if !folder.is_dir() {
            let path = folder.display().to_string();
            return Err(Error::data("read", path, "it is no folder"));
        }
        for path in self.walk(folder) {
            check_interrupt()?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let added = if name.starts_with("run") {
                self.run(&path)
            } else {
                self.promotions(&path)
            };
            if let Err(reason) = added {
                self.not_read(&path.display().to_string(), &reason);
            }
        }
        Ok(())
    }

    /// Files that are records by their names, sorted. Links to folders are not followed: they may lead in circles.
    fn walk(&mut self, folder: &Path) -> Vec<PathBuf> {
        let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
        while let Some(folder) = folders.pop() {
            let entries =
                std::fs::read_dir(&folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
            let entries = match entries {
                Ok(entries) => entries,
                Err(error) => {
                    self.not_read(&folder.display().to_string(), &error.to_string());
                    continue;
                }
            };
            for entry in entries {
                let path = entry.path();
                if entry.file_type().is_ok_and(|t| t.is_dir()) {
                    folders.push(path);
                } else if is_record(&entry.file_name().to_string_lossy()) {
                    files.push(path);
                }
            }
        }
        files.sort();
        files
    }

    fn run(&mut self, path: &Path) -> std::result::Result<(), String> {
        let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
        let name = path.display().to_string();
        let run = report::run_of(&bytes, &name).map_err(|error| match error {
            Error::Data { reason, .. } => reason,
            other => other.to_string(),
        })?;
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        if self.archive.add_run(&run, digest)?.is_some() {
            self.files.push(path.to_owned());
        }
        Ok(())
    }

    fn promotions(&mut self, path: &Path) -> std::result::Result<(), String> {
        let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
        let record: Promotions = serde_json::from_slice(&bytes)
            .map_err(|e| format!("it is no record of promotions that tollgate wrote: {e}"))?;
        let major = |v: &str| v.split('.').next().map(str::to_owned);
        if major(&record.schema_version) != major(PROMOTION_SCHEMA_VERSION) {
            let version = record.schema_version;
            return Err(format!(
                "its `schema_version` is {version}, this program reads {PROMOTION_SCHEMA_VERSION}"
            ));
        }
        self.archive.add_promotions(&record)
    }

    /// Reads the history that a configuration names, of every dataset and model that it has.
    fn history(&mut self, config: &Config) -> Result<()> {
        let Some(written) = &config.history else {
            return Ok(());
        };
        let history = History::at(&config.base.join(&written.folder.path));
        for name in history.datasets()? {
            check_interrupt()?;
            match history.lines(&name) {
                Err(error) => self.refused(&error),
                Ok(lines) => {
                    self.archive.add_lines(&name, &lines);
                }
            }
        }
        for name in models::names(&history)? {
            let lines = models::read(&history, &name);
            let added = lines.map(|lines| self.archive.add_model_lines(&name, &lines));
            match added {
                Err(error) => self.refused(&error),
                Ok(Err(reason)) => self.not_read(&format!("history of {name}"), &reason),
                Ok(Ok(())) => {}
            }
        }
        Ok(())
    }

    /// Asks the registries which moves they know; one that cannot be asked is named on the page.
    fn moves(&mut self, config: &Config, context: &Context) -> Result<()> {
        for model in config.models.iter().filter(|m| m.promote.is_some()) {
            check_interrupt()?;
            match rollback::moves(config, &model.name, context) {
                Err(Error::Interrupted) => return Err(Error::Interrupted),
                Err(error) => self.refused(&error),
                Ok(moves) => {
                    for change in moves {
                        if let Err(reason) = self.archive.add_move(&model.name, &change) {
                            self.not_read(&format!("registry of {}", model.name), &reason);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn refused(&mut self, error: &Error) {
        match error {
            Error::Data { path, reason, .. } => self.not_read(path, reason),
            other => self.not_read("registry", &other.to_string()),
        }
    }

    fn not_read(&mut self, file: &str, reason: &str) {
        self.archive.not_read(file, reason);
        self.warnings.push(format!("cannot read {file}: {reason}"));
    }

    /// Copies the records that the pages list, under the digests of their bytes.
    fn copy(&mut self, output: &Path) -> Result<()> {
        for number in self.archive.wanted() {
            let from = &self.files[number];
            let bytes = std::fs::read(from).map_err(|e| Error::io("read", from, e))?;
            let digest = hex(&Sha256::digest(&bytes));
            let name = format!("records/record-{}.json", &digest[..16]);
            let text = String::from_utf8_lossy(&bytes);
            report::write(&output.join(&name), &text)?;
            self.archive.copied(number, &name);
        }
        Ok(())
    }
}

/// Whether a file is a record by its name; signed statements are not.
fn is_record(name: &str) -> bool {
    let stem = name.strip_suffix(".json");
    let stem = stem.filter(|s| !s.ends_with(".intoto"));
    stem.is_some_and(|s| s.starts_with("run") || s.starts_with("promotion"))
}
