//! For pull requests and step summaries.

use super::promoted::Promoted;
use super::ranking::{Ranking, flat, is_noted};
use super::text::{clip, code, markdown as safe};
use super::words::{allowed, counted, found, grouped, moment, place, rows_of, since};
use crate::promote::Promotions;
use crate::record::{Began, Comparison, Outcome, Run, Status};
use std::fmt::Write as _;

/// Lines of the first table; further findings are folded.
const FIRST: usize = 20;
/// Bytes kept for what is said about left-out lists.
const RESERVED: usize = 400;

const INFALLIBLE: &str = "writing to a String cannot fail";

/// For whom the text is, and so how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    /// A file: every finding and the columns of every dataset.
    Full,
    /// The page of a CI job: GitHub drops a summary above 1 MiB as a whole, Buildkite refuses an annotation.
    Summary,
    /// A comment: 65,536 characters at most on GitHub.
    Comment,
}

impl Variant {
    /// Bytes of the whole text, which are at least as many as its characters.
    fn size(self) -> usize {
        match self {
            Self::Full | Self::Summary => 900_000,
            Self::Comment => 60_000,
        }
    }

    /// Lines of each folded table.
    fn folded(self) -> usize {
        match self {
            Self::Full => 5_000,
            Self::Summary => 500,
            Self::Comment => 100,
        }
    }
}

/// Renders verdict, datasets and one table, worst first; what is less urgent is folded, what does not fit is named.
///
/// Failing rows are not shown: pull requests are often public.
#[must_use]
pub(super) fn render(run: &Run, after: Option<&Promotions>, variant: Variant) -> String {
    let ranking = Ranking::of(run);
    let mut findings = ranking.broken.clone();
    findings.extend(flat(&ranking.unable));
    findings.extend(flat(&ranking.undecided));
    findings.extend(&ranking.warned);
    findings.extend(&ranking.waived);
    let foot = foot(run);
    let mut page = Page {
        out: head(run),
        size: variant.size() - foot.len() - RESERVED,
        dropped: Vec::new(),
    };
    page.promotions(run, after);
    let shown = page.first(&findings);
    page.models(run);
    let skipped = flat(&ranking.skipped);
    for (list, noun) in [
        (&findings[shown..], "more finding"),
        (&skipped[..], "skipped promise"),
        (&ranking.noted, "note"),
        (&ranking.kept, "kept promise"),
    ] {
        page.fold(list, noun, variant.folded());
    }
    if variant == Variant::Full {
        page.columns(run);
    }
    if !page.dropped.is_empty() {
        let dropped = page.dropped.join(", ");
        let size = variant.size() / 1_000;
        write!(
            page.out,
            "\nLeft out to keep this text below {size} kB: {dropped}. They are in run.json.\n"
        )
        .expect(INFALLIBLE);
    }
    page.out + &foot
}

/// The text as it grows, and what did not fit.
struct Page {
    out: String,
    size: usize,
    dropped: Vec<String>,
}

impl Page {
    fn room(&self) -> usize {
        self.size.saturating_sub(self.out.len())
    }

    /// What became of promotions, or may: as many whole ones as half of the room holds, so that findings have the rest.
    fn promotions(&mut self, run: &Run, after: Option<&Promotions>) {
        let most = self.out.len() + self.room() / 2;
        let all = super::promoted::of(run, after);
        let mut left = 0;
        for text in all.iter().map(promotion) {
            if left == 0 && self.out.len() + text.len() <= most {
                self.out.push_str(&text);
            } else {
                left += 1;
            }
        }
        if left > 0 {
            let file = after.map_or("run.json", |_| "promotion.json");
            let more = counted(left, "more promotion");
            write!(self.out, "\nand {more} in {file}\n").expect(INFALLIBLE);
        }
    }

    /// The first table; how many findings it shows.
    fn first(&mut self, findings: &[&Outcome]) -> usize {
        if findings.is_empty() {
            return 0;
        }
        let room = self.room().saturating_sub(HEADER.len() + 1);
        let (rows, shown) = rows(findings, FIRST, room);
        write!(self.out, "\n{HEADER}{rows}").expect(INFALLIBLE);
        shown
    }

    fn models(&mut self, run: &Run) {
        let tables = super::markdown_models::tables(run);
        let mut left = 0;
        for table in tables {
            if table.len() <= self.room() {
                self.out.push_str(&table);
            } else {
                left += 1;
            }
        }
        if left > 0 {
            self.dropped.push(counted(left, "metrics table"));
        }
    }

    /// A folded table of as many outcomes as there is room for.
    fn fold(&mut self, outcomes: &[&Outcome], noun: &str, most: usize) {
        if outcomes.is_empty() {
            return;
        }
        let title = counted(outcomes.len() as u64, noun);
        match folded(&title, outcomes, most, self.room()) {
            Some(section) => self.out.push_str(&section),
            None => self.dropped.push(title),
        }
    }

    /// The columns of each dataset that was profiled.
    fn columns(&mut self, run: &Run) {
        let profiled = run.datasets.iter().filter(|d| !d.profile.is_empty());
        let mut left = 0;
        for dataset in profiled {
            match super::markdown_profile::table(dataset, self.room()) {
                Some(section) => self.out.push_str(&section),
                None => left += 1,
            }
        }
        if left > 0 {
            self.dropped.push(counted(left, "profile"));
        }
    }
}

fn head(run: &Run) -> String {
    let status = run.verdict.status;
    let mut out = format!(
        "## {} tollgate: {}\n\n**{}**\n\n",
        emoji(status),
        status.word(),
        safe(&run.verdict.sentence)
    );
    for dataset in run.datasets.iter().take(FIRST) {
        let against = dataset
            .compared_with()
            .map_or_else(String::new, |r| format!(", compared with {}", code(&r)));
        writeln!(
            out,
            "- {}: {} from {}{against}",
            code(&dataset.name),
            rows_of(run, dataset),
            code(&dataset.path)
        )
        .expect(INFALLIBLE);
    }
    if run.datasets.len() > FIRST {
        writeln!(out, "- and {} more datasets", run.datasets.len() - FIRST).expect(INFALLIBLE);
    }
    out + &super::markdown_models::bullets(run)
}

/// What became of one promotion, or may.
fn promotion(one: &Promoted) -> String {
    let command = match one.command.as_str() {
        "" => String::new(),
        command => format!(" {} {}.", code(command), one.to),
    };
    let (name, said) = (code(&one.name), sentence(&one.sentence));
    let mut out = format!("\n**Promotion** of {name}: {said}{command}\n");
    for rule in &one.rules {
        let (name, message) = (code(&rule.name), sentence(&rule.message));
        let help = sentence(&rule.help);
        writeln!(out, "- {name}: {message}. To satisfy it: {help}.").expect(INFALLIBLE);
    }
    out
}

fn foot(run: &Run) -> String {
    format!(
        "\n<sub>Checked {} by tollgate {} with {}. Failing rows and charts are in report.html.</sub>\n",
        safe(&moment(&run.provenance.now)),
        safe(&run.provenance.tollgate),
        code(&run.provenance.config)
    )
}

/// A folded table of as many outcomes as there is room for, in bytes; absent when not even one fits.
fn folded(title: &str, outcomes: &[&Outcome], most: usize, room: usize) -> Option<String> {
    /// Bytes of what closes the section.
    const CLOSING: usize = 80;
    let mut out = format!("\n<details><summary>{title}</summary>\n\n{HEADER}");
    let (rows, shown) = rows(outcomes, most, room.saturating_sub(out.len() + CLOSING));
    out.push_str(&rows);
    if outcomes.len() > shown {
        let more = grouped((outcomes.len() - shown) as u64);
        write!(out, "\nand {more} more in run.json\n").expect(INFALLIBLE);
    }
    out.push_str("\n</details>\n");
    (shown > 0).then_some(out)
}

/// Rows of at most so many outcomes within so many bytes, and how many they are.
fn rows(outcomes: &[&Outcome], most: usize, room: usize) -> (String, usize) {
    let mut rows = String::new();
    let mut shown = 0;
    for outcome in outcomes.iter().take(most) {
        let row = row(outcome);
        if rows.len() + row.len() > room {
            break;
        }
        rows.push_str(&row);
        shown += 1;
    }
    (rows, shown)
}

const HEADER: &str = "| Status | Check | What was found | Measured | Limit | Written in |\n|---|---|---|---|---|---|\n";

fn row(outcome: &Outcome) -> String {
    let spark = outcome.comparison.as_ref().map_or_else(String::new, shares);
    let since = since(outcome).map_or_else(String::new, |s| format!(" ({})", safe(&s)));
    let trend = outcome.began.as_ref().map_or_else(String::new, trend);
    let (sign, word) = if is_noted(outcome) {
        ("ℹ️", "info")
    } else {
        (emoji(outcome.status), outcome.status.word())
    };
    format!(
        "| {sign} {word} | {} | {}{since} | {}{spark}{trend} | {} | {} |\n",
        code(&outcome.id),
        sentence(&outcome.message),
        safe(&found(outcome)),
        safe(&allowed(outcome)),
        place(outcome).map_or_else(String::new, |p| code(&p)),
    )
}

/// A message with its backticks as code spans; a span never touches the one before it, or their fences would join.
fn sentence(message: &str) -> String {
    let message = clip(message, 300);
    let mut out = String::new();
    for (i, part) in message.split('`').enumerate() {
        match (i % 2, part) {
            (_, "") => {}
            (0, part) => out.push_str(&safe(part)),
            (_, part) => {
                if out.ends_with('`') {
                    out.push(' ');
                }
                out.push_str(&code(part));
            }
        }
    }
    out
}

/// What runs before measured, as a row of blocks from the least to the greatest: ` (before ▁▂▇)`; nothing for one run.
fn trend(began: &Began) -> String {
    let numbers = began.past.iter().copied();
    let least = numbers.clone().fold(f64::INFINITY, f64::min);
    let above: Vec<f64> = numbers.map(|n| n - least).collect();
    let peak = above.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    if above.len() < 2 || !peak.is_finite() {
        return String::new();
    }
    format!(
        " (the {} runs before `{}`)",
        above.len(),
        blocks(&above, peak)
    )
}

/// Reference and now as rows of blocks: ` (reference ▁▃▇, now ▇▃▁)`.
fn shares(comparison: &Comparison) -> String {
    let bins = comparison.labels.len().min(20);
    let sides = [&comparison.reference, &comparison.current];
    let sides = sides.map(|side| side.iter().take(bins).copied().collect::<Vec<f64>>());
    let peak = sides.iter().flatten().copied().fold(1e-9, f64::max);
    let [reference, now] = sides.map(|s| blocks(&s, peak));
    format!(" (reference `{reference}`, now `{now}`)")
}

/// Numbers from 0 to `peak` as blocks of eight heights.
pub(super) fn blocks(numbers: &[f64], peak: f64) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let block = |number: &f64| {
        let level = (number / peak * 7.0).clamp(0.0, 7.0).round();
        let found = (0..7_u8).find(|i| f64::from(*i) >= level);
        BLOCKS[usize::from(found.unwrap_or(7))]
    };
    numbers.iter().map(block).collect()
}

fn emoji(status: Status) -> &'static str {
    match status {
        Status::Pass => "✅",
        Status::Warn => "⚠️",
        Status::Waived => "🕓",
        Status::Skipped => "⏭️",
        Status::Inconclusive => "❓",
        Status::Fail => "❌",
        Status::Error => "🚫",
    }
}
