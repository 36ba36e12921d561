//! What outcomes say beyond the change itself: against which reference, between which environments, and how much of the
//! model the changed columns carry.

use crate::config::Role;
use crate::plan::DatasetPlan;
use crate::record::{Measurement, Outcome};
use crate::scalar::number_text;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Adds to the outcomes of one reference what they do not know by themselves, and puts them in order: the model's
/// scores first, labels, then columns by their importance; where nothing is said of roles and importance, as they are.
///
/// `differing` are columns that one side alone has, or that are of another kind.
pub(super) fn say(plan: &DatasetPlan, differing: &[&str], outcomes: &mut [Outcome]) {
    importance(plan, differing, outcomes);
    for outcome in outcomes.iter_mut() {
        roles(plan, outcome);
        if let Some((there, here)) = plan.against.skew.as_ref().filter(|_| is_change(outcome)) {
            outcome.message = format!("Skew between {there} and {here}: {}", outcome.message);
        }
        if let Some(name) = &plan.against.name {
            outcome.id = format!("{}@{name}", outcome.id);
            outcome.message = format!("Against `{name}`: {}", outcome.message);
            outcome.tags.push(format!("reference {name}"));
        }
    }
    if is_weighed(plan) {
        outcomes.sort_by_key(|o| order(plan, o));
    }
}

/// Whether anything is said that columns differ in for the model.
fn is_weighed(plan: &DatasetPlan) -> bool {
    let drift = &plan.config.drift;
    let mut declared = plan.config.contract.iter().flat_map(|c| &c.columns);
    !drift.importance.is_empty() || !drift.roles.is_empty() || declared.any(|c| c.role.is_some())
}

/// Outcomes of columns first, by role and then by falling importance.
fn order(plan: &DatasetPlan, outcome: &Outcome) -> (bool, Role, Reverse<u64>) {
    let Some(column) = column(outcome) else {
        return (true, Role::Id, Reverse(0));
    };
    let share = plan.config.drift.importance.share(column).unwrap_or(0.0);
    // Shares are not negative, so that their bits are in their order.
    (false, plan.role(column), Reverse(share.to_bits()))
}

/// Whether an outcome says that something changed: what the calibrated gate named, or a limit that is not held.
fn is_change(outcome: &Outcome) -> bool {
    let named = column(outcome).is_some() && outcome.measured.iter().any(|m| m.name == "p");
    named || outcome.limits.iter().any(|l| !l.held)
}

/// The column that an outcome is about; that of slices is not what changed.
fn column(outcome: &Outcome) -> Option<&str> {
    let column = outcome.column.as_deref();
    column.filter(|_| outcome.check != "drift_slices")
}

fn roles(plan: &DatasetPlan, outcome: &mut Outcome) {
    let role = column(outcome).map(|c| plan.role(c));
    if let Some(role @ (Role::Score | Role::Label)) = role {
        outcome.tags.push(role.word().to_owned());
    }
}

/// Says of each changed column how much of the model it carries, and of the dataset how much all of them do.
fn importance(plan: &DatasetPlan, differing: &[&str], outcomes: &mut [Outcome]) {
    let importance = &plan.config.drift.importance;
    if importance.is_empty() {
        return;
    }
    let mut changed: BTreeSet<String> = differing.iter().map(|c| (*c).to_owned()).collect();
    for outcome in outcomes.iter_mut().filter(|o| is_change(o)) {
        let Some(column) = column(outcome).map(str::to_owned) else {
            continue;
        };
        if let Some(share) = importance.share(&column) {
            let said = format!(
                " `{column}` carries {} of the model's importance.",
                percent(share)
            );
            outcome.message.push_str(&said);
            outcome.measured.push(ratio("importance", share));
        }
        changed.insert(column);
    }
    let shares = changed.iter().filter_map(|c| importance.share(c));
    // Rounding in the sum of all features never says more than all.
    let share = shares.sum::<f64>().min(1.0);
    let whole = |check: &str| outcomes.iter().position(|o| o.check == check);
    let whole = whole("drift_dataset").or_else(|| whole("drift_coverage"));
    if let Some(outcome) = whole.map(|at| &mut outcomes[at]) {
        let said = format!(
            " Columns that changed carry {} of the model's importance.",
            percent(share)
        );
        outcome.message.push_str(&said);
        outcome.measured.push(ratio("importance_changed", share));
    }
}

fn ratio(name: &str, share: f64) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: number_text((share * 1e4).round() / 1e4),
        number: Some(share),
        unit: "ratio".to_owned(),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", number_text((share * 1e3).round() / 10.0))
}
