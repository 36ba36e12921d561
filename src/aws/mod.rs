//! How Amazon's services, and servers that speak their protocols, are asked: settings, credentials, signatures.

mod elsewhere;
mod profile;
mod renewed;
mod settings;
mod sign;

pub(crate) use settings::{Settings, address};
pub(crate) use sign::{Signer, encoded};

/// The code in an answer that is XML, as `NoSuchKey`; `None` where there is none that is plain.
pub(crate) fn code(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    plain(rest.split("</Code>").next()?)
}

/// A short word of plain characters.
pub(crate) fn plain(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= 64;
    let plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    (fits && plain).then(|| text.to_owned())
}
