//! Keys, tokens and passwords, by the forms in which services issue them.

use super::Kind;
use super::personal::pattern;
use regex::Regex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

static AWS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"));
static GCP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\bAIza[0-9A-Za-z_-]{35}|\bGOCSPX-[0-9A-Za-z_-]{28}|\bya29\.[0-9A-Za-z_-]{20,}")
});
static AZURE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{43,}={1,2}"));
static GITHUB: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\bgh[pousr]_[0-9A-Za-z]{36}|\bgithub_pat_[0-9A-Za-z_]{82}"));
static SLACK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bxox[abprs]-[0-9A-Za-z-]{10,}|https://hooks\.slack\.com/services/[A-Z0-9]+/[A-Z0-9]+/[0-9A-Za-z]+",
    )
});
static STRIPE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,}"));
/// The first two parts begin with `{"` in base 64.
static JWT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\beyJ[0-9A-Za-z_-]{5,}\.eyJ[0-9A-Za-z_-]{5,}\.[0-9A-Za-z_-]{10,}"));
static PEM: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"));
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:[^\s/@]+@[^\s/@]+"));
static ENTRIES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:server|host|data source|endpoint)\s*=[^;]+;(?:.*;)?\s*(?:password|pwd)\s*=\s*[^;\s]+",
    )
});
static RUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9A-Za-z+/_-]{20,}"));

/// Where a secret of a kind stands in a text.
pub(super) fn of(kind: Kind, text: &str) -> Option<Range<usize>> {
    let first = |pattern: &Regex| pattern.find(text).map(|m| m.range());
    match kind {
        Kind::Aws => first(&AWS),
        Kind::Gcp => first(&GCP),
        Kind::Azure => first(&AZURE),
        Kind::GitHub => first(&GITHUB),
        Kind::Slack => first(&SLACK),
        Kind::Stripe => first(&STRIPE),
        Kind::Jwt => first(&JWT),
        // The key itself follows what tells it.
        Kind::PrivateKey => first(&PEM).map(|found| found.start..text.len()),
        Kind::Connection => first(&ADDRESS).or_else(|| first(&ENTRIES)),
        Kind::Entropy => {
            let mut all = RUN.find_iter(text);
            all.find(|m| is_random(m.as_str())).map(|m| m.range())
        }
        _ => None,
    }
}

/// Digits and letters of both cases, of 4 bits a character or more.
fn is_random(text: &str) -> bool {
    let has = |test: fn(&char) -> bool| text.chars().any(|c| test(&c));
    has(char::is_ascii_digit)
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && entropy(text) >= 4.0
}

/// Shannon entropy of the characters of a text, in bits a character; 0 for the empty text.
///
/// Source: Shannon (1948), equation for H with the text's own frequencies.
#[expect(
    clippy::cast_precision_loss,
    reason = "texts are far shorter than 2^53 characters"
)]
fn entropy(text: &str) -> f64 {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    text.chars()
        .for_each(|c| *counts.entry(c).or_default() += 1);
    let all = text.chars().count() as f64;
    let shares = counts.values().map(|n| *n as f64 / all);
    shares.map(|p| -p * p.log2()).sum()
}
