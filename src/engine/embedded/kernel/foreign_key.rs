//! Keys that another dataset must have.

use super::keys::{DigestSet, Encoder, Keys, select, widen};
use super::{Considered, KernelCounts, query};
use crate::error::Result;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::datatypes::DataType;

/// The distinct keys of a dataset. Memory: 20 to 39 bytes per distinct key. Keys with a null are left out.
#[derive(Debug, Default)]
pub struct KeySet {
    columns: Vec<String>,
    encoder: Encoder,
    families: Option<Vec<String>>,
    keys: DigestSet,
}

impl KeySet {
    /// Collects the keys in `columns` of all batches; no batch gives the empty set, which allows nothing.
    ///
    /// Errors: `Query` for no key column, a missing column, a type without row form, a type that changes between
    /// batches; those of the iterator.
    pub fn build(
        batches: impl IntoIterator<Item = Result<RecordBatch>>,
        columns: &[String],
    ) -> Result<Self> {
        let mut set = Self::of(columns)?;
        for batch in batches {
            set.add(&batch?)?;
        }
        Ok(set)
    }

    /// The empty set of keys in `columns`.
    ///
    /// Errors: `Query` for no key column.
    pub fn of(columns: &[String]) -> Result<Self> {
        if columns.is_empty() {
            return Err(query("foreign key", "it has no columns"));
        }
        Ok(Self {
            columns: columns.to_vec(),
            ..Self::default()
        })
    }

    /// Collects the keys of one batch.
    ///
    /// Errors: as for [`Self::build`].
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let keys = encode(&mut self.encoder, &mut self.families, batch, &self.columns)?;
        let whole = keys
            .digests
            .iter()
            .zip(&keys.null)
            .filter(|(_, null)| !**null);
        self.keys.extend(whole.map(|(d, _)| *d));
        Ok(())
    }

    /// Number of distinct keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// What a row with a null in its key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullKey {
    /// It is not looked up and never fails.
    Ignored,
    /// It fails.
    Fails,
}

/// Which keys fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Those that are not among the given ones.
    Must,
    /// Those that are.
    MustNot,
}

/// Rows whose key is not among the allowed ones, or with [`Among::MustNot`] is. A null in any key column: the row never fails, unless
/// [`ForeignKey::nulls`] says otherwise.
///
/// Types must be of one family (see the module `keys`): integers of any width compare, text against integers does not.
#[derive(Debug)]
pub struct ForeignKey {
    pub(super) columns: Vec<String>,
    nulls: NullKey,
    among: Among,
    allowed: KeySet,
    encoder: Encoder,
    counts: KernelCounts,
}

impl ForeignKey {
    /// A test of the key in `columns`, in the order of the allowed set's columns.
    ///
    /// Errors: `Query` when the two keys have different numbers of columns.
    pub fn new(columns: Vec<String>, allowed: KeySet) -> Result<Self> {
        if columns.len() != allowed.columns.len() {
            return Err(query(
                "foreign key",
                format!(
                    "{} columns against {}",
                    columns.len(),
                    allowed.columns.len()
                ),
            ));
        }
        Ok(Self {
            columns,
            nulls: NullKey::Ignored,
            among: Among::Must,
            allowed,
            encoder: Encoder::default(),
            counts: KernelCounts::default(),
        })
    }

    /// The same test with another meaning of nulls.
    #[must_use]
    pub fn nulls(mut self, nulls: NullKey) -> Self {
        self.nulls = nulls;
        self
    }

    /// The same test of keys that are, or must not be, among the given ones.
    #[must_use]
    pub fn among(mut self, among: Among) -> Self {
        self.among = among;
        self
    }

    fn fails(&self, keys: &Keys, row: usize) -> bool {
        if keys.null[row] {
            self.nulls == NullKey::Fails
        } else {
            self.allowed.keys.contains(&keys.digests[row]) == (self.among == Among::MustNot)
        }
    }

    fn keys(&mut self, batch: &RecordBatch) -> Result<Keys> {
        let families = &mut self.allowed.families;
        encode(&mut self.encoder, families, batch, &self.columns)
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let keys = self.keys(batch)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            self.counts.rows += 1;
            self.counts.non_null += u64::from(!keys.null[row]);
            self.counts.failing += u64::from(self.fails(&keys, row));
        }
        Ok(())
    }

    pub(super) fn counts(&self) -> KernelCounts {
        self.counts.clone()
    }

    pub(super) fn second_pass(
        &mut self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<BooleanArray> {
        let keys = self.keys(batch)?;
        Ok((0..batch.num_rows())
            .map(|r| Some(kept.row(r) && self.fails(&keys, r)))
            .collect())
    }
}

fn encode(
    encoder: &mut Encoder,
    known: &mut Option<Vec<String>>,
    batch: &RecordBatch,
    columns: &[String],
) -> Result<Keys> {
    let selected = select(batch, columns)?;
    if selected
        .iter()
        .any(|(_, a)| *a.data_type() == DataType::Null)
    {
        let rows = batch.num_rows();
        return Ok(Keys {
            digests: vec![0; rows],
            null: vec![true; rows],
        });
    }
    let mut wide = Vec::new();
    let mut families = Vec::new();
    for (name, array) in selected {
        let (array, family) = widen(&name, &array)?;
        wide.push((name, array));
        families.push(family);
    }
    let known = known.get_or_insert_with(|| families.clone());
    for ((family, expected), name) in families.iter().zip(known.iter()).zip(columns) {
        if family != expected {
            return Err(query(
                format!("column `{name}`"),
                format!("{family} cannot be compared with {expected}"),
            ));
        }
    }
    encoder.encode(&wide, batch.num_rows())
}
