//! Lines of a history: what a profile leaves reads back as it was, in any order, from many writers.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use tollgate::contract::{Detection, Privacy};
use tollgate::history::line::{
    HISTORY_SCHEMA_VERSION, Line, Mark, MarkLine, PastOutcome, RunLine, parse, run_id,
};
use tollgate::history::night::{NIGHT_BINS, NIGHT_TEXTS, NightValues};
use tollgate::history::{History, Night, Series, Standing};
use tollgate::measure::{ColumnProfile, Profile};
use tollgate::record::Status;
use tollgate::types::LogicalType;

fn start() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-01T02:00:00Z")
        .unwrap()
        .to_utc()
}

/// A dataset of a column of floats and one of texts.
fn profile(numbers: &[f64], texts: &[String]) -> Profile {
    let rows = numbers.len().max(texts.len()) as u64;
    let mut floats = ColumnProfile::new("f", &LogicalType::Float(64));
    floats.add_floats(numbers);
    let mut strings = ColumnProfile::new("t", &LogicalType::String);
    strings.add_texts(texts.iter().map(String::as_str));
    floats.add_rows(rows, rows - numbers.len() as u64);
    strings.add_rows(rows, rows - texts.len() as u64);
    Profile {
        rows,
        columns: vec![floats, strings],
    }
}

fn run(day: i64, content: &str, night: Night) -> RunLine {
    let at = start() + TimeDelta::days(day);
    RunLine {
        version: HISTORY_SCHEMA_VERSION.to_owned(),
        run: run_id("d", at, content),
        content: content.to_owned(),
        status: Status::Pass,
        outcomes: BTreeMap::from([(
            "d.not_null(f)".to_owned(),
            PastOutcome {
                status: Status::Warn,
                numbers: BTreeMap::from([("failing".to_owned(), 0.1 + 0.2)]),
            },
        )]),
        night: Night { at, ..night },
    }
}

fn plain(day: i64, content: &str) -> Line {
    let night = Night::of(
        &profile(&[day as f64, 2.0], &[]),
        start(),
        Standing::Ordinary,
        &|_| (Privacy::Open, Detection::ByContent),
    );
    Line::Run(run(day, content, night))
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        (-1000i32..1000).prop_map(f64::from),
        Just(f64::INFINITY),
        Just(f64::NAN),
    ]
}

proptest! {
    #[test]
    fn what_a_profile_leaves_reads_back(
        numbers in prop::collection::vec(number(), 0..600),
        texts in prop::collection::vec("\\PC{0,3}|[a-c]|.{60}", 0..300),
        personal in any::<bool>(),
    ) {
        let privacy = if personal { Privacy::Personal } else { Privacy::Open };
        let profile = profile(&numbers, &texts);
        let night = Night::of(&profile, start(), Standing::Flagged, &|_| (privacy, Detection::Off));
        let line = Line::Run(run(3, "content", night.clone()));
        let text = serde_json::to_string(&line).unwrap();
        prop_assert!(!text.contains('\n'));
        prop_assert_eq!(parse(&text).unwrap(), line);
        let NightValues::Numbers(kept) = &night.columns[0].values else { panic!() };
        let counted: u64 = kept.bins.iter().map(|(_, count)| count).sum();
        let valued = numbers.iter().filter(|n| !n.is_nan()).count() as u64;
        prop_assert!(kept.bins.len() <= NIGHT_BINS);
        prop_assert!(counted == valued || (personal && kept.bins.is_empty()));
        let NightValues::Texts { counts, others } = &night.columns[1].values else { panic!() };
        let listed: u64 = counts.iter().map(|(_, count)| count).sum();
        prop_assert!(counts.len() <= NIGHT_TEXTS);
        prop_assert_eq!(listed + others, texts.len() as u64);
        if personal {
            prop_assert!(kept.bins.iter().all(|(_, count)| *count >= 10));
            prop_assert!(counts.iter().all(|(text, count)| text.starts_with('#') && *count >= 10));
            prop_assert_eq!((kept.least, kept.greatest, kept.mean, kept.deviation), (None, None, None, None));
        }
    }

    #[test]
    fn the_order_of_lines_does_not_matter(
        days in prop::collection::btree_set((0i64..40, 0usize..6), 1..12),
        order in any::<prop::sample::Index>(),
        seed in any::<u64>(),
    ) {
        let days: Vec<(i64, usize)> = days.into_iter().collect();
        let mut lines: Vec<Line> = days.iter().map(|(day, content)| plain(*day, &content.to_string())).collect();
        let (day, content) = days[order.index(days.len())];
        lines.push(Line::Mark(MarkLine {
            version: HISTORY_SCHEMA_VERSION.to_owned(),
            run: run_id("d", start() + TimeDelta::days(day), &content.to_string()),
            mark: Mark::Incident,
            reason: "because\nof \"it\"".to_owned(),
            by: None,
            at: start(),
        }));
        let series = Series::of(lines.clone()).unwrap();
        let mut random = tollgate::drift::sample::Random::new(seed);
        for place in (1..lines.len()).rev() {
            lines.swap(place, random.below(place + 1));
        }
        prop_assert_eq!(&Series::of(lines).unwrap(), &series);
        let contents: std::collections::BTreeSet<usize> = days.iter().map(|(_, content)| *content).collect();
        prop_assert_eq!(series.runs.len(), contents.len());
        for run in &series.runs {
            let marked = run.content == content.to_string();
            prop_assert_eq!(run.night.standing == Standing::Incident, marked);
            let before = series.before(run.night.at, &run.content);
            prop_assert!(before.iter().all(|b| b.night.at < run.night.at && b.content != run.content));
        }
    }
}

#[test]
fn a_line_cut_anywhere_is_never_taken_for_a_whole_one() {
    let text = serde_json::to_string(&plain(1, "a")).unwrap();
    for end in 0..text.len() {
        if text.is_char_boundary(end) {
            assert!(parse(&text[..end]).is_err(), "{end}");
        }
    }
    assert!(parse(&text).is_ok());
}

#[test]
fn many_writers_and_a_reader_see_whole_lines_only() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::at(&folder.path().join("runs"));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..6i64)
            .map(|writer| {
                let history = &history;
                scope.spawn(move || {
                    for round in 0..20 {
                        let day = writer * 20 + round;
                        history.append("d", &plain(day, &day.to_string())).unwrap();
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                history.read("d").unwrap();
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(history.read("d").unwrap().runs.len(), 120);
}

#[test]
fn what_cannot_be_appended_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::at(folder.path());
    history.append("d", &plain(1, "a")).unwrap();
    let path = history.file("d");
    let whole = std::fs::read_to_string(&path).unwrap();
    let cut = format!("{whole}{}", &whole[..50]);
    std::fs::write(&path, &cut).unwrap();
    let error = history.append("d", &plain(2, "b")).unwrap_err().to_string();
    assert!(error.contains("line 2 was cut off"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), cut);
    std::fs::write(&path, whole.trim_end()).unwrap();
    history.append("d", &plain(2, "b")).unwrap();
    assert_eq!(history.read("d").unwrap().runs.len(), 2);
}

#[test]
fn datasets_are_found_by_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::at(&folder.path().join("runs"));
    assert!(history.datasets().unwrap().is_empty());
    for name in ["b", "Größe/x", "a.1"] {
        history.append(name, &plain(1, "a")).unwrap();
    }
    std::fs::write(history.folder().join("README.md"), "not a file of runs").unwrap();
    assert_eq!(history.datasets().unwrap(), ["Größe/x", "a.1", "b"]);
}
