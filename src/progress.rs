//! Progress of long scans, drawn on stderr.

use crate::context::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// A scan is drawn when it takes longer than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// The bar of one scan, or of what is fetched for it; nothing is drawn in the first second, nor where [`Progress::Hidden`].
pub struct Bar {
    name: String,
    unit: Unit,
    total: Option<u64>,
    done: u64,
    started: Option<Instant>,
    drawn: Option<ProgressBar>,
}

/// What a bar counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Rows,
    Bytes,
}

impl Bar {
    /// A bar for the rows of the dataset called `name`; `total` rows, where that is known.
    #[must_use]
    pub fn new(progress: Progress, name: &str, total: Option<u64>) -> Self {
        Self::of(progress, name, Unit::Rows, total)
    }

    /// A bar for `total` bytes of the dataset called `name` that are fetched from servers.
    #[must_use]
    pub fn of_bytes(progress: Progress, name: &str, total: u64) -> Self {
        Self::of(progress, name, Unit::Bytes, Some(total))
    }

    fn of(progress: Progress, name: &str, unit: Unit, total: Option<u64>) -> Self {
        Self {
            name: crate::report::text::line(name),
            unit,
            total,
            done: 0,
            started: (progress == Progress::Shown).then(Instant::now),
            drawn: None,
        }
    }

    /// Counts rows that were read, or bytes that were fetched.
    pub fn add(&mut self, more: u64) {
        self.done += more;
        if self.drawn.is_none() && self.started.is_some_and(|s| s.elapsed() >= PATIENCE) {
            self.drawn = Some(self.draw());
        }
        if let Some(bar) = &self.drawn {
            bar.set_position(self.done);
        }
    }

    fn draw(&self) -> ProgressBar {
        let bar = match self.total {
            Some(rows) => ProgressBar::new(rows),
            None => ProgressBar::no_length(),
        };
        let template = match self.total {
            Some(_) if self.unit == Unit::Bytes => {
                "{msg} {wide_bar} {binary_bytes} of {binary_total_bytes} fetched, {eta} left"
            }
            Some(_) => "{msg} {wide_bar} {human_pos} of {human_len} rows, {eta} left",
            None => "{msg} {spinner} {human_pos} rows, {elapsed}",
        };
        let style = ProgressStyle::with_template(template).expect("the templates above parse");
        let elapsed = self.started.map(|s| s.elapsed()).unwrap_or_default();
        bar.with_style(style)
            .with_elapsed(elapsed)
            .with_message(self.name.clone())
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = self.drawn {
            bar.finish_and_clear();
        }
    }
}
