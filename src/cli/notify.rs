//! Tells what became of a run or a promotion to whom the configuration names; what cannot be told is a warning.

use crate::config::Config;
use crate::error::Error;
use crate::notify::{Meant, News, of_error, of_promotion, of_run, send};
use crate::promote::{Effect, Promotions, Wish};
use crate::record::Run;
use chrono::{DateTime, Utc};
use std::path::Path;

/// Tells of a run, by the configuration in a file.
pub(super) fn tell_run(config: &Path, run: &Run, now: DateTime<Utc>) {
    // The run has read the same file a moment ago.
    let Some(news) = of_run(run, super::sign::run_url().as_deref()) else {
        return;
    };
    if let Ok(config) = crate::config::load(config) {
        tell(&config, &[news], now);
    }
}

/// Tells that a run could not be evaluated; a mistake on the command line and an interruption are told to nobody else, and
/// a configuration that cannot be read names nobody.
pub(super) fn tell_unable(config: &Path, error: &Error, now: DateTime<Utc>) {
    let Ok(config) = crate::config::load(config) else {
        return;
    };
    if let Some(news) = of_error(error, super::sign::run_url().as_deref()) {
        tell(&config, &[news], now);
    }
}

/// Tells of promotions or ways back that were not only tried out.
pub(super) fn tell_promotions(
    config: &Config,
    all: &Promotions,
    meant: Meant,
    wish: &Wish,
    now: DateTime<Utc>,
) {
    if wish.effect == Effect::Real {
        let url = wish.url.as_deref();
        let all = all.promotions.iter();
        let news: Vec<News> = all.filter_map(|p| of_promotion(p, meant, url)).collect();
        tell(config, &news, now);
    }
}

fn tell(config: &Config, news: &[News], now: DateTime<Utc>) {
    for line in send(config, news, now) {
        super::tell(&format!("warning: {line}"));
    }
}
