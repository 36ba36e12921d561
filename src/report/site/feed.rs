//! The feed: each change of a verdict and each promotion.

use super::super::text::{clip, line, xml};
use super::subject::{Kind, Subject};
use super::track::Stand;
use super::{Archive, Asked, Moved, names, words};
use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt::Write as _;

/// Entries at most, the latest ones: readers look for what is new, and keep what they have seen.
const ENTRIES: usize = 200;
/// Promises named in an entry.
const NAMED: usize = 8;

struct Entry {
    at: DateTime<Utc>,
    id: String,
    title: String,
    link: String,
    text: String,
}

/// The feed as Atom. The id of an entry depends on what it tells alone, so that it stays when the site is made again.
///
/// Source: RFC 4287 (from memory).
pub(super) fn atom(archive: &Archive, moves: &[&Moved], asked: &Asked) -> String {
    let mut entries: Vec<Entry> = archive
        .subjects
        .iter()
        .flat_map(|((kind, name), subject)| changes(*kind, name, subject))
        .collect();
    entries.extend(moves.iter().map(|m| moved(archive, m)));
    entries.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    entries.truncate(ENTRIES);
    let base = asked
        .address
        .as_deref()
        .map(|a| format!("{}/", a.trim_end_matches('/')));
    let base = base.unwrap_or_default();
    let updated = entries.first().map_or(asked.now, |e| e.at);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<title>{}</title>\n\
         <id>{}</id>\n<updated>{}</updated>\n<author><name>tollgate</name></author>\n",
        xml(&clip(&asked.title, 200)),
        // Sites of two repositories are mostly called the same.
        match asked.address.as_deref() {
            Some(address) => names::urn(&["feed", &asked.title, address]),
            None => names::urn(&["feed", &asked.title]),
        },
        time(updated)
    );
    for (rel, file) in [("self", "feed.xml"), ("alternate", "index.html")] {
        let address = xml(&format!("{base}{file}"));
        writeln!(text, "<link rel=\"{rel}\" href=\"{address}\"/>").expect(INFALLIBLE);
    }
    for entry in &entries {
        write!(
            text,
            "<entry>\n<title>{}</title>\n<id>{}</id>\n<updated>{}</updated>\n<link href=\"{}\"/>\n<content type=\"text\">{}</content>\n</entry>\n",
            xml(&entry.title),
            entry.id,
            time(entry.at),
            xml(&format!("{base}{}", entry.link)),
            xml(&entry.text)
        )
        .expect(INFALLIBLE);
    }
    text.push_str("</feed>\n");
    text
}

const INFALLIBLE: &str = "writing to a String cannot fail";

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Every run whose verdict is another than that of the run before. The first run that is known is no change.
fn changes(kind: Kind, name: &str, subject: &Subject) -> Vec<Entry> {
    let pairs = subject.nights.windows(2).enumerate();
    let changed = pairs.filter(|(_, pair)| pair[0].status != pair[1].status);
    let changed: Vec<_> = changed.collect();
    let last = changed.len().saturating_sub(ENTRIES);
    let entry = |(place, pair): &(usize, &[super::track::Night])| {
        let (before, now) = (&pair[0], &pair[1]);
        let at = time(now.at);
        let status = now.status.word();
        Entry {
            at: now.at,
            id: names::urn(&["verdict", kind.word(), name, &at, status]),
            title: format!(
                "{}: {status}, was {}",
                clip(&line(name), 80),
                before.status.word()
            ),
            link: names::page(kind, name),
            text: broken_then(subject, place + 1),
        }
    };
    changed[last..].iter().map(entry).collect()
}

/// What was broken in a night.
fn broken_then(subject: &Subject, night: usize) -> String {
    let then = |track: &super::track::Track| {
        let found = track.points.binary_search_by_key(&night, |p| p.night);
        found.is_ok_and(|i| Stand::of(track.points[i].status) == Stand::Broken)
    };
    let ids = subject.promises.iter().filter(|(_, t)| then(t));
    let ids: Vec<&String> = ids.map(|(id, _)| id).collect();
    let shown: Vec<String> = ids
        .iter()
        .take(NAMED)
        .map(|id| clip(&line(id), 120))
        .collect();
    let more = match ids.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    match ids.len() {
        0 => "Nothing is broken.".to_owned(),
        n => format!("{n} broken or not evaluated: {}{more}.", shown.join(", ")),
    }
}

fn moved(archive: &Archive, moved: &Moved) -> Entry {
    let known = archive
        .subjects
        .contains_key(&(Kind::Model, moved.name.clone()));
    let change = &moved.change;
    let mut text = format!("{} at {}", change.words(), words::minute(moved.at));
    if let Some(by) = &change.by {
        write!(text, " by {by}").expect(INFALLIBLE);
    }
    if let Some(reason) = &change.reason {
        write!(text, ": {reason}").expect(INFALLIBLE);
    }
    Entry {
        at: moved.at,
        id: names::urn(&["move", &moved.name, &change.id]),
        title: clip(
            &line(&format!("{}: {}", change.kind.word(), change.words())),
            200,
        ),
        link: if known {
            names::page(Kind::Model, &moved.name)
        } else {
            "index.html".to_owned()
        },
        text: clip(&line(&text), 500),
    }
}
