//! Query plans made exact: every expression in them is fitted to the columns that reach it.

use polars::prelude::{DslPlan, Expr, LazyFrame, PolarsResult, Schema, SchemaRef, SpecialEq};
use std::sync::Arc;

/// Rewrites an expression that reads columns of this schema.
pub(super) type Fit<'a> = &'a dyn Fn(Expr, &Schema) -> PolarsResult<Expr>;

/// A plan with its expressions fitted; groups keep the order in which their first rows came.
///
/// Errors: those of `fit`.
pub(super) fn exact(mut plan: DslPlan, fit: Fit<'_>) -> PolarsResult<DslPlan> {
    match &mut plan {
        DslPlan::IR { dsl, .. } => return exact((**dsl).clone(), fit),
        DslPlan::Filter { input, predicate } => {
            let schema = below(input, fit)?;
            one(predicate, &schema, fit)?;
        }
        DslPlan::Select {
            expr: exprs, input, ..
        }
        | DslPlan::HStack { exprs, input, .. }
        | DslPlan::Sort {
            by_column: exprs,
            input,
            ..
        } => {
            let schema = below(input, fit)?;
            all(exprs, &schema, fit)?;
        }
        DslPlan::GroupBy {
            input,
            keys,
            predicates,
            aggs,
            maintain_order,
            ..
        } => {
            let schema = below(input, fit)?;
            for exprs in [keys, predicates, aggs] {
                all(exprs, &schema, fit)?;
            }
            *maintain_order = true;
        }
        DslPlan::Join {
            input_left,
            input_right,
            left_on,
            right_on,
            ..
        } => {
            let schema = below(input_left, fit)?;
            all(left_on, &schema, fit)?;
            let schema = below(input_right, fit)?;
            all(right_on, &schema, fit)?;
        }
        DslPlan::Distinct { input, .. }
        | DslPlan::MapFunction { input, .. }
        | DslPlan::Cache { input, .. } => {
            below(input, fit)?;
        }
        DslPlan::Union { inputs, .. } => {
            for input in inputs {
                *input = exact(input.clone(), fit)?;
            }
        }
        _ => {}
    }
    Ok(plan)
}

/// Makes the plan below exact; the columns that come out of it.
fn below(input: &mut Arc<DslPlan>, fit: Fit<'_>) -> PolarsResult<SchemaRef> {
    let plan = exact((**input).clone(), fit)?;
    let schema = LazyFrame::from(plan.clone()).collect_schema()?;
    *input = Arc::new(plan);
    Ok(schema)
}

fn all(exprs: &mut [Expr], schema: &Schema, fit: Fit<'_>) -> PolarsResult<()> {
    exprs.iter_mut().try_for_each(|e| one(e, schema, fit))
}

/// Fits an expression, and the plans inside it (`IN (SELECT ..)`).
fn one(expr: &mut Expr, schema: &Schema, fit: Fit<'_>) -> PolarsResult<()> {
    let inside = std::mem::take(expr).try_map_expr(|e| match e {
        Expr::SubPlan(plan, names) => {
            let plan = exact((**plan).clone(), fit)?;
            Ok(Expr::SubPlan(SpecialEq::new(Arc::new(plan)), names))
        }
        other => Ok(other),
    })?;
    *expr = fit(inside, schema)?;
    Ok(())
}
