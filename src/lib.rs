//! tollgate: a quality gate for data and models in CI.
//!
//! The walk: `tollgate.yaml` is loaded into a `config::Config`; with the `catalogue::Catalogue` of checks and the
//! datasets' schemas it becomes a `plan::Plan`, in which nothing is left to resolve. The `engine` is the only part
//! that reads data: it turns the plan into states. `evaluate` turns states into outcomes, `verdict` outcomes into
//! one verdict, `record` all of it into one `record::Run`, and `report` renders that run for people and machines. `promote`
//! moves the alias of a `registry` on that evidence, or says why not.

pub mod aside;
mod aws;
pub mod catalogue;
pub mod ci;
pub mod cli;
pub mod config;
pub mod context;
pub mod contract;
pub mod detect;
pub mod diagnostic;
pub mod docs;
pub mod doctor;
pub mod drift;
pub mod engine;
pub mod error;
pub mod evaluate;
pub mod evidence;
pub mod facts;
pub mod formats;
pub mod history;
pub mod http;
pub mod measure;
pub mod model;
pub mod naming;
pub mod notify;
pub mod only;
pub mod outcomes;
pub mod plan;
pub mod progress;
pub mod promote;
pub mod record;
pub mod redact;
pub mod registry;
pub mod replay;
pub mod report;
pub mod run;
pub mod scalar;
pub mod schema;
pub mod selftest;
pub mod sql;
pub mod statistics;
pub mod types;
pub mod verdict;
pub mod waiver;
