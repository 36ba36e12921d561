//! One request and its whole answer, asked again where that is safe.

use super::answer::Answer;
use super::client::reason;
use crate::context::check_interrupt;
use reqwest::StatusCode;
use reqwest::blocking::{RequestBuilder, Response};
use reqwest::header::{CONTENT_TYPE, DATE, ETAG, HeaderMap, RETRY_AFTER};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek as _, Write};
use std::time::{Duration, Instant};

/// Longest wait before a server is asked again, whatever it wishes.
const PAUSE: Duration = Duration::from_secs(30);

/// Answers that mean: later.
const BUSY: [StatusCode; 6] = [
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

/// When a request is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// When the server is busy, is not reached or breaks off: asking twice changes nothing.
    Read,
    /// Only when the server was not reached: nothing was sent then.
    Unsent,
}

/// Bounds of one exchange.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Times that a request is made at most; at least 1.
    pub attempts: u64,
    /// Bytes of a body at most.
    pub bytes: u64,
    /// Longest time from sending to the last byte of one attempt.
    pub time: Duration,
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The server was not reached; nothing was sent.
    Unreached(String),
    /// No answer, or not all of it, within the time.
    Slow(String),
    /// The answer stops in the middle, or is none.
    Broken(String),
    /// The answer is larger than the limit.
    Large(String),
    /// The user pressed Ctrl-C.
    Interrupted,
}

impl Failure {
    /// The reason in one line.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Unreached(r) | Self::Slow(r) | Self::Broken(r) | Self::Large(r) => r,
            Self::Interrupted => "interrupted",
        }
    }

    /// The error it stands for.
    #[must_use]
    pub fn error(&self, operation: &'static str, shown: &str) -> crate::error::Error {
        match self {
            Self::Interrupted => crate::error::Error::Interrupted,
            other => crate::error::Error::data(operation, shown, other.words()),
        }
    }
}

/// Whether a status means that the server may be asked again later.
#[must_use]
pub fn is_busy(status: StatusCode) -> bool {
    BUSY.contains(&status)
}

/// How long to wait after attempt `attempt`: as long as the server names in `Retry-After` (seconds or a date), else as
/// many seconds as attempts were made; never longer than 30 s.
///
/// Source: RFC 9110, section 10.2.3.
#[must_use]
pub fn pause(headers: Option<&HeaderMap>, attempt: u64) -> Duration {
    let named = headers.and_then(|h| {
        let text = h.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let date = || {
            let until = chrono::DateTime::parse_from_rfc2822(text).ok()?;
            let left = until.signed_duration_since(chrono::Utc::now());
            Some(left.to_std().unwrap_or_default())
        };
        text.parse().ok().map(Duration::from_secs).or_else(date)
    });
    named.unwrap_or(Duration::from_secs(attempt)).min(PAUSE)
}

/// Makes a request, which `request` builds for each attempt, and reads the whole answer, whatever its status.
///
/// Errors: why there is none after the last attempt.
pub fn exchange(
    request: impl Fn() -> RequestBuilder,
    again: Again,
    limits: &Limits,
) -> Result<Answer, Failure> {
    repeated(request, again, limits, None)
}

/// As [`exchange`]; the body of a success is written to the beginning of a file and is not part of the answer.
///
/// Errors: as for [`exchange`]; a file that cannot be written counts as an answer that breaks off.
pub fn fetch(
    request: impl Fn() -> RequestBuilder,
    again: Again,
    limits: &Limits,
    to: &mut File,
) -> Result<Answer, Failure> {
    repeated(request, again, limits, Some(to))
}

fn repeated(
    request: impl Fn() -> RequestBuilder,
    again: Again,
    limits: &Limits,
    mut to: Option<&mut File>,
) -> Result<Answer, Failure> {
    let mut attempt = 1;
    loop {
        let (result, headers) = once(&request, limits, to.as_deref_mut());
        let repeat = match &result {
            Ok(answer) => {
                let status = StatusCode::from_u16(answer.status);
                again == Again::Read && status.is_ok_and(is_busy)
            }
            Err(Failure::Unreached(_)) => true,
            Err(Failure::Slow(_) | Failure::Broken(_)) => again == Again::Read,
            Err(Failure::Large(_) | Failure::Interrupted) => false,
        };
        if !repeat || attempt >= limits.attempts {
            return result;
        }
        wait(pause(headers.as_ref(), attempt))?;
        attempt += 1;
    }
}

/// Waits, and stops waiting when the user presses Ctrl-C.
fn wait(time: Duration) -> Result<(), Failure> {
    let until = Instant::now() + time;
    loop {
        check_interrupt().map_err(|_| Failure::Interrupted)?;
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(Duration::from_millis(200)));
    }
}

fn once(
    request: impl Fn() -> RequestBuilder,
    limits: &Limits,
    to: Option<&mut File>,
) -> (Result<Answer, Failure>, Option<HeaderMap>) {
    if check_interrupt().is_err() {
        return (Err(Failure::Interrupted), None);
    }
    let start = Instant::now();
    match request().send() {
        Ok(answer) => {
            let headers = answer.headers().clone();
            (whole(answer, start, limits, to), Some(headers))
        }
        Err(error) => {
            let (unreached, slow) = (error.is_connect(), error.is_timeout());
            let words = reason(error);
            let failure = match (unreached, slow) {
                (true, _) => Failure::Unreached(words),
                (_, true) => Failure::Slow(words),
                _ => Failure::Broken(words),
            };
            (Err(failure), None)
        }
    }
}

fn whole(
    answer: Response,
    start: Instant,
    limits: &Limits,
    to: Option<&mut File>,
) -> Result<Answer, Failure> {
    let status = answer.status();
    let media = answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .map(|v| v.split(';').next().unwrap_or_default().trim())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let date = answer.headers().get(DATE).and_then(|v| v.to_str().ok());
    let date = date.and_then(|text| chrono::DateTime::parse_from_rfc2822(text).ok());
    let date = date.map(|date| date.to_utc());
    let etag = answer.headers().get(ETAG).and_then(|v| v.to_str().ok());
    let etag = etag.map(str::to_owned);
    let mut body = Vec::new();
    match to.filter(|_| status.is_success()) {
        None => copied(answer, start, limits, &mut body)?,
        Some(file) => {
            let emptied = file.set_len(0).and_then(|()| file.rewind());
            emptied.map_err(|e| unwritten(&e))?;
            copied(answer, start, limits, file)?;
        }
    }
    Ok(Answer {
        status: status.as_u16(),
        media,
        body,
        took: start.elapsed(),
        date,
        etag,
    })
}

fn copied(
    mut answer: Response,
    start: Instant,
    limits: &Limits,
    to: &mut dyn Write,
) -> Result<(), Failure> {
    let mut left = limits.bytes;
    let mut buffer = vec![0; 1 << 16];
    loop {
        check_interrupt().map_err(|_| Failure::Interrupted)?;
        let read = answer.read(&mut buffer).map_err(|e| match e.kind() {
            ErrorKind::TimedOut => Failure::Slow("the answer stops: no more in time".to_owned()),
            _ => Failure::Broken(format!("the answer breaks off: {}", innermost(&e))),
        })?;
        if read == 0 {
            return Ok(());
        }
        let Some(rest) = left.checked_sub(read as u64) else {
            let most = limits.bytes;
            return Err(Failure::Large(format!(
                "the answer is larger than {most} bytes"
            )));
        };
        left = rest;
        to.write_all(&buffer[..read]).map_err(|e| unwritten(&e))?;
        if start.elapsed() > limits.time {
            let seconds = limits.time.as_secs_f64();
            return Err(Failure::Slow(format!(
                "the answer is not whole after {seconds} s"
            )));
        }
    }
}

fn unwritten(error: &std::io::Error) -> Failure {
    Failure::Broken(format!("it cannot be written to a temporary file: {error}"))
}

/// The last cause in the chain.
fn innermost(error: &std::io::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn a_server_names_its_pause_in_seconds_or_by_a_date() {
        let named = |text: &str| {
            let value = HeaderValue::from_str(text).unwrap();
            pause(Some(&HeaderMap::from_iter([(RETRY_AFTER, value)])), 2)
        };
        assert_eq!(named("0"), Duration::ZERO);
        assert_eq!(named("7"), Duration::from_secs(7));
        assert_eq!(named("9999"), PAUSE);
        assert_eq!(named("Wed, 21 Oct 2015 07:28:00 GMT"), Duration::ZERO);
        assert_eq!(named("Sat, 21 Oct 2215 07:28:00 GMT"), PAUSE);
        assert_eq!(named("soon"), Duration::from_secs(2));
        assert_eq!(pause(None, 1), Duration::from_secs(1));
    }
}
