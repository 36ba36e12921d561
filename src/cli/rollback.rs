//! `tollgate rollback`: the alias of a registry moves back to the version before.

use super::promote::{Mover, Promoter, is_recorded, recorded, said};
use super::{Global, notify};
use crate::error::{Error, Result};
use crate::notify::Meant;
use crate::promote::{Promotion, rollback::rollback};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, where the configuration promotes several.
    model: Option<String>,
    /// The configuration.
    #[arg(long, default_value = "tollgate.yaml")]
    config: PathBuf,
    /// The version that becomes champion; the one before the last promotion that was not undone where nothing is said.
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    #[command(flatten)]
    mover: Mover,
    /// File for the record.
    #[arg(long, short, default_value = "rollback.json")]
    output: PathBuf,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let config = crate::config::load(&self.config)?;
        let models = config.models.iter().filter(|m| m.promote.is_some());
        let names: Vec<&str> = models.map(|m| m.name.as_str()).collect();
        let model = match (&self.model, names.as_slice()) {
            (Some(model), _) => model.as_str(),
            (None, [one]) => one,
            (None, []) => {
                return Err(Error::Usage(format!(
                    "{} promotes no model",
                    config.file.path
                )));
            }
            (None, several) => {
                let names = several.join(", ");
                return Err(Error::Usage(format!("which model: {names}?")));
            }
        };
        crate::promote::promoted(&config, model)?;
        let (wish, context) = (self.mover.wish(), self.mover.context(global));
        let writer = Promoter {
            config: &config,
            wish: &wish,
            context: &context,
            output: &self.output,
        };
        let mut all = recorded(None);
        let mut last = None;
        let mut tell = |one: &Promotion| {
            last = Some(one.clone());
            writer.tell(&all, one)
        };
        let ended = rollback(
            &config,
            model,
            self.to.as_deref(),
            &wish,
            &context,
            &mut tell,
        );
        let (one, ended) = match ended {
            Ok(one) => (one, Ok(())),
            Err(error) if is_recorded(&error) => {
                let one = writer.ended(model, last, &error);
                // The error that was first is the one that is said.
                let _ = writer.tell(&all, &one);
                (one, Err(error))
            }
            Err(error) => return Err(error),
        };
        all.promotions.push(one);
        notify::tell_promotions(&config, &all, Meant::Back, &wish, context.now);
        ended.and_then(|()| said(&all, global))
    }
}
