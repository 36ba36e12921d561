//! Slices with enough rows, and their centred differences by unit.

use super::{MOST, Search};
use crate::statistics::paired::drawn::{Units, folded};
use crate::statistics::paired::mean::{self, Losses};
use crate::statistics::paired::shared::{GROUPS, Parted};
use std::collections::{BTreeMap, HashMap, HashSet};

/// One slice.
pub(super) struct Slice {
    pub(super) parts: Vec<(usize, u32)>,
    pub(super) rows: u64,
    pub(super) differing: u64,
    pub(super) mean: f64,
    pub(super) error: f64,
    /// What the mean is measured in: its standard error, or that of as many rows of the whole, whichever is larger.
    pub(super) scale: f64,
    /// Skewness of the mean, of the slice's own rows or of as many of the whole, whichever is larger.
    pub(super) skew: f64,
    /// Sum of the squares of its units' differences, and how many units have rows of it.
    squares: f64,
    units: f64,
    /// Least variance of the sum.
    least: f64,
}

impl Slice {
    /// The statistic where signs have been drawn and the differences add up to `sum`.
    pub(super) fn flipped(&self, sum: f64) -> f64 {
        let left = (self.squares - sum * sum / self.units) * self.units / (self.units - 1.0);
        sum / left.max(self.least).sqrt()
    }
}

/// Those that are searched.
pub(super) struct Slices {
    pub(super) kept: Vec<Slice>,
    pub(super) too_small: u64,
    pub(super) left_out: u64,
    /// By unit and slice: the sum of differences.
    pub(super) sums: Vec<f64>,
}

/// Rows of a slice, counted.
#[derive(Clone, Default)]
struct Counted {
    rows: u64,
    differing: u64,
    sum: f64,
}

/// Place of a slice that is not kept.
const NONE: u32 = u32::MAX;

/// One or two columns, with the place of each of their slices among those kept.
struct Grid<'a> {
    columns: Vec<(usize, Parted<'a>)>,
    /// By cell.
    places: HashMap<usize, u32>,
    /// The same by cell where there are few.
    few: Vec<u32>,
}

/// Cells up to which they are listed whether they have rows or not.
const FEW: usize = 1 << 16;

impl Grid<'_> {
    fn cells(&self) -> usize {
        let counts = self.columns.iter().map(|(_, c)| c.count as usize);
        counts.fold(1, usize::saturating_mul)
    }

    fn cell(&self, row: usize) -> Option<usize> {
        let mut cell = 0;
        for (_, column) in &self.columns {
            let part = column.of[row];
            if part >= column.count {
                return None;
            }
            cell = cell * column.count as usize + part as usize;
        }
        Some(cell)
    }

    fn place(&self, row: usize) -> Option<usize> {
        let cell = self.cell(row)?;
        let place = match self.few.get(cell) {
            Some(place) => *place,
            None => self.places.get(&cell).copied().unwrap_or(NONE),
        };
        (place != NONE).then_some(place as usize)
    }

    fn keep(&mut self, cell: usize, place: u32) {
        match self.few.get_mut(cell) {
            Some(few) => *few = place,
            None => {
                self.places.insert(cell, place);
            }
        }
    }

    fn parts(&self, cell: usize) -> Vec<(usize, u32)> {
        let mut left = cell;
        let mut parts: Vec<(usize, u32)> = self
            .columns
            .iter()
            .rev()
            .map(|(at, column)| {
                let count = column.count.max(1) as usize;
                let part = u32::try_from(left % count).unwrap_or(NONE);
                left /= count;
                (*at, part)
            })
            .collect();
        parts.reverse();
        parts
    }
}

impl Slices {
    pub(super) fn of(search: &Search) -> Self {
        let mut grids = grids(search.columns);
        let mut kept: Vec<(Slice, usize, usize)> = Vec::new();
        let (mut too_small, mut singles) = (0, HashSet::new());
        for (place, grid) in grids.iter().enumerate() {
            for (cell, counted) in count(search, grid) {
                if counted.rows == 0 {
                    continue;
                }
                let parts = grid.parts(cell);
                if parts.len() == 1 {
                    singles.insert((parts[0], counted.rows));
                } else if parts
                    .iter()
                    .any(|part| singles.contains(&(*part, counted.rows)))
                {
                    continue;
                }
                let small = counted.rows < search.least_rows.max(2)
                    || counted.differing < search.least_differing;
                if small {
                    too_small += 1;
                } else {
                    kept.push((Slice::begun(parts, &counted), place, cell));
                }
            }
        }
        let left_out = kept.len().saturating_sub(MOST) as u64;
        if left_out > 0 {
            kept.sort_by_key(|(slice, ..)| std::cmp::Reverse(slice.rows));
            kept.truncate(MOST);
        }
        for (at, (_, grid, cell)) in kept.iter().enumerate() {
            grids[*grid].keep(*cell, u32::try_from(at).unwrap_or(NONE));
        }
        let kept = kept.into_iter().map(|(slice, ..)| slice).collect();
        let mut slices = Self {
            kept,
            too_small,
            left_out,
            sums: Vec::new(),
        };
        slices.spread(search, &grids);
        slices.drop_flat();
        slices
    }

    /// Sums by unit, and what they say about each mean.
    fn spread(&mut self, search: &Search, grids: &[Grid]) {
        let count = self.kept.len();
        let units = units(search);
        let groups = units.count().min(GROUPS);
        self.sums = vec![0.0; groups * count];
        // By unit and slice: rows. By slice: squares and cubes of what is off its mean.
        let mut rows = vec![0u32; groups * count];
        let mut own: Vec<(f64, f64)> = vec![(0.0, 0.0); count];
        for (row, difference) in search.differences.iter().enumerate() {
            let unit = search.clusters.map_or(row, |of| of[row] as usize);
            let group = folded(unit, units.count(), groups);
            for grid in grids {
                let Some(place) = grid.place(row) else {
                    continue;
                };
                let off = difference - self.kept[place].mean;
                self.sums[group * count + place] += difference;
                rows[group * count + place] += 1;
                own[place].0 += off * off;
                own[place].1 += off * off * off;
            }
        }
        let whole = Whole::of(search);
        for (place, slice) in self.kept.iter_mut().enumerate() {
            let column = || (0..groups).map(|group| group * count + place);
            let mean = slice.mean;
            let off = || column().map(|at| self.sums[at] - mean * f64::from(rows[at]));
            let units = column().filter(|at| rows[*at] > 0).count() as f64;
            let (squares, cubes, freedom) = match search.clusters {
                None => (own[place].0, own[place].1, slice.rows as f64),
                Some(_) => (
                    off().map(|r| r * r).sum(),
                    off().map(|r| r * r * r).sum(),
                    units,
                ),
            };
            slice.squares = column().map(|at| self.sums[at] * self.sums[at]).sum();
            slice.units = units;
            slice.measured(
                squares * freedom / (freedom - 1.0),
                cubes / squares.powf(1.5),
                &whole,
            );
        }
    }

    /// Slices of one unit, or without any spread, cannot be judged.
    fn drop_flat(&mut self) {
        let count = self.kept.len();
        let good = |s: &Slice| s.error.is_finite() && s.error > 0.0 && s.units >= 2.0;
        let keep: Vec<bool> = self.kept.iter().map(good).collect();
        if keep.iter().all(|k| *k) {
            return;
        }
        let mut at = 0..;
        let mut kept = || keep[at.next().unwrap_or(0) % count];
        self.sums.retain(|_| kept());
        let mut at = keep.iter();
        self.kept.retain(|_| at.next().copied().unwrap_or(false));
        self.too_small += (count - self.kept.len()) as u64;
    }
}

impl Slice {
    fn begun(parts: Vec<(usize, u32)>, counted: &Counted) -> Self {
        Self {
            parts,
            rows: counted.rows,
            differing: counted.differing,
            mean: counted.sum / counted.rows as f64,
            error: 0.0,
            scale: 0.0,
            skew: 0.0,
            squares: 0.0,
            units: 0.0,
            least: 0.0,
        }
    }

    /// Takes the variance of its sum and the skewness of its mean.
    fn measured(&mut self, variance: f64, skew: f64, whole: &Whole) {
        let rows = self.rows as f64;
        self.error = variance.sqrt() / rows;
        self.least = whole.variance * rows;
        self.scale = variance.max(self.least).sqrt() / rows;
        self.skew = skew.max(whole.skew / rows.sqrt());
    }
}

/// What a row of the whole adds.
struct Whole {
    /// Variance per row.
    variance: f64,
    /// Skewness of one row.
    skew: f64,
}

impl Whole {
    fn of(search: &Search) -> Self {
        let losses = Losses {
            differences: search.differences,
            weights: None,
            clusters: search.clusters,
            largest: Some(0.0),
        };
        let rows = search.differences.len() as f64;
        let influence = mean::parts(&losses).map_or_else(|_| Vec::new(), |parts| parts.influence);
        let power = |n| influence.iter().map(|u| f64::powi(*u, n)).sum::<f64>();
        let (squares, cubes) = (power(2), power(3));
        let skew = if squares > 0.0 {
            cubes / squares.powf(1.5)
        } else {
            0.0
        };
        Self {
            variance: squares * rows,
            skew: skew * rows.sqrt(),
        }
    }
}

/// All columns, then all pairs of columns.
fn grids<'a>(columns: &[Parted<'a>]) -> Vec<Grid<'a>> {
    let at: Vec<(usize, Parted)> = columns.iter().copied().enumerate().collect();
    let pairs = at.iter().flat_map(|a| {
        let later = at.iter().filter(|b| b.0 > a.0);
        later.map(|b| vec![*a, *b])
    });
    let mut grids: Vec<Grid> = at
        .iter()
        .map(|a| vec![*a])
        .chain(pairs)
        .map(|columns| Grid {
            columns,
            places: HashMap::new(),
            few: Vec::new(),
        })
        .collect();
    for grid in &mut grids {
        if grid.cells() <= FEW {
            grid.few = vec![NONE; grid.cells()];
        }
    }
    grids
}

/// Cells with rows, in their order.
fn count(search: &Search, grid: &Grid) -> Vec<(usize, Counted)> {
    let mut few = vec![Counted::default(); grid.few.len()];
    let mut many: BTreeMap<usize, Counted> = BTreeMap::new();
    for (row, difference) in search.differences.iter().enumerate() {
        if let Some(cell) = grid.cell(row) {
            let counted = match few.get_mut(cell) {
                Some(counted) => counted,
                None => many.entry(cell).or_default(),
            };
            counted.rows += 1;
            counted.differing += u64::from(*difference != 0.0);
            counted.sum += difference;
        }
    }
    few.into_iter().enumerate().chain(many).collect()
}

fn units<'a>(search: &Search<'a>) -> Units<'a> {
    match search.clusters {
        None => Units::Rows(search.differences.len()),
        Some(of) => Units::Clusters {
            of,
            count: of.iter().max().map_or(0, |code| code.saturating_add(1)),
        },
    }
}
