//! How well the rows of CSV files are formed, by one more reading of their text.

use super::super::{DataFile, SourceOptions};
use super::chunks::{Chunk, Chunks};
use super::mend::Survey;
use super::{Table, place};
use crate::error::Result;

impl Table {
    /// Looks at every record of every file behind its header.
    ///
    /// Errors: [`crate::error::Error::Data`] when a file cannot be read.
    pub(in super::super) fn survey(
        &self,
        files: &[DataFile],
        options: &SourceOptions,
    ) -> Result<Survey> {
        let mut survey = Survey::default();
        for (file, layout) in files.iter().zip(&self.layouts) {
            let label = options.csv.encoding.as_deref();
            let mut line = place::line(file, options, layout.start)?;
            let mut chunks = Chunks::open(file, label, layout, self.pace.chunk)?;
            let mut chunk = Chunk::default();
            while chunks.next(&mut chunk)? {
                crate::context::check_interrupt()?;
                let how = (layout.dialect, layout.order.len());
                survey.add(chunk.bytes(), how, (&file.path, &mut line));
            }
        }
        Ok(survey)
    }
}
