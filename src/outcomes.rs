//! What a run says of its datasets: comparisons with their references, promises, what the runs before make of both.

use crate::contract::import;
use crate::drift;
use crate::engine::embedded::measure::{Measured, Pair};
use crate::evaluate::evaluate;
use crate::history::Tonight;
use crate::history::stable::followed;
use crate::measure::Profile;
use crate::plan::{DatasetPlan, Plan};
use crate::record::Outcome;

/// What the comparisons say of each dataset, by reference.
#[must_use]
pub fn compare_all(measured: &[Measured], seed: u64) -> Vec<Vec<Vec<Outcome>>> {
    let against = |now: &Profile, pair: &Pair| match &pair.said {
        Some(said) => said.clone(),
        None => drift::judge(&pair.plan, (&pair.reference, now), pair.rows.as_ref(), seed),
    };
    let of = |m: &Measured| {
        let pairs = m.pairs.iter();
        pairs.map(|p| against(&m.now.profile, p)).collect()
    };
    measured.iter().map(of).collect()
}

/// Promises in contract order, then drift; each with what the runs before say of it.
#[must_use]
pub fn evaluate_all(
    plan: &Plan,
    measured: &[Measured],
    compared: Vec<Vec<Vec<Outcome>>>,
    tonight: &[Option<Tonight>],
) -> Vec<Outcome> {
    let one = |(((part, measured), compared), tonight): (
        ((&DatasetPlan, &Measured), _),
        &Option<Tonight>,
    )| {
        let states = part.expectations.iter().zip(&measured.now.states);
        let name = &part.config.name;
        let promises = states.map(|(planned, state)| {
            evaluate(name, planned, &followed(planned, state, tonight.as_ref()))
        });
        let imported = import::told::outcome(&part.config);
        let mut outcomes: Vec<Outcome> = imported.into_iter().chain(promises).collect();
        outcomes.extend(drift::together(part, tonight.as_ref(), compared));
        if let Some(tonight) = tonight {
            tonight.look_back(&mut outcomes);
        }
        outcomes
    };
    let compared = compared
        .into_iter()
        .map(|c| c.into_iter().flatten().collect());
    let parts = plan.datasets.iter().zip(measured).zip(compared);
    parts.zip(tonight).flat_map(one).collect()
}
