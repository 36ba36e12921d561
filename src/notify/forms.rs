//! News in the forms that receivers take.

use super::News;
use crate::report::text::{hex, short};
use chrono::{DateTime, Utc};
use ring::hmac;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Characters of a header, of a section, and blocks. Source: Slack's reference of Block Kit, from memory.
const SLACK: (usize, usize, usize) = (150, 3000, 50);

/// Characters of a card at most: Teams takes messages of about 28 KB. Source: Microsoft's limits of Teams, from memory.
const CARD: usize = 6000;

/// A message for an incoming webhook of Slack's. Texts are plain, so that nothing in them is a link or calls somebody.
#[must_use]
pub fn slack(news: &News) -> Value {
    let (header, section, most) = SLACK;
    let plain = |text: &str, limit| json!({"type": "plain_text", "text": short(text, limit), "emoji": false});
    let mut blocks = vec![json!({"type": "header", "text": plain(&news.title, header)})];
    // A block for the title, and one for the job.
    for part in parts(&news.lines, section).into_iter().take(most - 2) {
        blocks.push(json!({"type": "section", "text": plain(&part, section)}));
    }
    if let Some(url) = news.url.as_ref().filter(|u| !u.contains(['<', '>', '|'])) {
        let link = json!({"type": "mrkdwn", "text": format!("<{url}|the job>")});
        blocks.push(json!({"type": "context", "elements": [link]}));
    }
    // Read where blocks cannot be shown, as on a lock screen; these three characters are all that Slack acts on.
    let text = news
        .title
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    json!({"text": text, "blocks": blocks})
}

/// Lines in as few texts as possible, of at most so many characters each.
fn parts(lines: &[String], most: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in lines {
        let line = short(line, most);
        match all.last_mut() {
            Some(last) if last.chars().count() + 1 + line.chars().count() <= most => {
                last.push('\n');
                last.push_str(&line);
            }
            _ => all.push(line),
        }
    }
    all.retain(|part| !part.is_empty());
    all
}

/// A message for a workflow of Teams: an adaptive card. Its texts are runs, in which nothing is markup.
#[must_use]
pub fn teams(news: &News) -> Value {
    let run = |text: &str, weight: &str| {
        let inlines = json!([{"type": "TextRun", "text": text, "weight": weight}]);
        json!({"type": "RichTextBlock", "inlines": inlines})
    };
    let mut body = vec![run(&news.title, "Bolder")];
    let mut left = CARD;
    for line in &news.lines {
        let length = line.chars().count();
        if length > left {
            body.push(run("…", "Default"));
            break;
        }
        left -= length;
        body.push(run(line, "Default"));
    }
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    });
    if let Some(url) = &news.url {
        card["actions"] = json!([{"type": "Action.OpenUrl", "title": "The job", "url": url}]);
    }
    let form = "application/vnd.microsoft.card.adaptive";
    json!({"type": "message", "attachments": [{"contentType": form, "contentUrl": null, "content": card}]})
}

/// The body of a webhook of one's own.
#[must_use]
pub fn webhook(news: &News) -> Value {
    json!({
        "version": 1,
        "event": news.event.word(),
        "title": news.title,
        "lines": news.lines,
        "url": news.url,
        "tollgate": env!("CARGO_PKG_VERSION"),
    })
}

/// The headers that sign a webhook: `v1=` and the HMAC-SHA256 of `ID.TIMESTAMP.BODY` in hexadecimal.
///
/// The id is made of time and body, so that one message has one id; the timestamp is in seconds since 1970.
#[must_use]
pub fn signature(secret: &str, body: &str, now: DateTime<Utc>) -> Vec<(&'static str, String)> {
    let time = now.timestamp().to_string();
    let mut id = hex(&Sha256::digest(format!("{time}.{body}")));
    id.truncate(32);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signed = hmac::sign(&key, format!("{id}.{time}.{body}").as_bytes());
    vec![
        (
            "X-Tollgate-Signature",
            format!("v1={}", hex(signed.as_ref())),
        ),
        ("X-Tollgate-Id", id),
        ("X-Tollgate-Timestamp", time),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::Event;
    use super::*;

    fn news(lines: usize, length: usize) -> News {
        News {
            event: Event::Failed,
            title: "<!channel> & \u{e9}".repeat(40),
            lines: (0..lines).map(|_| "é".repeat(length)).collect(),
            url: Some("https://ci.example/1".to_owned()),
        }
    }

    #[test]
    fn slack_takes_what_is_sent() {
        for (lines, length) in [(0, 0), (3, 10), (200, 2999), (1, 9000), (500, 300)] {
            let message = slack(&news(lines, length));
            let blocks = message["blocks"].as_array().unwrap();
            assert!(blocks.len() <= 50, "{}", blocks.len());
            for block in blocks {
                let text = block["text"]["text"].as_str().unwrap_or_default();
                let most = if block["type"] == "header" { 150 } else { 3000 };
                assert!(text.chars().count() <= most);
                assert!(block["type"] == "context" || block["text"]["type"] == "plain_text");
                assert!(block["type"] == "context" || !text.is_empty());
            }
            assert!(!message["text"].as_str().unwrap().contains('<'));
        }
    }

    #[test]
    fn teams_takes_what_is_sent() {
        let message = teams(&news(500, 300));
        assert!(
            message.to_string().len() < 28_000,
            "{}",
            message.to_string().len()
        );
        let card = &message["attachments"][0]["content"];
        assert_eq!(card["body"][0]["inlines"][0]["weight"], "Bolder");
        assert_eq!(card["actions"][0]["url"], "https://ci.example/1");
    }

    #[test]
    fn a_signature_is_that_of_other_programs() {
        let now = DateTime::from_timestamp(7, 0).unwrap();
        let headers = signature("k", "{}", now);
        // printf '7.{}' | sha256sum; printf 'ID.7.{}' | openssl dgst -sha256 -hmac k
        let id = "4b5bd3b0089cce1dbc1b5a563e95bcda";
        assert_eq!(headers[1].1, id);
        assert_eq!(
            headers[0].1,
            "v1=fc915c25e1910d6dca70b4068c13c9a2c7aee1d52be6b49096192aa6d68e9a8d"
        );
    }
}
