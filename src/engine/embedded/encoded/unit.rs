//! One unit of work: the pages of a column in some row groups of a file, added to a profile.

use super::decode::Broken;
use super::leaf::{Leaf, Meaning};
use super::page;
use super::plan::{Plan, Unit};
use super::values::{Dictionary, Pages};
use super::window::Window;
use crate::context::check_interrupt;
use crate::engine::embedded::source::{DataFile, guarded};
use crate::error::{Error, Result};
use crate::measure::ColumnProfile;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// Buffers of one thread.
#[derive(Default)]
pub(super) struct Worker {
    pages: Pages,
    dictionary: Dictionary,
}

/// How a unit ended.
pub(super) enum End {
    /// All of it is in the profile.
    Added,
    /// Arrow's reader has to say what this is.
    Uncovered,
}

impl Worker {
    /// Adds a unit to its column; `read` hears of the rows of each chunk.
    ///
    /// Errors: `Error::Data` when the file changed or cannot be opened, `Error::Interrupted`.
    pub(super) fn add(
        &mut self,
        plan: &Plan,
        unit: &Unit,
        column: &mut ColumnProfile,
        read: &dyn Fn(u64),
    ) -> Result<End> {
        let (file, footer) = plan.files[unit.file];
        let window = Arc::new(Window::new(file.open()?));
        for group in &footer.metadata().row_groups()[unit.groups.clone()] {
            match self.chunk((file, &window), group, &unit.leaf, column) {
                Ok(()) => read(u64::try_from(group.num_rows()).unwrap_or(0)),
                // What the decoders cannot make sense of is an error if arrow's reader says so.
                Err(Error::Data {
                    operation: "decode",
                    ..
                }) => return Ok(End::Uncovered),
                Err(error) => return Err(error),
            }
        }
        Ok(End::Added)
    }

    fn chunk(
        &mut self,
        (file, window): (&DataFile, &Arc<Window>),
        group: &RowGroupMetaData,
        leaf: &Leaf,
        column: &mut ColumnProfile,
    ) -> Result<()> {
        let chunk = group.column(leaf.index);
        let stated = u64::try_from(group.num_rows()).unwrap_or(0);
        let mut pages = guarded(file, || {
            let (start, length) = chunk.byte_range();
            window.turn_to(start.saturating_add(length));
            let rows = usize::try_from(stated)?;
            SerializedPageReader::new(window.clone(), chunk, rows, None)
        })?;
        self.dictionary.clear();
        let (mut rows, mut nulls) = (0, 0);
        while let Some(page) = guarded(file, || pages.get_next_page())? {
            check_interrupt()?;
            let (more, none) = guarded(file, || self.page(&page, leaf, column))?;
            rows += more;
            nulls += none;
        }
        guarded(file, || self.dictionary.add_to(column, leaf.meaning))?;
        if rows != stated {
            return Err(file.broken("a column chunk does not hold the rows of its row group"));
        }
        column.add_rows(
            rows,
            if leaf.meaning == Meaning::Null {
                rows
            } else {
                nulls
            },
        );
        Ok(())
    }

    /// Adds a page; gives its rows, and the nulls among them.
    fn page(
        &mut self,
        page: &Page,
        leaf: &Leaf,
        column: &mut ColumnProfile,
    ) -> std::result::Result<(u64, u64), Broken> {
        let looked = !matches!(leaf.meaning, Meaning::Nothing | Meaning::Null);
        let Some(data) = page::data(page, leaf)? else {
            if looked {
                let count = usize::try_from(page.num_values()).unwrap_or(usize::MAX);
                self.dictionary.read(leaf, page.buffer(), count)?;
            }
            return Ok((0, 0));
        };
        match data.encoding {
            _ if !looked => {}
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                self.dictionary.count(&data.bytes, data.values)?;
            }
            encoding => {
                let values = (encoding, &data.bytes[..]);
                self.pages.add(leaf, values, data.values, column)?;
            }
        }
        Ok((data.rows, data.nulls))
    }
}
