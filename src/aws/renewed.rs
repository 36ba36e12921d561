//! Credentials that count for a time: asked for anew before it is over, within a run as between runs.

use super::elsewhere::{Elsewhere, SPARE, given};
use super::settings::Credentials;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Mutex, PoisonError};

/// How long credentials that could not be renewed, and still count, are used before they are asked for again.
const LATER: TimeDelta = TimeDelta::minutes(1);

/// Credentials of somebody who must be asked, and until when they count.
pub(super) struct Renewed {
    from: Elsewhere,
    kept: Mutex<Kept>,
}

struct Kept {
    credentials: Credentials,
    /// `None` where they came without a time: they count as long as the run.
    until: Option<DateTime<Utc>>,
    /// From when on they are asked for anew.
    anew: Option<DateTime<Utc>>,
}

impl Renewed {
    /// Asks for the first ones.
    ///
    /// Errors: why there are none, without secrets.
    pub(super) fn new(from: Elsewhere) -> Result<Self, String> {
        // The clock of the machine: these times are real ones, whatever clock a run is given.
        let kept = kept(&from, Utc::now())?;
        Ok(Self {
            from,
            kept: Mutex::new(kept),
        })
    }

    /// What counts at this time.
    ///
    /// Errors: their time is over, and there are no others, without secrets.
    pub(super) fn at(&self, now: DateTime<Utc>) -> Result<Credentials, String> {
        let mut current = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if current.anew.is_some_and(|anew| anew <= now) {
            match kept(&self.from, now) {
                Ok(anew) => *current = anew,
                Err(_) if current.until.is_some_and(|until| until > now) => {
                    current.anew = Some(now + LATER);
                }
                Err(reason) => {
                    return Err(format!(
                        "the credentials do not count any more, and others are not given: {reason}"
                    ));
                }
            }
        }
        Ok(current.credentials.clone())
    }
}

fn kept(from: &Elsewhere, now: DateTime<Utc>) -> Result<Kept, String> {
    let (credentials, until) = given(from, now)?;
    Ok(Kept {
        credentials,
        until,
        anew: until.map(|until| anew(now, until)),
    })
}

/// When credentials are asked for anew that count until a time: some minutes before, or half way where less is left.
fn anew(now: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
    let left = until - now;
    if left > SPARE {
        until - SPARE
    } else {
        now + left.max(TimeDelta::zero()) / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;

    /// A container's server that answers each call with what `answers` holds next, and then not at all.
    fn container(answers: Vec<String>) -> Elsewhere {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for answer in answers {
                let (mut client, _) = listener.accept().unwrap();
                let mut buffer = [0; 4096];
                let _ = client.read(&mut buffer);
                let length = answer.len();
                let head =
                    format!("HTTP/1.1 200 X\r\nContent-Length: {length}\r\nConnection: close\r\n");
                let _ = client.write_all(format!("{head}\r\n{answer}").as_bytes());
            }
        });
        Elsewhere::Container {
            url,
            authorization: None,
        }
    }

    fn document(id: &str, until: Option<DateTime<Utc>>) -> String {
        let until = until.map_or_else(String::new, |u| {
            format!(", \"Expiration\": \"{}\"", u.to_rfc3339())
        });
        format!("{{\"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"secret-{id}\"{until}}}")
    }

    #[test]
    fn they_are_renewed_before_their_time_is_over() {
        let start = Utc::now();
        let hours = |n| start + TimeDelta::hours(n);
        let from = container(vec![
            document("one", Some(hours(1))),
            document("two", Some(hours(2))),
        ]);
        let renewed = Arc::new(Renewed::new(from).unwrap());
        let id = |at| renewed.at(at).map(|c| c.id);
        assert_eq!(id(start), Ok("one".to_owned()));
        assert_eq!(id(hours(1) - TimeDelta::minutes(6)), Ok("one".to_owned()));
        // Five minutes before they end others are asked for; and when nobody answers these count until they end.
        assert_eq!(id(hours(1) - TimeDelta::minutes(4)), Ok("two".to_owned()));
        assert_eq!(id(hours(2) - TimeDelta::minutes(1)), Ok("two".to_owned()));
        let over = id(hours(3)).unwrap_err();
        assert!(over.contains("do not count any more"), "{over}");
        assert!(!over.contains("secret"), "{over}");
    }

    #[test]
    fn what_comes_without_a_time_is_asked_for_once() {
        let renewed = Renewed::new(container(vec![document("only", None)])).unwrap();
        let later = Utc::now() + TimeDelta::days(2);
        assert_eq!(renewed.at(later).map(|c| c.id), Ok("only".to_owned()));
    }

    #[test]
    fn short_times_are_halved_and_those_in_the_past_are_over() {
        let now = Utc::now();
        let minutes = TimeDelta::minutes;
        assert_eq!(anew(now, now + minutes(60)), now + minutes(55));
        assert_eq!(anew(now, now + minutes(2)), now + minutes(1));
        assert_eq!(anew(now, now - minutes(2)), now);
    }
}
