//! The way back: the version that was champion before the last promotion that was not undone yet.

use super::drive::Sending;
use super::ending::made;
use super::{Effect, Outcome, Promotion, Wish, promoted, ticket};
use crate::config::Config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::registry::{self, Move, MoveKind, Registry, Seen, Target};
use chrono::SecondsFormat;

/// Moves the alias of a model back: to a version, or to the one before the last promotion that was not undone.
///
/// Errors: as for [`super::promote`]; [`Error::Refused`] where nothing was promoted, where the history and the alias do not
/// agree, or where a registry that names versions by their content never had the alias lead to the version.
pub fn rollback(
    config: &Config,
    model: &str,
    to: Option<&str>,
    wish: &Wish,
    context: &Context,
    tell: &mut dyn FnMut(&Promotion) -> Result<()>,
) -> Result<Promotion> {
    let (of, policy) = promoted(config, model)?;
    let registry_config = ticket::registry_of(config, policy)?;
    let target = ticket::target(of, policy, registry_config);
    let registry = registry::open(registry_config, target.clone(), &config.base, context)?;
    let shown = registry.shown();
    let seen = registry.look().map_err(|t| t.error("read", &shown))?;
    let to = wanted(registry.as_ref(), &target, to, &seen)?;
    let change = Move {
        id: String::new(),
        kind: MoveKind::Rollback,
        model: target.model,
        alias: target.alias,
        from: seen.version.clone(),
        to,
        at: context.now.to_rfc3339_opts(SecondsFormat::Secs, true),
        by: wish.by.clone(),
        reason: wish.reason.clone(),
        basis: None,
    }
    .identified();
    let begun = Promotion {
        name: model.to_owned(),
        registry: shown,
        safety: registry.safety().words().to_owned(),
        ended: Outcome::Begun,
        sentence: format!("{} has begun", change.words()),
        step: None,
        change: Some(change.clone()),
        refusals: Vec::new(),
        other: None,
        calls: Vec::new(),
    };
    if wish.effect == Effect::Dry {
        let from = change.from.as_deref().unwrap_or("none");
        return Ok(Promotion {
            ended: Outcome::Planned,
            sentence: format!(
                "`{}` of {} would be moved back from {from} to {}",
                change.alias, change.model, change.to
            ),
            calls: registry.calls(&change, &seen),
            ..begun
        });
    }
    made(
        registry.as_ref(),
        &change,
        None,
        begun,
        Sending::Allowed,
        tell,
    )
}

/// The version that is to become champion again: the named one, or the one before the last promotion that was not undone.
///
/// Errors: as for [`rollback`].
fn wanted(
    registry: &dyn Registry,
    target: &Target,
    to: Option<&str>,
    seen: &Seen,
) -> Result<String> {
    let shown = registry.shown();
    let read = |t: registry::Trouble| t.error("read", &shown);
    let to = match to {
        Some(version) => registry.named(version),
        None => before(&registry.past().map_err(read)?, seen.version.as_deref())
            .map_err(|reason| Error::Refused(format!("{shown}: {reason}")))?,
    };
    if registry.find(&to).map_err(read)?.is_none() {
        return Err(Error::Refused(format!(
            "{shown}: there is no version {to} of `{}` any more; name another with --to",
            target.model
        )));
    }
    if registry.by_content() {
        // A version of which something is known may be one whose promotion was refused or lost.
        let past = registry.past().map_err(read)?;
        if !past
            .iter()
            .any(|m| m.to == to || m.from.as_ref() == Some(&to))
        {
            return Err(Error::Refused(format!(
                "{shown}: `{}` of `{}` never led to {to}, which no gate let pass; `tollgate history promotions` names those \
                 that it led to",
                target.alias, target.model
            )));
        }
    }
    Ok(to)
}

/// Every move of the alias of a model that its registry knows, oldest first.
///
/// Errors: [`Error::Data`] when it cannot be read; [`Error::Refused`], [`Error::Usage`].
pub fn moves(config: &Config, model: &str, context: &Context) -> Result<Vec<Move>> {
    let (of, policy) = promoted(config, model)?;
    let registry_config = ticket::registry_of(config, policy)?;
    let target = ticket::target(of, policy, registry_config);
    let registry = registry::open(registry_config, target, &config.base, context)?;
    registry
        .past()
        .map_err(|t| t.error("read", &registry.shown()))
}

/// The version before the last promotion that no rollback undid.
///
/// Errors: why there is none.
fn before(past: &[Move], now: Option<&str>) -> std::result::Result<String, String> {
    let last = past
        .last()
        .ok_or("no move of the alias is known; name a version with --to")?;
    if Some(last.to.as_str()) != now {
        return Err(format!(
            "the alias leads to {}, and the last move that is known led to {}: something else moved it; name a version with \
             --to",
            now.unwrap_or("none"),
            last.to
        ));
    }
    let mut undone = 0_usize;
    for change in past.iter().rev() {
        match (change.kind, undone) {
            (MoveKind::Rollback, _) => undone += 1,
            // A way back that named its version may have undone several at once.
            (_, 0) if change.from.as_deref() == now => {}
            (_, 0) => {
                return change.from.clone().ok_or_else(|| {
                    format!(
                        "{} was the first champion; name a version with --to",
                        change.to
                    )
                });
            }
            (_, _) => undone -= 1,
        }
    }
    Err("every promotion was undone already; name a version with --to".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: MoveKind, from: Option<&str>, to: &str) -> Move {
        Move {
            id: String::new(),
            kind,
            model: "late".to_owned(),
            alias: "champion".to_owned(),
            from: from.map(str::to_owned),
            to: to.to_owned(),
            at: "2013-04-01T00:00:00Z".to_owned(),
            by: None,
            reason: None,
            basis: None,
        }
    }

    #[test]
    fn each_way_back_undoes_one_more_promotion() {
        use MoveKind::{Other, Promotion, Rollback};
        let mut past = vec![
            change(Promotion, None, "1"),
            change(Promotion, Some("1"), "2"),
            change(Other, Some("2"), "3"),
        ];
        assert_eq!(before(&past, Some("3")).unwrap(), "2");
        past.push(change(Rollback, Some("3"), "2"));
        assert_eq!(before(&past, Some("2")).unwrap(), "1");
        past.push(change(Rollback, Some("2"), "1"));
        assert!(
            before(&past, Some("1"))
                .unwrap_err()
                .contains("first champion")
        );
        past.push(change(Promotion, Some("1"), "4"));
        assert_eq!(before(&past, Some("4")).unwrap(), "1");
    }

    #[test]
    fn a_history_that_does_not_lead_to_the_champion_decides_nothing() {
        let past = [change(MoveKind::Promotion, None, "1")];
        assert!(
            before(&past, Some("2"))
                .unwrap_err()
                .contains("something else moved it")
        );
        assert!(before(&past, None).is_err());
        assert!(before(&[], None).is_err());
    }
}
