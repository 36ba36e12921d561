//! How promotions ended, for people and by the exit code.

use crate::ci::{self, Variables};
use crate::cli::{Global, print, print_raw, tell};
use crate::error::{EXIT_PASS, EXIT_REFUSED, Result};
use crate::promote::{Outcome, Promotion, Promotions};
use crate::report::text::{line, safe_block};
use std::fmt::Write as _;

/// Prints how promotions ended, and says it by the exit code.
pub(in crate::cli) fn said(all: &Promotions, global: Global) -> Result<u8> {
    print(&text(all, global))?;
    Ok(code(all))
}

/// How promotions ended; the last line says it in one word.
pub(super) fn text(all: &Promotions, global: Global) -> String {
    let mut text = String::new();
    for one in all.promotions.iter().filter(|_| !global.quiet) {
        text.push_str(&told(one));
    }
    let worst = all.promotions.iter().find(|p| !p.ended.is_good());
    let worst = worst.or(all.promotions.first());
    let word = worst.map_or("nothing", |p| p.ended.word());
    let _ = writeln!(text, "promotion: {word}");
    safe_block(&text)
}

/// 0 where every alias leads where it should, 5 otherwise.
pub(super) fn code(all: &Promotions) -> u8 {
    let good = all.promotions.iter().all(|p| p.ended.is_good());
    if good { EXIT_PASS } else { EXIT_REFUSED }
}

/// Whether every alias leads to its candidate now; of no promotion none does.
pub(super) fn moved(all: &Promotions) -> bool {
    let is = |p: &Promotion| matches!(p.ended, Outcome::Moved | Outcome::Already);
    !all.promotions.is_empty() && all.promotions.iter().all(is)
}

/// Tells later steps of a CI job whether the aliases lead to their candidates, as `promoted`; a note where they cannot be told.
pub(super) fn output(all: &Promotions) -> Result<()> {
    let value = moved(all).to_string();
    match ci::output(&Variables::of_process(), "promoted", &value) {
        Ok(raw) => print_raw(&raw),
        Err(reason) => {
            tell(&format!("note: {reason}"));
            Ok(())
        }
    }
}

/// One promotion for people.
fn told(one: &Promotion) -> String {
    let mut text = format!("{}: {}\n", line(&one.name), line(&one.sentence));
    for refusal in &one.refusals {
        let (message, help) = (line(&refusal.message), line(&refusal.help));
        let _ = writeln!(text, "  {}: {message}\n    = help: {help}", refusal.rule);
    }
    for call in &one.calls {
        let _ = writeln!(text, "  {} {}", call.verb, line(&call.to));
        if !call.body.is_empty() {
            let _ = writeln!(text, "    {}", line(&call.body));
        }
    }
    if one.ended == Outcome::Moved || one.ended == Outcome::Planned {
        let _ = writeln!(text, "  {}: {}", line(&one.registry), one.safety);
    }
    text
}
