//! Waivers against outcomes: what is broken and accepted is waived, never kept. Pure.

use crate::aside::Aside;
use crate::config::waivers::ListedWaiver;
use crate::plan::Plan;
use crate::record::{IMPLIED, LeftOut, Outcome, Severity, Status, WAIVERS, Waiver, WaiverKind};
use chrono::{DateTime, Utc};

/// Whether what a waiver is for may be all there is, or only a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Every outcome of the configuration is there.
    Whole,
    /// Some were left out, so that nothing can be said of waivers without an outcome.
    Part,
}

impl Extent {
    /// That of a run of which this was left out, and this set aside.
    #[must_use]
    pub fn of(left_out: Option<&LeftOut>, aside: &Aside) -> Self {
        if left_out.is_some() || !aside.is_empty() {
            Self::Part
        } else {
            Self::Whole
        }
    }
}

/// Applies the waivers of expectations and of `waivers:`, and adds one outcome for each of the latter that is without
/// effect: it names no outcome, or its day has passed and nothing that it names is broken.
///
/// A broken promise or a warning whose waiver counts becomes `waived`; the message says who accepted it, until when and
/// why. A waiver that has expired, or whose `max_failing` is exceeded, changes nothing but the message.
pub fn settle(outcomes: &mut Vec<Outcome>, plan: &Plan, now: DateTime<Utc>, extent: Extent) {
    for outcome in &mut *outcomes {
        if outcome.waiver.is_none()
            && let Some(listed) = plan.waivers.iter().find(|w| w.is_for(&outcome.id))
        {
            outcome.waiver = Some(listed.terms.on(now, WaiverKind::External));
        }
        one(outcome);
    }
    let idle = plan.waivers.iter();
    let idle: Vec<Outcome> = idle
        .filter_map(|w| without_effect(w, outcomes, plan, now, extent))
        .collect();
    outcomes.extend(idle);
}

/// What a waiver makes of its outcome.
fn one(outcome: &mut Outcome) {
    let Some(waiver) = &outcome.waiver else {
        return;
    };
    if !matches!(outcome.status, Status::Fail | Status::Warn) {
        return;
    }
    let Waiver {
        owner,
        until,
        reason,
        ..
    } = waiver;
    let said = match waiver.max_failing {
        _ if waiver.expired => format!("The waiver of {owner} ended on {until}."),
        Some(most) if outcome.failing.is_none_or(|n| n > most) => {
            format!("The waiver of {owner} until {until} allows {most} failing at most.")
        }
        _ => {
            outcome.status = Status::Waived;
            format!("Waived by {owner} until {until}: {reason}.")
        }
    };
    outcome.message = format!("{} {said}", outcome.message);
}

fn without_effect(
    waiver: &ListedWaiver,
    outcomes: &[Outcome],
    plan: &Plan,
    now: DateTime<Utc>,
    extent: Extent,
) -> Option<Outcome> {
    let named: Vec<&Outcome> = outcomes.iter().filter(|o| waiver.is_for(&o.id)).collect();
    let terms = waiver.terms.on(now, WaiverKind::External);
    let (written, owner, until) = (waiver.written(), &terms.owner, &terms.until);
    let fine = |o: &&Outcome| o.status == Status::Pass;
    let message = if named.is_empty() && extent == Extent::Whole {
        format!(
            "No outcome is called `{written}`, so the waiver of {owner} until {until} is without effect: remove it."
        )
    } else if terms.expired && !named.is_empty() && named.iter().all(fine) {
        format!(
            "Nothing that `{written}` names is broken, and the waiver of {owner} ended on {until}: remove it."
        )
    } else {
        return None;
    };
    let known = |name: &str| plan.datasets.iter().any(|d| d.config.name == name);
    let written_for = written.split('.').next().filter(|n| known(n));
    let first = plan.datasets.first().map(|d| d.config.name.as_str());
    let dataset = waiver.dataset.as_deref().or(written_for).or(first);
    Some(Outcome {
        id: format!("waiver({written})"),
        dataset: dataset.unwrap_or_default().to_owned(),
        check: WAIVERS.to_owned(),
        column: None,
        status: Status::Warn,
        severity: Severity::Warn,
        message,
        summary: "Every waiver is for something that is broken.".to_owned(),
        measured: Vec::new(),
        limits: Vec::new(),
        failing: None,
        rows: None,
        samples: Vec::new(),
        comparison: None,
        location: Some(waiver.place.location()),
        owner: Some(owner.clone()),
        description: None,
        tags: vec![IMPLIED.to_owned()],
        waiver: None,
        began: None,
    })
}
