//! What a labelling leaves at both ends of the numbers: runs of one side.

use super::codes::Coded;

/// Rows from the greatest and from the least numbers inwards that are all of one side, and whether that is the drawn
/// one.
pub(in crate::drift) type Runs = [(u32, bool); 2];

/// What is known of the sides of a labelling's rows, besides their counts.
#[derive(Debug, Clone, Copy)]
pub(in crate::drift) enum Sides<'a> {
    /// For each row whether it is drawn.
    Rows(&'a [bool]),
    /// The runs at both ends: without rows. Values that recur are not told then.
    Counted(Runs),
}

impl Sides<'_> {
    pub(super) fn runs(self, coded: &Coded) -> Runs {
        match self {
            Self::Rows(is_drawn) => coded.ends.each_ref().map(|end| run(end, is_drawn)),
            Self::Counted(runs) => runs,
        }
    }
}

/// Rows from the end inwards that are all of one side, and whether that is the drawn one.
pub(super) fn run(end: &[Vec<u32>], is_drawn: &[bool]) -> (u32, bool) {
    let Some(side) = end.first().map(|group| is_drawn[group[0] as usize]) else {
        return (0, true);
    };
    let pure = end
        .iter()
        .take_while(|group| group.iter().all(|row| is_drawn[*row as usize] == side));
    let rows = pure.map(Vec::len).sum::<usize>();
    (u32::try_from(rows).unwrap_or(u32::MAX), side)
}
