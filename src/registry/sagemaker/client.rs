//! Calls of SageMaker's API: model packages of a group.
//!
//! Source: SageMaker API reference, `ListModelPackages`, `DescribeModelPackage`, `UpdateModelPackage`.

use super::metadata::Metadata;
use crate::aws::{Settings, Signer};
use crate::http::{Again, Failure, Redirects, Tls, client, exchange};
use crate::registry::wire::{LIMITS, is_undecided, unread, unsent};
use crate::registry::{Answer, Trouble};
use chrono::{DateTime, Utc};
use reqwest::blocking::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_mins(1);

/// Pages of a listing at most, of 100 packages each.
const PAGES: usize = 100;

/// A group of model packages, and how it is asked.
pub struct Group {
    client: Client,
    signer: Signer,
    url: Url,
    /// Name of the group.
    pub(super) name: String,
    region: String,
}

/// A version in a listing.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    #[serde(rename = "ModelPackageArn")]
    pub(super) arn: String,
    #[serde(rename = "ModelPackageVersion", default)]
    pub(super) version: u64,
    #[serde(rename = "ModelApprovalStatus", default)]
    approval: Option<String>,
    #[serde(rename = "ModelPackageStatus", default)]
    status: Option<String>,
}

impl Listed {
    /// Whether it is approved.
    pub(super) fn is_approved(&self) -> bool {
        self.approval.as_deref() == Some("Approved")
    }

    /// Whether it was made, and is not being deleted.
    pub(super) fn is_whole(&self) -> bool {
        self.status.as_deref().is_none_or(|s| s == "Completed")
    }
}

/// A change of one version.
pub(super) struct Update<'a> {
    pub(super) arn: &'a str,
    /// `Approved` or `Rejected`.
    pub(super) approval: &'a str,
    pub(super) description: String,
    pub(super) metadata: Metadata,
    pub(super) gone: Vec<String>,
    /// Tells this change from every other one, so that sending it twice is one change.
    pub(super) token: String,
}

impl Update<'_> {
    /// The body of the request.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({
            "ModelPackageArn": self.arn,
            "ModelApprovalStatus": self.approval,
            "ApprovalDescription": self.description,
            "ClientToken": self.token,
        });
        if !self.metadata.is_empty() {
            body["CustomerMetadataProperties"] = json!(self.metadata);
        }
        if !self.gone.is_empty() {
            body["CustomerMetadataPropertiesToRemove"] = json!(self.gone);
        }
        body
    }
}

impl Group {
    /// A group in a region.
    ///
    /// Errors: what is missing or cannot be used, without secrets.
    pub fn open(name: &str, region: Option<&str>, endpoint: Option<&str>) -> Result<Self, String> {
        let mut settings = Settings::of_environment("sagemaker", region, endpoint)?;
        let signer = settings.signer("sagemaker");
        let signer = signer
            .ok_or("SageMaker is never asked without credentials; unset AWS_NO_SIGN_REQUEST")?;
        Ok(Self {
            client: client(Redirects::Kept, ANSWER, &Tls::default())?,
            signer,
            url: settings.service("api.sagemaker")?,
            name: name.to_owned(),
            region: settings.region.clone(),
        })
    }

    /// How it is named in messages.
    pub(super) fn shown(&self) -> String {
        format!("SageMaker group {} in {}", self.name, self.region)
    }

    fn asked(
        &self,
        operation: &str,
        body: &Value,
        again: Again,
    ) -> Result<crate::http::Answer, Failure> {
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-amz-json-1.1");
        headers.insert(CONTENT_TYPE, form);
        let target = HeaderValue::from_str(&format!("SageMaker.{operation}"));
        let target = target.map_err(|e| Failure::Unreached(e.to_string()))?;
        headers.insert(HeaderName::from_static("x-amz-target"), target);
        let body = body.to_string();
        let ready = self.signer.ready().map_err(Failure::Unreached)?;
        let request = || {
            let now = chrono::Utc::now();
            let signed = ready.signed(&Method::POST, &self.url, &headers, body.as_bytes(), now);
            let request = self.client.post(self.url.clone()).headers(headers.clone());
            request.headers(signed).body(body.clone())
        };
        exchange(request, again, &LIMITS)
    }

    fn read(&self, operation: &str, body: &Value) -> Answer<Value> {
        let answer = self.asked(operation, body, Again::Read).map_err(unread)?;
        if answer.is_success() {
            return answer.json().map_err(Trouble::Broken);
        }
        Err(refused(operation, &answer))
    }

    /// Every version of the group, newest first.
    pub(super) fn versions(&self) -> Answer<Vec<Listed>> {
        let mut all: Vec<Listed> = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..PAGES {
            let mut body = json!({
                "ModelPackageGroupName": self.name,
                "ModelPackageType": "Versioned",
                "SortBy": "CreationTime",
                "SortOrder": "Descending",
                "MaxResults": 100,
            });
            if let Some(next) = &next {
                body["NextToken"] = json!(next);
            }
            let mut page = self.read("ListModelPackages", &body)?;
            let listed = page["ModelPackageSummaryList"].take();
            let listed: Vec<Listed> = serde_json::from_value(listed).map_err(|e| {
                Trouble::Broken(format!("the list of versions cannot be read: {e}"))
            })?;
            all.extend(listed.into_iter().filter(|l| l.version > 0));
            next = page["NextToken"]
                .as_str()
                .filter(|t| !t.is_empty())
                .map(str::to_owned);
            if next.is_none() {
                all.sort_by_key(|l| std::cmp::Reverse(l.version));
                return Ok(all);
            }
        }
        Err(Trouble::Broken(format!(
            "the group has more than {} versions",
            PAGES * 100
        )))
    }

    /// The metadata of a version.
    pub(super) fn metadata(&self, arn: &str) -> Answer<Metadata> {
        let mut package = self.read("DescribeModelPackage", &json!({"ModelPackageName": arn}))?;
        match package["CustomerMetadataProperties"].take() {
            Value::Null => Ok(Metadata::new()),
            found => serde_json::from_value(found)
                .map_err(|e| Trouble::Broken(format!("the metadata of {arn} cannot be read: {e}"))),
        }
    }

    /// When a version was changed last; `None` where the server does not tell.
    pub(super) fn modified(&self, arn: &str) -> Answer<Option<DateTime<Utc>>> {
        let package = self.read("DescribeModelPackage", &json!({"ModelPackageName": arn}))?;
        let told = &package["LastModifiedTime"];
        // Seconds since 1970, with a fraction.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a time is told in whole seconds"
        )]
        let seconds = told.as_f64().map(|s| s as i64);
        let text = told.as_str().and_then(|t| t.parse().ok());
        Ok(seconds
            .and_then(|s| DateTime::from_timestamp(s, 0))
            .or(text))
    }

    /// Changes a version.
    pub(super) fn update(&self, update: &Update) -> Answer<()> {
        let operation = "UpdateModelPackage";
        let answer = self
            .asked(operation, &update.body(), Again::Unsent)
            .map_err(unsent)?;
        if answer.is_success() {
            return Ok(());
        }
        let conflict = told(&answer)
            .0
            .is_some_and(|code| code.contains("Conflict"));
        if conflict || is_undecided(&answer) {
            let words = refused(operation, &answer).to_string();
            return Err(Trouble::Unknown(words));
        }
        Err(refused(operation, &answer))
    }
}

/// The code of an answer, and its message where that is not about signatures: those repeat what was signed.
fn told(answer: &crate::http::Answer) -> (Option<String>, Option<String>) {
    let Ok(body) = answer.json() else {
        return (crate::aws::code(&answer.body), None);
    };
    let code = body["__type"].as_str().or(body["code"].as_str());
    let code = code.map(|c| c.rsplit('#').next().unwrap_or(c).to_owned());
    let plain = |c: &String| {
        c.chars()
            .all(|c| c.is_ascii_alphanumeric() || "._".contains(c))
    };
    let code = code.filter(|c| c.len() <= 64 && plain(c));
    let secret =
        |c: &String| c.contains("Signature") || c.contains("Token") || c.contains("AccessKey");
    let message = body["message"].as_str().or(body["Message"].as_str());
    let message = message.filter(|_| code.as_ref().is_some_and(|c| !secret(c)));
    (code, message.map(|m| crate::report::text::short(m, 240)))
}

fn refused(operation: &str, answer: &crate::http::Answer) -> Trouble {
    let (code, message) = told(answer);
    let code = code.map_or_else(String::new, |c| format!(" ({c})"));
    let message = message.map_or_else(String::new, |m| format!(": {m}"));
    let words = format!(
        "{operation} is answered with {}{code}{message}",
        answer.status
    );
    match answer.status {
        400 | 401 | 403 => Trouble::Refused(words),
        _ => Trouble::Broken(words),
    }
}
