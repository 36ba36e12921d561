//! PEM: bytes as text between two lines that say what they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Letters of a line.
const LINE: usize = 64;

/// One thing of a PEM text.
pub(super) struct Block {
    /// What it is: `PRIVATE KEY`.
    pub(super) label: String,
    /// Its bytes; `None` where they are no base64, as where they are encrypted in the old way.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Everything in a PEM text, in order; text before, between and after is passed over, an end without a start too.
///
/// Line breaks may be any white space: variables of CI systems lose them.
/// Source: RFC 7468, sections 2 and 3 (a lax reader).
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, after)) = after.split_once("-----") else {
            break;
        };
        let Some((body, after)) = after.split_once(&format!("-----END {label}-----")) else {
            break;
        };
        let body: String = body.split_ascii_whitespace().collect();
        found.push(Block {
            label: label.to_owned(),
            bytes: STANDARD.decode(body).ok(),
        });
        rest = after;
    }
    found
}

/// Bytes as PEM text.
///
/// Source: RFC 7468, section 2: lines of 64 letters.
pub(super) fn write(label: &str, bytes: &[u8]) -> String {
    let body = STANDARD.encode(bytes);
    let lines = body.as_bytes().chunks(LINE);
    let lines = lines.map(|line| String::from_utf8_lossy(line) + "\n");
    format!(
        "-----BEGIN {label}-----\n{}-----END {label}-----\n",
        lines.collect::<String>()
    )
}
