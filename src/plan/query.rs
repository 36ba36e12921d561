//! SQL of checks: row predicates, aggregate values, group queries; checked alone against the schemas, before any scan.

use super::dataset::Planner;
use super::{Measured, OtherDataset};
use crate::catalogue::argument::{Arg, Args};
use crate::catalogue::{Check, template};
use crate::contract::Privacy;
use crate::diagnostic::{Diagnostic, Place};
use crate::engine::embedded::relational::{DATA, Query, check_predicate};
use crate::types::Field;

/// An expectation whose SQL is made: its check, its arguments, and where it is written.
#[derive(Clone, Copy)]
struct Given<'a> {
    check: &'a Check,
    args: &'a Args,
    place: &'a Place,
}

impl Planner<'_> {
    /// A condition on one row; every expression of the user is checked alone first, so that none can leave its place.
    pub(super) fn predicate(
        &mut self,
        source: &str,
        check: &Check,
        args: &Args,
        place: &Place,
    ) -> Measured {
        let columns = self.scope.columns;
        let given = Given { check, args, place };
        let help = "write one boolean SQL expression over the columns";
        let alone = |_: &str, sql: &str| check_predicate(sql, columns);
        let Some(sql) = self.rendered(source, &given, help, &alone) else {
            return Measured::Metadata;
        };
        if let Err(reason) = check_predicate(&sql, columns) {
            self.invalid(check, place, &reason);
        }
        Measured::Rows(sql)
    }

    /// An aggregate expression over the dataset that gives one number.
    pub(super) fn value(
        &mut self,
        source: &str,
        check: &Check,
        args: &Args,
        place: &Place,
    ) -> Measured {
        let columns = self.scope.columns;
        let given = Given { check, args, place };
        let help = "write one SQL aggregate over the columns, such as SUM(a) - SUM(b)";
        let number = |sql: &str| -> Result<(), String> {
            let query = Query::parse_value(sql)?;
            query.check(&[(DATA, columns)])?;
            query.gives_number(columns)
        };
        let alone = |_: &str, sql: &str| part(sql, columns);
        let Some(sql) = self.rendered(source, &given, help, &alone) else {
            return Measured::Metadata;
        };
        if let Err(reason) = number(&sql) {
            let written = check.params.iter().find_map(|p| match args.get(&p.name) {
                Some(Arg::Expression(_)) => args.place(&p.name),
                _ => None,
            });
            self.invalid(check, written.unwrap_or(place), &reason);
        }
        Measured::Value(sql)
    }

    /// A `SELECT` over the dataset and others; a template that is nothing but a parameter stands for its text. An
    /// expression for a parameter `their_..` is over the columns of the other dataset.
    pub(super) fn groups(
        &mut self,
        source: &str,
        check: &Check,
        args: &Args,
        place: &Place,
    ) -> Measured {
        let whole = source
            .trim()
            .strip_prefix("{{")
            .and_then(|s| s.strip_suffix("}}"))
            .map(str::trim);
        let whole = whole.and_then(|name| Some((name, args.get(name)?)));
        let (sql, at) = if let Some((name, Arg::Expression(sql))) = whole {
            (Some(sql.clone()), args.place(name))
        } else {
            let (columns, help) = (self.scope.columns, "write one SQL expression");
            let given = Given { check, args, place };
            let theirs = args
                .text("dataset")
                .and_then(|name| self.scope.datasets.iter().find(|d| d.name == name));
            let theirs = theirs.map(|d| d.columns.as_slice());
            let alone = |name: &str, sql: &str| match theirs {
                Some(columns) if name.starts_with("their_") => part(sql, columns),
                _ => part(sql, columns),
            };
            (self.rendered(source, &given, help, &alone), None)
        };
        let Some(sql) = sql else {
            return Measured::Metadata;
        };
        match group_query(&sql, self.scope.columns, self.scope.datasets) {
            Ok(_) => Measured::Groups(sql),
            Err(reason) => {
                self.invalid(check, at.unwrap_or(place), &reason);
                Measured::Metadata
            }
        }
    }

    /// Values of an expectation that reads any personal column are not shown: names in an answer tell nothing.
    pub(super) fn privacy(&self, measure: &Measured, args: &Args) -> Privacy {
        let query = match measure {
            Measured::Value(sql) => Query::parse_value(sql).ok(),
            Measured::Groups(sql) => Query::parse_groups(sql).ok(),
            _ => None,
        };
        let mut read: Vec<String> = args.all_columns().into_iter().map(str::to_owned).collect();
        let others = &self.scope.datasets;
        let mut personal = false;
        if let Some(query) = query {
            read.extend(query.columns_of(self.scope.columns));
            personal = others
                .iter()
                .filter(|d| query.tables().contains(&d.name))
                .any(|d| {
                    query
                        .columns_of(&d.columns)
                        .iter()
                        .any(|c| d.personal.contains(c))
                });
        }
        let own = |c: &String| super::privacy(self.config, c) == Privacy::Personal;
        if personal || read.iter().any(own) {
            Privacy::Personal
        } else {
            Privacy::Open
        }
    }

    /// The SQL of a template, once every expression among the arguments holds for itself, of which `alone` judges by its
    /// parameter and its text; `None` with a problem added.
    fn rendered(
        &mut self,
        source: &str,
        given: &Given<'_>,
        help: &str,
        alone: &dyn Fn(&str, &str) -> Result<(), String>,
    ) -> Option<String> {
        let Given { check, args, place } = *given;
        for param in &check.params {
            let given = match args.get(&param.name) {
                Some(Arg::Expression(one)) => std::slice::from_ref(one),
                Some(Arg::Expressions(list)) => list.as_slice(),
                _ => &[],
            };
            if let Some(reason) = given.iter().find_map(|sql| alone(&param.name, sql).err()) {
                let at = args.place(&param.name).unwrap_or(place);
                self.problems.add(
                    Diagnostic::new("invalid-sql", reason)
                        .at(at, "here")
                        .help(help),
                );
                return None;
            }
        }
        let column = |name: &str| self.scope.column(name).map(|f| f.dtype.clone());
        match template::render_sql(source, check, args, &column) {
            Ok(sql) => Some(sql),
            Err(reason) => {
                self.problems.add(
                    Diagnostic::new("wrong-template", format!("check `{}`: {reason}", check.id))
                        .at(place, "used here"),
                );
                None
            }
        }
    }

    fn invalid(&mut self, check: &Check, place: &Place, reason: &str) {
        self.problems.add(
            Diagnostic::new("invalid-sql", format!("check `{}`: {reason}", check.id))
                .at(place, "used here"),
        );
    }
}

/// An expression inside a larger one: a condition on a row, or an aggregate.
fn part(sql: &str, columns: &[Field]) -> Result<(), String> {
    check_predicate(sql, columns).or_else(|_| Query::parse_value(sql)?.check(&[(DATA, columns)]))
}

/// Reads a group query and checks it; the dataset's own rows go by the name `data`.
fn group_query(sql: &str, columns: &[Field], others: &[OtherDataset]) -> Result<Query, String> {
    let query = Query::parse_groups(sql)?;
    let mut tables = vec![(DATA, columns)];
    let others = others.iter().filter(|d| d.name != DATA);
    tables.extend(others.map(|d| (d.name.as_str(), d.columns.as_slice())));
    query.check(&tables)?;
    if query.tables().iter().any(|t| t == DATA) {
        Ok(query)
    } else {
        Err(format!(
            "the query does not read `{DATA}`, the dataset that it is an expectation of"
        ))
    }
}
