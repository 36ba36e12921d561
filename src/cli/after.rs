//! Reports of a run once something became of its promotion: written again, where people read them.

use super::run::Judged;
use super::sign::{self, Around, Rendered};
use crate::error::Result;
use crate::promote::{Promotions, sha256};
use crate::report;
use std::path::Path;

/// What became of the promotion of the run whose record has these bytes, where `promotion.json` beside it is about this run.
///
/// A record that cannot be read is as one that is not there: reports are of the run first.
pub(super) fn beside(run: &Path, bytes: &[u8]) -> Option<Promotions> {
    let path = run.with_file_name("promotion.json");
    let text = std::fs::read(path).ok()?;
    let found: Promotions = serde_json::from_slice(&text).ok()?;
    (found.run_sha256 == Some(sha256(bytes))).then_some(found)
}

impl Judged {
    /// Writes the reports that people read once more, with what became of the promotion, and signs anew where the run is
    /// signed: what was written, never what lies on the disk by now. The record of the run, which is the evidence, stays
    /// as it is.
    ///
    /// Errors: [`crate::error::Error::Io`].
    pub(super) fn written_after(&mut self, promotions: &Promotions, around: &Around) -> Result<()> {
        let mut texts = Vec::new();
        for (format, path) in &self.written {
            if format.tells_promotions() {
                let text = report::render_after(&self.run, Some(promotions), *format);
                report::write(path, &text)?;
                let path = path.clone();
                texts.push(Rendered { path, text });
            } else if let Some(at) = self.texts.iter().position(|t| t.path == *path) {
                texts.push(self.texts.swap_remove(at));
            }
        }
        if let Some(key) = &self.key {
            self.signed = Some(sign::sign_run(&self.run, &texts, around, key)?);
        }
        Ok(())
    }
}
