//! One dataset's plan: the contract's columns become expectations, every expectation becomes measurable or a problem.

use super::against::{Against, columns_exist, not_promised};
use super::bind::{self, Scope, places};
use super::common::Common;
use super::samples::{self, Samples};
use super::{DatasetPlan, Measured, OtherDataset, Planned};
use crate::catalogue::argument::{Arg, Args};
use crate::catalogue::{Catalogue, Check, Measure, ParamKind, Statistic};
use crate::config::DatasetConfig;
use crate::config::fields::Problems;
use crate::contract::{Contract, Expectation, ExtraColumns, Presence};
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::record::{IMPLIED, Severity};
use crate::types::{Field, LogicalType, Schema};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Arc;

/// Plans one dataset; every problem is added.
pub fn plan_dataset(
    config: &DatasetConfig,
    catalogue: &Catalogue,
    (schema, columns): (Schema, Vec<Field>),
    datasets: &[OtherDataset],
    now: DateTime<Utc>,
    problems: &mut Problems,
) -> DatasetPlan {
    let declared: Vec<String> = config
        .contract
        .iter()
        .flat_map(|c| c.columns.iter().map(|d| d.name.clone()))
        .collect();
    let mistyped = mistyped(config, &columns);
    let mut scope = Scope {
        columns: &columns,
        places: places(&columns),
        declared: &declared,
        mistyped: &mistyped,
        datasets,
        environments: config.contract.as_ref().map_or(&[], |c| &c.environments),
        samples: Samples::default(),
        base: folder_of(config),
        now,
    };
    scope.samples = samples::of_dataset(config, &scope, problems);
    let mut planner = Planner {
        config,
        catalogue,
        schema: &schema,
        scope,
        problems,
        planned: Vec::new(),
        named: HashMap::new(),
    };
    planner.not_empty();
    columns_exist(config, &columns, planner.problems);
    if let Some(contract) = &config.contract {
        planner.promised_columns(contract);
        planner.patterns(&contract.patterns);
        let apart = not_promised(config, planner.environment());
        for expectation in &contract.expect {
            planner.expectation(expectation, &apart);
        }
    }
    config
        .expect
        .iter()
        .for_each(|e| planner.expectation(e, &[]));
    let expectations = planner.planned;
    DatasetPlan {
        config: config.clone(),
        schema,
        columns,
        expectations,
        against: Against::default(),
    }
}

/// The folder of `tollgate.yaml`; paths in arguments are relative to it.
fn folder_of(config: &DatasetConfig) -> &std::path::Path {
    let file = std::path::Path::new(&config.place.file.path);
    file.parent().unwrap_or(std::path::Path::new(""))
}

/// Columns whose type is not the declared one: nothing but the type is judged about them.
fn mistyped(config: &DatasetConfig, columns: &[Field]) -> Vec<(String, String)> {
    let environment = config.environment.as_ref().map(|(name, _)| name.as_str());
    let declared = config.contract.iter().flat_map(|c| &c.columns);
    declared
        .filter(|d| d.is_in(environment))
        .filter_map(|d| {
            let (pattern, _) = d.dtype.as_ref()?;
            let field = columns.iter().find(|f| f.name == d.name)?;
            let wrong = !pattern.accepts(&field.dtype);
            wrong.then(|| {
                let what = format!(
                    "`{}` is {}, the contract says {pattern}",
                    d.name, field.dtype
                );
                (d.name.clone(), what)
            })
        })
        .collect()
}

/// Why nothing but the type of a struct is looked at.
fn only_by_path(whole: &Field) -> String {
    let inner = match &whole.dtype {
        LogicalType::Struct(fields) => fields.first().map(|(name, _)| name.as_str()),
        _ => None,
    };
    let (name, inner) = (&whole.name, inner.unwrap_or("field"));
    format!("`{name}` is a struct, whose fields are looked at by path, such as `{name}.{inner}`")
}

/// That the catalogue has no such check, with those that are nearest.
pub(super) fn unknown_check(expectation: &Expectation, catalogue: &Catalogue) -> Diagnostic {
    let help = match expectation.check.as_str() {
        "use" => "sets are named beside `expect`, not in it: `use: [SET]`".to_owned(),
        check => format!(
            "{}; `tollgate checks` lists all",
            listing("checks", check, catalogue.ids())
        ),
    };
    let message = format!("there is no check `{}`", expectation.check);
    let problem = Diagnostic::new("unknown-check", message);
    let problem = problem.at(&expectation.place, "not in the catalogue");
    problem.help(help)
}

/// What the expectations of one dataset are planned with.
pub(super) struct Planner<'a> {
    pub(super) config: &'a DatasetConfig,
    pub(super) catalogue: &'a Catalogue,
    /// Top-level columns, structs as they are.
    schema: &'a Schema,
    pub(super) scope: Scope<'a>,
    pub(super) problems: &'a mut Problems,
    planned: Vec<Planned>,
    /// How many expectations have each id so far.
    named: HashMap<String, usize>,
}

impl Planner<'_> {
    /// A dataset without rows fails unless it may be empty.
    fn not_empty(&mut self) {
        if self.config.empty == crate::config::dataset::EmptyDataset::Fails {
            let one = Arg::Scalar(crate::scalar::Scalar::Int(crate::scalar::Integer(1)));
            self.implied(
                "row_count",
                &[("min", one)],
                &self.config.path.place,
                Severity::Error,
            );
        }
    }

    /// The environment of the dataset.
    pub(super) fn environment(&self) -> Option<&str> {
        let environment = self.config.environment.as_ref();
        environment.map(|(name, _)| name.as_str())
    }

    /// Whether an expectation is promised in the dataset's environment; without one, every one is.
    pub(super) fn is_here(&self, common: &Common) -> bool {
        let here = self.environment();
        common.environments.is_empty()
            || here.is_none_or(|here| common.environments.iter().any(|e| e == here))
    }

    fn promised_columns(&mut self, contract: &Contract) {
        if let Some(place) = &contract.columns_place {
            let required = contract
                .columns
                .iter()
                .filter(|c| c.required == Presence::Required && c.is_in(self.environment()))
                .map(|c| c.name.clone())
                .collect();
            let top = |name: &String| name.split('.').next().unwrap_or_default().to_owned();
            let known: Vec<String> = contract.columns.iter().map(|c| top(&c.name)).collect();
            let missing = vec![
                ("columns", Arg::Texts(required)),
                ("mode", Arg::Word("superset".to_owned())),
            ];
            self.implied("columns_match", &missing, place, Severity::Error);
            if contract.extra_columns != ExtraColumns::Allow {
                let severity = match contract.extra_columns {
                    ExtraColumns::Fail => Severity::Error,
                    _ => Severity::Warn,
                };
                let extra = vec![
                    ("columns", Arg::Texts(known)),
                    ("mode", Arg::Word("subset".to_owned())),
                ];
                self.implied("columns_match", &extra, place, severity);
            }
        }
        for column in &contract.columns {
            let of = || ("column", Arg::Column(column.name.clone()));
            let optional_and_absent =
                column.required == Presence::Optional && self.scope.column(&column.name).is_none();
            if optional_and_absent || !column.is_in(self.environment()) {
                continue;
            }
            if let Some((pattern, place)) = &column.dtype {
                let args = vec![of(), ("type", Arg::TypeList(vec![pattern.clone()]))];
                self.implied("column_type", &args, place, Severity::Error);
            }
            if let Some(place) = &column.not_null {
                self.implied("not_null", &[of()], place, Severity::Error);
            }
            if let Some(place) = &column.unique {
                let args = vec![("columns", Arg::Columns(vec![column.name.clone()]))];
                self.implied("unique_key", &args, place, Severity::Error);
            }
            column.expect.iter().for_each(|e| self.expectation(e, &[]));
        }
        if let Some((key, place)) = &contract.key {
            self.known(key, place);
            self.key_is_promised(contract, key, place);
            let args = vec![("columns", Arg::Columns(key.clone()))];
            self.implied("primary_key", &args, place, Severity::Error);
        }
    }

    /// A key may name columns that the contract declares or the data has.
    fn known(&mut self, key: &[String], place: &Place) {
        for name in key {
            let known = self.scope.columns.iter().any(|f| f.name == *name)
                || self.scope.declared.contains(name);
            if !known {
                let columns = self.scope.columns.iter().map(|f| f.name.as_str());
                self.problems.add(
                    Diagnostic::new("unknown-column", format!("`key` names no column: `{name}`"))
                        .at(place, "neither in the data nor declared in the contract")
                        .help(listing("columns", name, columns)),
                );
            }
        }
    }

    /// A key may not name columns that the contract does not promise in the dataset's environment.
    fn key_is_promised(&mut self, contract: &Contract, key: &[String], place: &Place) {
        let environment = self.environment().map(str::to_owned);
        let columns = contract.columns.iter();
        let apart = columns.filter(|c| key.contains(&c.name) && !c.is_in(environment.as_deref()));
        for column in apart {
            let environment = environment.as_deref().unwrap_or_default();
            self.problems.add(
                Diagnostic::new(
                    "unknown-column",
                    format!(
                        "`key` names `{}`, which is not promised in {environment}",
                        column.name
                    ),
                )
                .at(place, "no key there")
                .help("a key has columns that are promised in every environment"),
            );
        }
    }

    fn implied(&mut self, id: &str, given: &[(&str, Arg)], place: &Place, severity: Severity) {
        let Some(check) = self.catalogue.check(id).cloned() else {
            return;
        };
        let mut args = Args::default();
        for param in &check.params {
            if let Some((_, arg)) = given.iter().find(|(name, _)| *name == param.name) {
                args.0
                    .push((param.name.clone(), arg.clone(), Some(place.clone())));
            } else if let Some(crate::config::tree::Value::Text(word)) =
                param.default.as_ref().map(|d| &d.value)
            {
                args.0
                    .push((param.name.clone(), Arg::Word(word.clone()), None));
            }
        }
        // A promise that nobody wrote does not make a run one that evaluated something.
        let unwritten = id == "row_count";
        let common = Common {
            severity,
            tags: unwritten.then(|| IMPLIED.to_owned()).into_iter().collect(),
            samples: self.scope.samples.clone(),
            ..Common::default()
        };
        self.add(&check, args, common, place);
    }

    /// Plans what is written, unless it is about columns of `apart`, which are not promised here.
    pub(super) fn expectation(&mut self, expectation: &Expectation, apart: &[String]) {
        let Some(check) = self.catalogue.check(&expectation.check).cloned() else {
            let problem = unknown_check(expectation, self.catalogue);
            self.problems.add(problem);
            return;
        };
        if let Some(written) = super::template::written(&check, expectation) {
            self.templated(&check, expectation, (written, apart));
            return;
        }
        let bound = bind::bind(
            &check,
            &expectation.place,
            expectation.args.as_ref(),
            expectation.column.as_deref(),
            &self.scope,
            self.problems,
        );
        let is_apart = |args: &Args| {
            let mut columns = args.all_columns().into_iter();
            columns.any(|c| apart.iter().any(|name| name == c))
        };
        let bound = bound.filter(|(args, common)| !is_apart(args) && self.is_here(common));
        if let Some((args, mut common)) = bound {
            common.pattern.clone_from(&expectation.pattern);
            let (name, place) = (&self.config.name, &expectation.place);
            let idle = super::exact::of_itself(name, &check.id, &args, place);
            self.problems.0.extend(idle);
            self.problems
                .0
                .extend(super::fitting::without_history(self.config, &check, place));
            for common in super::slices::expand(&check, common, self.scope.columns, self.problems) {
                self.add(&check, args.clone(), common, &expectation.place);
            }
        }
    }

    fn add(&mut self, check: &Arc<Check>, args: Args, common: Common, place: &Place) {
        let mut id = format!("{}.{}", self.config.name, check.id);
        let columns = args.all_columns();
        if !columns.is_empty() {
            id = format!("{id}({})", columns.join(", "));
        }
        if let Some(slice) = &common.slice {
            id = format!("{id}[{slice}]");
        }
        self.push(id, check, (args, common), place);
    }

    /// Adds what is called `id`; of several with one name, those behind the first are numbered.
    pub(super) fn push(
        &mut self,
        mut id: String,
        check: &Arc<Check>,
        (args, mut common): (Args, Common),
        place: &Place,
    ) {
        let contract = self.config.contract.as_ref();
        common.owner = common
            .owner
            .or_else(|| contract.and_then(|c| c.owner.clone()));
        let impossible = self.impossible(check, &args);
        let measure = match (&common.no_match, impossible) {
            (Some((_, what)), _) => Measured::Impossible(what.clone()),
            (None, Some(reason)) => Measured::Impossible(reason),
            (None, None) => self.measured(check, &args, &common, place),
        };
        // By its own name, and not by a look at all others: a wide dataset has tens of thousands.
        let times = self.named.entry(id.clone()).or_insert(0_usize);
        *times += 1;
        if *times > 1 {
            id = format!("{id}#{times}");
        }
        self.planned.push(Planned {
            id,
            privacy: self.privacy(&measure, &args),
            check: Arc::clone(check),
            args,
            common,
            measure,
            location: place.location(),
        });
    }

    /// Declared columns that the data lacks, or has in a type that the check cannot look at.
    fn impossible(&self, check: &Check, args: &Args) -> Option<String> {
        if let Some(reason) = super::keys::differing(check, args, &self.scope) {
            return Some(reason);
        }
        let is_type = matches!(check.measure, Measure::Statistic(s) if s.is_schema());
        let typed = |name: &str| self.scope.mistyped.iter().find(|(n, _)| n == name);
        for param in &check.params {
            for name in args.columns(&param.name) {
                let Some(field) = self.scope.column(&name) else {
                    match self.schema.field(&name) {
                        Some(_) if is_type => continue,
                        Some(whole) => return Some(only_by_path(whole)),
                        None => return Some(format!("the dataset has no column `{name}`")),
                    }
                };
                if let Some((_, what)) = typed(&name).filter(|_| !is_type && check.id != "not_null")
                {
                    return Some(what.clone());
                }
                if let ParamKind::Column(class) = param.kind
                    && !class.accepts(&field.dtype)
                {
                    return Some(format!(
                        "`{name}` is {}, the check needs {}",
                        field.dtype,
                        class.wanted()
                    ));
                }
            }
        }
        None
    }

    fn measured(&mut self, check: &Check, args: &Args, common: &Common, place: &Place) -> Measured {
        self.filter(check, common);
        match &check.measure {
            Measure::Profile { measure, .. } if measure == "nulls" && self.is_nested(args) => {
                Measured::Profile {
                    column: args.column("column").map(str::to_owned),
                    measure: measure.clone(),
                }
            }
            Measure::Rows(source)
            | Measure::Profile {
                rows: Some(source), ..
            } => self.predicate(source, check, args, place),
            Measure::Profile { measure, .. }
                if ["distinct", "most_common_ratio"].contains(&measure.as_str()) =>
            {
                Measured::Kernel
            }
            Measure::Profile {
                measure,
                rows: None,
            } => Measured::Profile {
                column: args.column("column").map(str::to_owned),
                measure: match args.get("ddof") {
                    Some(ddof) if ddof.to_string() != "1" => format!("{measure}/{ddof}"),
                    _ => measure.clone(),
                },
            },
            Measure::Statistic(statistic) if statistic.is_metadata() => Measured::Metadata,
            Measure::Statistic(
                statistic @ (Statistic::DataFresh | Statistic::FreshBy | Statistic::Retention),
            ) => Measured::Profile {
                column: args.column("column").map(str::to_owned),
                measure: match statistic {
                    Statistic::Retention => "min".to_owned(),
                    _ => "max".to_owned(),
                },
            },
            Measure::Statistic(Statistic::ForeignKey) => {
                super::keys::exist(check, args, place, &self.scope, self.problems);
                Measured::Kernel
            }
            Measure::Statistic(_) => Measured::Kernel,
            Measure::Groups(sql) => self.groups(sql, check, args, place),
            Measure::Value(sql) => self.value(sql, check, args, place),
        }
    }

    /// Whether the column looked at holds lists or maps, which SQL does not see; their nulls are counted all the same.
    fn is_nested(&self, args: &Args) -> bool {
        let field = args.column("column").and_then(|c| self.scope.column(c));
        field.is_some_and(|f| f.dtype.is_nested())
    }

    /// The filter is a condition, and on a check that looks at rows.
    fn filter(&mut self, check: &Check, common: &Common) {
        let Some((sql, place)) = &common.filter else {
            return;
        };
        if let Err(reason) =
            crate::engine::embedded::relational::check_predicate(sql, self.scope.columns)
        {
            self.problems.add(
                Diagnostic::new("invalid-sql", format!("`where`: {reason}")).at(place, "here"),
            );
        }
        if !check.looks_at_rows() {
            let what = format!("`where` keeps rows, and `{}` looks at none", check.id);
            self.problems.add(
                Diagnostic::new("useless-argument", what)
                    .at(place, "would have no effect")
                    .help("remove it"),
            );
        }
    }
}
