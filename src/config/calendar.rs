//! `calendar` of `drift`: the days that are not ordinary, as people declare them.

use super::fields::{Fields, Problems, text};
use super::importance::{cells, on_line};
use super::source_file;
use super::tree::{self, Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use crate::error::Error;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Days before or after a date that a window may reach, at most.
pub const WIDEST: i64 = 60;

/// Names of the column of names in files, case ignored; the first is that of Prophet.
const NAMES: &[&str] = &["holiday", "name"];

/// Names of the column of dates in files, case ignored; the first is that of Prophet.
const DATES: &[&str] = &["ds", "date"];

/// Days that are not ordinary, each with its name.
#[derive(Debug, Clone, Default)]
pub struct SpecialDays {
    /// By day: how many days the date is away that it belongs to, and the name.
    days: BTreeMap<NaiveDate, (u64, String)>,
    /// Where `calendar` stands; absent without one.
    pub place: Option<Place>,
    /// The file that they were read from.
    pub file: Option<Arc<SourceFile>>,
}

/// From how many days after a date until how many; negative ones are before it.
#[derive(Debug, Clone, Copy)]
struct Window {
    lower: i64,
    upper: i64,
}

impl SpecialDays {
    /// Whether none is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The name of the day of a moment in UTC; `None` where it is an ordinary one.
    #[must_use]
    pub fn name(&self, at: DateTime<Utc>) -> Option<&str> {
        let found = self.days.get(&at.date_naive());
        found.map(|(_, name)| name.as_str())
    }

    /// Declares a date and the days around it. Of several names a day has the one whose date is nearest, of equally
    /// near ones the first.
    fn declare(&mut self, date: NaiveDate, name: &str, window: Window) {
        for away in window.lower..=window.upper {
            let far = Days::new(away.unsigned_abs());
            let day = if away < 0 {
                date.checked_sub_days(far)
            } else {
                date.checked_add_days(far)
            };
            let Some(day) = day else { continue };
            let away = away.unsigned_abs();
            if self.days.get(&day).is_none_or(|(known, _)| away < *known) {
                self.days.insert(day, (away, name.to_owned()));
            }
        }
    }

    fn items(&mut self, items: &[Node], problems: &mut Problems) {
        for item in items {
            self.item(item, problems);
        }
    }

    /// One item of the list: a date, or dates with a name.
    fn item(&mut self, item: &Node, problems: &mut Problems) {
        let alone = Window { lower: 0, upper: 0 };
        if let Value::Text(written) = &item.value {
            if let Some(date) = date(written, &item.place, problems) {
                self.declare(date, written, alone);
            }
            return;
        }
        if !matches!(item.value, Value::Map(_)) {
            problems.wrong_type(
                item,
                "calendar",
                "dates, or mappings with `name` and `dates`",
            );
            return;
        }
        let Some(mut fields) = Fields::of(item, "a day of the calendar", problems) else {
            return;
        };
        fields.require("name", problems);
        fields.require("dates", problems);
        let name = fields.text("name", problems).unwrap_or_default();
        let dates = fields.list("dates").iter();
        let dates: Vec<NaiveDate> = dates
            .filter_map(|d| date(&text(d, "dates", problems)?, &d.place, problems))
            .collect();
        let mut days = |key| {
            let node = fields.get(key)?;
            let Value::Int(days) = node.value else {
                problems.wrong_type(node, key, "a whole number of days");
                return None;
            };
            within(days, &node.place, problems)
        };
        let lower = days("lower_window").unwrap_or(0);
        let upper = days("upper_window").unwrap_or(0);
        fields.finish(problems);
        if let Some(window) = window(lower, upper, &item.place, problems) {
            for date in dates {
                self.declare(date, &name, window);
            }
        }
    }
}

/// Reads `calendar` of `drift`: a list of days, or a path to a file of them; every problem is added.
pub(super) fn read(fields: &mut Fields, base: &Path, problems: &mut Problems) -> SpecialDays {
    let mut found = SpecialDays::default();
    let Some(node) = fields.get("calendar") else {
        return found;
    };
    found.place = Some(node.place.clone());
    let before = problems.0.len();
    match &node.value {
        Value::List(items) => found.items(items, problems),
        Value::Text(path) if parsed(path).is_none() => {
            from_file(&mut found, node, &base.join(path), problems);
        }
        _ => found.item(node, problems),
    }
    if found.is_empty() && problems.0.len() == before {
        problems.add(
            Diagnostic::new("empty-calendar", "`calendar` has no day")
                .at(&node.place, "no date in it")
                .help("list dates such as 2026-12-25, or remove `calendar`"),
        );
    }
    found
}

/// A date as text; of a longer text that begins with one, such as a moment, the date.
fn parsed(written: &str) -> Option<NaiveDate> {
    let written = written.trim();
    let whole = written.split([' ', 'T']).next()?;
    let shape = whole.len() == 10;
    let date = NaiveDate::parse_from_str(whole, "%Y-%m-%d").ok()?;
    shape.then_some(date)
}

fn date(written: &str, place: &Place, problems: &mut Problems) -> Option<NaiveDate> {
    let date = parsed(written);
    if date.is_none() {
        problems.add(
            Diagnostic::new("wrong-date", format!("`{written}` is no date"))
                .at(place, "not a day of the calendar")
                .help("write year, month and day, such as 2026-12-25"),
        );
    }
    date
}

/// A number of days that a window may reach.
fn within(days: i128, place: &Place, problems: &mut Problems) -> Option<i64> {
    let found = i64::try_from(days).ok().filter(|d| d.abs() <= WIDEST);
    if found.is_none() {
        problems.add(
            Diagnostic::new("wrong-window", format!("a window of {days} days"))
                .at(
                    place,
                    format!("at most {WIDEST} days before or after a date"),
                )
                .help("list the dates of a longer time one by one"),
        );
    }
    found
}

/// The days around a date; a problem where the window ends before it begins.
fn window(lower: i64, upper: i64, place: &Place, problems: &mut Problems) -> Option<Window> {
    if lower > upper {
        let what = format!("`lower_window` {lower} is after `upper_window` {upper}");
        problems.add(
            Diagnostic::new("wrong-window", what)
                .at(place, "the window ends before it begins")
                .help("days before the date are negative: `lower_window: -1, upper_window: 1` is a day on either side"),
        );
        return None;
    }
    Some(Window { lower, upper })
}

fn from_file(found: &mut SpecialDays, node: &Node, path: &Path, problems: &mut Problems) {
    let file = match source_file(path) {
        Ok(file) => file,
        Err(Error::Config(list)) => return problems.0.extend(list),
        Err(error) => {
            return problems.add(
                Diagnostic::new("unreadable-calendar", error.to_string())
                    .at(&node.place, "named here")
                    .help("give a list of dates such as 2026-12-25, or a file; paths are relative to the file that names them"),
            );
        }
    };
    let is = |end: &str| {
        path.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(end))
    };
    if is("yaml") || is("yml") || is("json") {
        match tree::parse(&file) {
            Ok(Node {
                value: Value::List(items),
                ..
            }) => {
                found.items(&items, problems);
            }
            Ok(node) => problems.wrong_type(&node, "calendar", "a list of days"),
            Err(problem) => problems.add(problem),
        }
    } else {
        rows(found, &file, problems);
    }
    found.file = Some(file);
}

/// Comma-separated: with a header that names the columns, as a table of holidays for Prophet has it, or a date in each
/// line and after it a name or nothing.
fn rows(found: &mut SpecialDays, file: &Arc<SourceFile>, problems: &mut Problems) {
    let lines = file.text.lines().enumerate();
    let mut lines = lines
        .filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'))
        .map(|(at, line)| (at + 1, cells(line)))
        .peekable();
    let is = |cell: &String, names: &[&str]| names.iter().any(|n| n.eq_ignore_ascii_case(cell));
    let header = lines
        .peek()
        .map(|(_, cells)| cells.clone())
        .unwrap_or_default();
    let find = |names: &[&str]| header.iter().position(|c| is(c, names));
    let (mut name, mut day) = (Some(1), 0);
    if let Some(at) = find(DATES) {
        (name, day) = (find(NAMES), at);
        lines.next();
    }
    let (lower, upper) = (find(&["lower_window"]), find(&["upper_window"]));
    for (line, cells) in lines {
        let place = on_line(file, line);
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).filter(|c| !c.is_empty());
        let Some(day) = date(cell(Some(day)).map_or("", String::as_str), &place, problems) else {
            continue;
        };
        let mut days = |at| match cell(at).map(|c| whole(c)) {
            None => Some(0),
            Some(Some(days)) => within(days, &place, problems),
            Some(None) => {
                problems.add(
                    Diagnostic::new("wrong-window", "a window that is no whole number of days")
                        .at(&place, "not read")
                        .help("write days before the date as negative numbers, and 0 for none"),
                );
                None
            }
        };
        let (Some(lower), Some(upper)) = (days(lower), days(upper)) else {
            continue;
        };
        let name = cell(name).map_or_else(|| day.to_string(), Clone::clone);
        if let Some(window) = window(lower, upper, &place, problems) {
            found.declare(day, &name, window);
        }
    }
}

/// A whole number, also as a fraction without a rest, as tables with gaps have it.
fn whole(cell: &str) -> Option<i128> {
    let cell = cell.trim();
    cell.strip_suffix(".0").unwrap_or(cell).parse().ok()
}
