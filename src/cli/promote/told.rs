//! How promotions ended, for people and by the exit code.

use crate::cli::{Global, print};
use crate::error::{EXIT_PASS, EXIT_REFUSED, Result};
use crate::promote::{Outcome, Promotion, Promotions};
use crate::report::text::{line, safe_block};

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
    text.push_str(&format!("promotion: {word}\n"));
    safe_block(&text)
}

/// 0 where every alias leads where it should, 5 otherwise.
pub(super) fn code(all: &Promotions) -> u8 {
    let good = all.promotions.iter().all(|p| p.ended.is_good());
    if good { EXIT_PASS } else { EXIT_REFUSED }
}

/// One promotion for people.
fn told(one: &Promotion) -> String {
    let mut text = format!("{}: {}\n", line(&one.name), line(&one.sentence));
    for refusal in &one.refusals {
        text.push_str(&format!(
            "  {}: {}\n    = help: {}\n",
            refusal.rule,
            line(&refusal.message),
            line(&refusal.help)
        ));
    }
    for call in &one.calls {
        text.push_str(&format!("  {} {}\n", call.verb, line(&call.to)));
        if !call.body.is_empty() {
            text.push_str(&format!("    {}\n", line(&call.body)));
        }
    }
    if one.ended == Outcome::Moved || one.ended == Outcome::Planned {
        text.push_str(&format!("  {}: {}\n", line(&one.registry), one.safety));
    }
    text
}
