//! What the lines of one dataset mean together: batches in the order of time, each counted once, as people marked them.

use super::line::{Line, MarkLine, PastOutcome, RunLine, UnableLine};
use super::night::{Night, NightColumn};
use crate::record::Status;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};

/// One batch of a dataset. Its night stands at the time of its first run; everything else is of its last.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRun {
    /// Id of its last run.
    pub run: String,
    /// Ids of the runs before, of the same rows.
    pub earlier: Vec<String>,
    /// Digest of its content.
    pub content: String,
    /// How its outcomes ended together.
    pub status: Status,
    /// Its outcomes by id.
    pub outcomes: BTreeMap<String, PastOutcome>,
    /// The batch, with the standing that marks give it.
    pub night: Night,
    /// The mark that holds, where one was made.
    pub mark: Option<MarkLine>,
}

impl PastRun {
    /// Whether an id, or its beginning, names the batch by one of its runs.
    #[must_use]
    pub fn is_called(&self, id: &str) -> bool {
        let mut ids = self.earlier.iter().chain([&self.run]);
        ids.any(|run| run.starts_with(id))
    }
}

/// The batches of one dataset in ascending order of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// The batches; those of one moment in the order of their last runs' ids.
    pub runs: Vec<PastRun>,
    /// Nights in which the dataset could not be evaluated, ascending, each once. No later run learns from them.
    pub unable: Vec<UnableLine>,
    /// The last line of each content as it stands in the file.
    last: HashMap<String, RunLine>,
}

impl Series {
    /// What lines mean, in any order of the lines but for runs and marks of one second: of those the later line holds.
    ///
    /// Errors: the place in the list of a mark of a run that no line has, with what is wrong.
    pub fn of(lines: Vec<Line>) -> Result<Self, (usize, String)> {
        let mut series = Self::default();
        let mut batches: BTreeMap<String, Vec<RunLine>> = BTreeMap::new();
        let mut marks = Vec::new();
        for (place, line) in lines.into_iter().enumerate() {
            match line {
                Line::Run(run) => batches.entry(run.content.clone()).or_default().push(run),
                Line::Mark(mark) => marks.push((place, mark)),
                Line::Unable(night) => series.unable.push(night),
            }
        }
        series
            .unable
            .sort_by(|a, b| (a.at, &a.run).cmp(&(b.at, &b.run)));
        series.unable.dedup();
        for (content, mut runs) in batches {
            // Stable: of two runs at one moment the later line is the last.
            runs.sort_by_key(|run| run.night.at);
            let first = runs[0].night.at;
            let Some(last) = runs.pop() else { continue };
            series.last.insert(content, last.clone());
            series.runs.push(batch(last, first, runs));
        }
        series
            .runs
            .sort_by(|a, b| a.night.at.cmp(&b.night.at).then_with(|| a.run.cmp(&b.run)));
        series.mark(marks)?;
        Ok(series)
    }

    fn mark(&mut self, mut marks: Vec<(usize, MarkLine)>) -> Result<(), (usize, String)> {
        marks.sort_by_key(|(_, mark)| mark.at);
        for (place, mark) in marks {
            let mut all = self.runs.iter_mut();
            let named = |r: &&mut PastRun| r.run == mark.run || r.earlier.contains(&mark.run);
            let Some(run) = all.find(named) else {
                return Err((
                    place,
                    format!("it marks the run `{}`, which is not in this file", mark.run),
                ));
            };
            run.night.standing = mark.mark.standing();
            run.mark = Some(mark);
        }
        Ok(())
    }

    /// Batches before a moment that are of other content, ascending.
    #[must_use]
    pub fn before(&self, at: DateTime<Utc>, content: &str) -> Vec<&PastRun> {
        let before = |run: &&PastRun| run.night.at < at && run.content != content;
        self.runs.iter().filter(before).collect()
    }

    /// Keeps texts of columns as hashes from now on, of which `personal` says so.
    pub(super) fn hash(&mut self, personal: &dyn Fn(&str) -> bool) {
        for joint in self
            .runs
            .iter_mut()
            .filter_map(|run| run.night.joint.as_mut())
        {
            joint.slices.retain(|s| !personal(&s.column));
        }
        let columns = self.runs.iter_mut().flat_map(|run| &mut run.night.columns);
        columns
            .filter(|c| personal(&c.name))
            .for_each(NightColumn::hash);
    }

    /// Whether the last line of the run's content is the same already.
    #[must_use]
    pub fn holds(&self, line: &RunLine) -> bool {
        self.last.get(&line.content) == Some(line)
    }
}

/// One batch of its last run and those before.
fn batch(last: RunLine, first: DateTime<Utc>, earlier: Vec<RunLine>) -> PastRun {
    let mut earlier: Vec<String> = earlier.into_iter().map(|run| run.run).collect();
    earlier.retain(|run| *run != last.run);
    earlier.dedup();
    PastRun {
        run: last.run,
        earlier,
        content: last.content,
        status: last.status,
        outcomes: last.outcomes,
        night: Night {
            at: first,
            ..last.night
        },
        mark: None,
    }
}

/// How many batches later ones learn from.
#[must_use]
pub fn ordinary<'a>(nights: impl IntoIterator<Item = &'a Night>) -> usize {
    let ordinary = |night: &&Night| night.standing.teaches();
    nights.into_iter().filter(ordinary).count()
}

#[cfg(test)]
mod tests {
    use super::Series;
    use crate::history::line::{HISTORY_SCHEMA_VERSION, Line, Mark, MarkLine, RunLine, run_id};
    use crate::history::night::{Night, Standing};
    use crate::record::Status;
    use chrono::{DateTime, Utc};
    use std::collections::BTreeMap;

    fn day(day: u32) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("2026-11-{day:02}T02:00:00Z"))
            .unwrap()
            .to_utc()
    }

    fn run(at: u32, content: &str, rows: u64) -> Line {
        Line::Run(RunLine {
            version: HISTORY_SCHEMA_VERSION.to_owned(),
            run: run_id("d", day(at), content),
            content: content.to_owned(),
            status: Status::Pass,
            outcomes: BTreeMap::new(),
            night: Night {
                at: day(at),
                rows,
                standing: Standing::Ordinary,
                joint: None,
                told: Vec::new(),
                columns: Vec::new(),
            },
        })
    }

    fn mark(of: (u32, &str), at: u32, mark: Mark) -> Line {
        Line::Mark(MarkLine {
            version: HISTORY_SCHEMA_VERSION.to_owned(),
            run: run_id("d", day(of.0), of.1),
            mark,
            reason: "because".to_owned(),
            by: None,
            at: day(at),
        })
    }

    #[test]
    fn the_same_content_counts_once_at_its_first_time_with_its_last_numbers() {
        let series = Series::of(vec![run(3, "b", 7), run(1, "a", 5), run(9, "a", 6)]).unwrap();
        let seen: Vec<_> = series
            .runs
            .iter()
            .map(|r| (r.night.at, r.night.rows))
            .collect();
        assert_eq!(seen, [(day(1), 6), (day(3), 7)]);
        assert_eq!(series.runs[0].earlier, [run_id("d", day(1), "a")]);
    }

    #[test]
    fn a_run_is_never_before_itself() {
        let series = Series::of(vec![run(1, "a", 5), run(2, "b", 5), run(3, "c", 5)]).unwrap();
        let before = |at, content| series.before(at, content).len();
        assert_eq!(before(day(2), "b"), 1);
        assert_eq!(before(day(9), "b"), 2, "run again later");
        assert_eq!(before(day(2), "new"), 1, "what came later does not count");
    }

    #[test]
    fn marks_hold_for_the_batch_in_any_order_of_lines() {
        let lines = vec![
            mark((1, "a"), 4, Mark::Incident),
            run(1, "a", 5),
            mark((2, "a"), 5, Mark::Ordinary),
            run(2, "a", 5),
            mark((1, "a"), 6, Mark::Incident),
        ];
        let mut reversed = lines.clone();
        reversed.reverse();
        for lines in [lines, reversed] {
            let series = Series::of(lines).unwrap();
            assert_eq!(series.runs.len(), 1);
            assert_eq!(series.runs[0].night.standing, Standing::Incident);
            assert_eq!(series.runs[0].mark.as_ref().unwrap().at, day(6));
        }
        let (place, reason) =
            Series::of(vec![run(1, "a", 5), mark((7, "z"), 8, Mark::Incident)]).unwrap_err();
        assert_eq!(place, 1);
        assert!(reason.contains("not in this file"), "{reason}");
    }
}
