//! Why a store refuses a request.
//!
//! Source: Amazon S3 API reference, "Error responses".

use crate::aws::{code, plain};
use reqwest::StatusCode;
use reqwest::blocking::Response;
use std::io::Read;

/// Bytes of an answer that are looked at.
const BODY: u64 = 64 << 10;

/// What a store says when it refuses. Its message may repeat what was signed and is not kept.
pub(in crate::engine::embedded::source::remote) struct Refusal {
    status: StatusCode,
    code: Option<String>,
    region: Option<String>,
}

impl Refusal {
    /// Reads the answer.
    pub(in crate::engine::embedded::source::remote) fn of(answer: Response) -> Self {
        let status = answer.status();
        let region = answer
            .headers()
            .get("x-amz-bucket-region")
            .and_then(|r| r.to_str().ok())
            .and_then(plain);
        let mut body = String::new();
        // an answer that breaks off or is no text says less, not something else
        let _ = answer.take(BODY).read_to_string(&mut body);
        let code = code(body.as_bytes());
        Self {
            status,
            code,
            region,
        }
    }

    /// The refusal in words.
    pub(in crate::engine::embedded::source::remote) fn words(&self, signed: Signed) -> String {
        let mut words = format!("the server answers {}", self.status);
        if let Some(code) = &self.code {
            words = format!("{words} ({code})");
        }
        match &self.region {
            Some(region)
                if self.status.is_redirection() || self.status == StatusCode::BAD_REQUEST =>
            {
                format!("{words}; the bucket is in the region {region}: set AWS_REGION")
            }
            _ if self.status == StatusCode::FORBIDDEN && signed == Signed::No => {
                format!("{words}; it was asked without credentials, as AWS_NO_SIGN_REQUEST says")
            }
            _ => words,
        }
    }
}

/// Whether requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::embedded::source::remote) enum Signed {
    Yes,
    No,
}
