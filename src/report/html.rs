//! One page for product owners: one file, no script, offline, dark and print.

use crate::record::{Outcome, Run, Status};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

/// Renders the page; every value is escaped by the template engine.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let of = |statuses: &[Status]| {
        let list: Vec<&Outcome> = run
            .outcomes
            .iter()
            .filter(|o| statuses.contains(&o.status))
            .collect();
        minijinja::Value::from(minijinja::value::Serde(list))
    };
    let groups = vec![
        context! { title => "Broken promises", outcomes => of(&[Status::Fail]), open => true },
        context! {
            title => "Could not be evaluated",
            outcomes => of(&[Status::Error, Status::Inconclusive]),
            open => true
        },
        context! { title => "Warnings", outcomes => of(&[Status::Warn]), open => true },
        context! { title => "Skipped", outcomes => of(&[Status::Skipped]), open => true },
        context! { title => "Kept promises", outcomes => of(&[Status::Pass]), open => false },
    ];
    environment
        .render_named_str(
            "report.html",
            include_str!("templates/report.html.j2"),
            context! { run => minijinja::Value::from(minijinja::value::Serde(run)), groups => groups, status => run.verdict.status.word() },
        )
        .unwrap_or_else(|error| {
            format!(
                "<!doctype html><title>tollgate</title><p>report: {}</p>",
                error.kind()
            )
        })
}
