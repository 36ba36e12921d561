//! Progress of long scans, drawn on stderr.

use crate::context::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// A scan is drawn when it takes longer than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// The bar of one scan; nothing is drawn in the first second, nor where [`Progress::Hidden`].
pub struct Bar {
    name: String,
    total: Option<u64>,
    rows: u64,
    started: Option<Instant>,
    drawn: Option<ProgressBar>,
}

impl Bar {
    /// A bar for the rows of the dataset called `name`; `total` rows, where that is known.
    #[must_use]
    pub fn new(progress: Progress, name: &str, total: Option<u64>) -> Self {
        Self {
            name: crate::report::text::line(name),
            total,
            rows: 0,
            started: (progress == Progress::Shown).then(Instant::now),
            drawn: None,
        }
    }

    /// Counts rows that were read.
    pub fn add(&mut self, rows: u64) {
        self.rows += rows;
        if self.drawn.is_none() && self.started.is_some_and(|s| s.elapsed() >= PATIENCE) {
            self.drawn = Some(self.draw());
        }
        if let Some(bar) = &self.drawn {
            bar.set_position(self.rows);
        }
    }

    fn draw(&self) -> ProgressBar {
        let bar = match self.total {
            Some(rows) => ProgressBar::new(rows),
            None => ProgressBar::no_length(),
        };
        let template = match self.total {
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
