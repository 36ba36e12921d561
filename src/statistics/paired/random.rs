//! Random numbers of the bootstrap: one stream per replicate, so that threads cannot matter.

use crate::statistics::draws::Hypergeometric;

/// Random bits from a seed and the number of a stream.
///
/// Source: the generator `SplitMix64` of Steele, Lea and Flood (2014).
#[derive(Debug, Clone)]
pub(super) struct Stream(u64);

/// The last steps of `SplitMix64`: every bit of the result depends on every bit of the number.
pub(super) fn mixed(number: u64) -> u64 {
    let mut z = number;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    pub(super) fn new(seed: u64, number: u64) -> Self {
        Self(mixed(
            seed ^ mixed(number.wrapping_add(0x9e37_79b9_7f4a_7c15)),
        ))
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// From 0 to below 1.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From 0 to below `count`, which is not 0.
    #[expect(clippy::cast_possible_truncation, reason = "below a usize")]
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }
}

/// Deviation of a count up to which its probabilities are added up from the most probable one outwards.
const NARROW: f64 = 16.0;

/// How many of `trials` come out, each with `probability` above 0 and below 1.
///
/// Source: as [`Hypergeometric::draw`], for the binomial distribution: inversion from the mode outwards for narrow
/// ones, others by the ratio of uniforms with the table mountain hat of Stadlober (1990; from memory).
pub(super) fn binomial(
    law: &Hypergeometric,
    trials: u64,
    probability: f64,
    stream: &mut Stream,
) -> u64 {
    if trials == 0 || probability <= 0.0 {
        return 0;
    }
    if probability >= 1.0 {
        return trials;
    }
    if probability > 0.5 {
        return trials - binomial(law, trials, 1.0 - probability, stream);
    }
    let n = trials as f64;
    let coin = Coin {
        law,
        n,
        odds: (probability / (1.0 - probability)).ln(),
        mode: ((n + 1.0) * probability).floor().min(n),
    };
    let variance = n * probability * (1.0 - probability);
    let drawn = if variance.sqrt() <= NARROW {
        coin.inverted(probability, stream)
    } else {
        coin.ratio(n * probability, variance, stream)
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between 0 and the trials"
    )]
    let count = drawn as u64;
    count
}

struct Coin<'a> {
    law: &'a Hypergeometric,
    n: f64,
    odds: f64,
    mode: f64,
}

impl Coin<'_> {
    /// Logarithm of the probability of a count, but for a constant.
    fn weight(&self, k: f64) -> f64 {
        k * self.odds - self.law.factorial(k) - self.law.factorial(self.n - k)
    }

    fn inverted(&self, p: f64, stream: &mut Stream) -> f64 {
        let (n, mode) = (self.n, self.mode);
        let constant = self.law.factorial(n) + n * (-p).ln_1p();
        let at_mode = (self.weight(mode) + constant).exp();
        let (odds, mut left) = (p / (1.0 - p), stream.uniform() - at_mode);
        let (mut up, mut down, mut high, mut low) = (at_mode, at_mode, mode, mode);
        while left >= 0.0 && (high < n || low > 0.0) {
            if high < n {
                up *= odds * (n - high) / (high + 1.0);
                high += 1.0;
                left -= up;
                if left < 0.0 {
                    return high;
                }
            }
            if low > 0.0 {
                down *= low / (odds * (n - low + 1.0));
                low -= 1.0;
                left -= down;
                if left < 0.0 {
                    return low;
                }
            }
            if up + down < 1e-18 {
                break;
            }
        }
        // What is left is lost to rounding.
        mode
    }

    fn ratio(&self, mean: f64, variance: f64, stream: &mut Stream) -> f64 {
        let deviation = (variance + 0.5).sqrt();
        let width = 1.715_527_769_921_413_5 * deviation + 0.898_916_162_058_898_8;
        let at_mode = self.weight(self.mode);
        let end = (self.n + 1.0).min((mean + 0.5 + 16.0 * deviation).floor());
        loop {
            let (x, y) = (stream.uniform(), stream.uniform());
            let at = mean + 0.5 + width * (y - 0.5) / x;
            if !(at >= 0.0 && at < end) {
                continue;
            }
            let k = at.floor();
            let t = self.weight(k) - at_mode;
            if x * (4.0 - x) - 3.0 <= t || (x * (x - t) < 1.0 && 2.0 * x.ln() <= t) {
                return k;
            }
        }
    }
}

/// Draws `times` rows among cells with these counts, with replacement: how many fall into each.
pub(super) fn multinomial(
    law: &Hypergeometric,
    counts: &[u64],
    stream: &mut Stream,
    into: &mut [u64],
) {
    let mut rows: u64 = counts.iter().sum();
    let mut left = rows;
    for (count, drawn) in counts.iter().zip(into) {
        // What is left falls into this cell or a later one.
        *drawn = match rows {
            0 => 0,
            _ => binomial(law, left, *count as f64 / rows as f64, stream),
        };
        left -= *drawn;
        rows -= *count;
    }
}

/// Does `count` pieces of work on some threads; results are in order, whatever the number of threads.
///
/// `scratch` makes what a thread keeps between pieces.
pub(crate) fn spread<T: Send, S>(
    count: usize,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(usize, &mut S) -> T + Sync,
) -> Vec<T> {
    let threads = threads.clamp(1, count.max(1));
    if threads == 1 {
        let mut kept = scratch();
        return (0..count).map(|i| work(i, &mut kept)).collect();
    }
    let part = count.div_ceil(threads);
    let (scratch, work) = (&scratch, &work);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    let mut kept = scratch();
                    let (from, to) = (thread * part, ((thread + 1) * part).min(count));
                    (from..to).map(|i| work(i, &mut kept)).collect::<Vec<T>>()
                })
            })
            .collect();
        running
            .into_iter()
            .flat_map(|thread| match thread.join() {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
