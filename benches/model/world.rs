//! Rows of two models whose true difference is known.

use std::f64::consts::TAU;

/// Numbers from a seed: `SplitMix64` of Steele, Lea and Flood (2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Self(seed);
        random.0 = random.bits();
        random
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (TAU * v).cos()
    }
}

/// How rows belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Alone,
    /// Ten rows share half of each model's error.
    Clustered,
    /// Each model's error is 0.7 of that of the row before, and new.
    Ordered,
}

/// What the candidate does worse.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Harm {
    None,
    /// A little, on every row: errors wider by a factor, and lower by a shift.
    Spread {
        wider: f64,
        lower: f64,
    },
    /// As wrong as can be, on 1.5 % of the rows.
    Rare,
}

/// Rows, with what is to be predicted and what both models say.
#[derive(Default)]
pub(crate) struct Rows {
    /// The class.
    pub(crate) positive: Vec<bool>,
    /// The number.
    pub(crate) value: Vec<f64>,
    pub(crate) candidate: Vec<f64>,
    pub(crate) baseline: Vec<f64>,
    pub(crate) cluster: Vec<u32>,
}

const ERROR: f64 = 0.15;
const RARE: f64 = 0.015;
/// From where on a model calls a row positive: about 29 % are.
pub(crate) const LINE: f64 = 0.8;

/// A model's score of a row, 0 to 1; 0.5 at the line.
pub(crate) fn score(said: f64) -> f64 {
    1.0 / (1.0 + (-1.5 * (said - LINE)).exp())
}

/// Normal numbers that belong together as the shape says, each with variance 1.
struct Together {
    shape: Shape,
    last: f64,
}

impl Together {
    fn next(&mut self, row: usize, random: &mut Random) -> f64 {
        let own = random.normal();
        match self.shape {
            Shape::Alone => own,
            Shape::Clustered => {
                if row.is_multiple_of(10) {
                    self.last = random.normal();
                }
                0.5f64.sqrt() * (own + self.last)
            }
            Shape::Ordered => {
                let kept = if row == 0 { 0.0 } else { 0.7 };
                self.last = kept * self.last + (1.0 - kept * kept).sqrt() * own;
                self.last
            }
        }
    }
}

/// Draws rows. Without harm candidate and baseline could change places.
pub(crate) fn draw(random: &mut Random, rows: usize, shape: Shape, harm: Harm) -> Rows {
    let mut drawn = Rows::default();
    let together = || Together { shape, last: 0.0 };
    let (mut signal, mut one, mut two) = (together(), together(), together());
    for row in 0..rows {
        let z = signal.next(row, random);
        let (a, b) = (one.next(row, random), two.next(row, random));
        let candidate = match harm {
            Harm::Rare if random.uniform() < RARE => 2.0 * LINE - z,
            Harm::Spread { wider, lower } => z + wider * ERROR * a - lower,
            _ => z + ERROR * a,
        };
        drawn.positive.push(random.uniform() < score(z));
        drawn.value.push(z + 0.5 * random.normal());
        drawn.candidate.push(candidate);
        drawn.baseline.push(z + ERROR * b);
        drawn.cluster.push(u32::try_from(row / 10).unwrap_or(0));
    }
    drawn
}
