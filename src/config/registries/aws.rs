//! `kind: s3` and `kind: sagemaker`: objects of a store, and groups of model packages.

use crate::config::fields::{Fields, Problems, text};
use crate::diagnostic::Diagnostic;

/// Where a service of Amazon's, or one that speaks its protocol, is; the environment says what is absent.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    /// The region.
    pub region: Option<String>,
    /// Address of the server.
    pub endpoint: Option<String>,
}

/// Objects of a store as a registry.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// The bucket.
    pub bucket: String,
    /// The prefix of every key; may be empty.
    pub prefix: String,
    /// Where the store is.
    pub aws: AwsConfig,
}

/// A group of model packages as a registry.
#[derive(Debug, Clone)]
pub struct SagemakerConfig {
    /// Name of the group, where it is not that of the model.
    pub group: Option<String>,
    /// Where SageMaker is.
    pub aws: AwsConfig,
}

fn aws(fields: &mut Fields, problems: &mut Problems) -> Option<AwsConfig> {
    let region = fields.get("region");
    let region = region.map(|node| {
        let region = text(node, "region", problems)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !region.is_empty() && region.chars().all(plain) {
            return Some(region);
        }
        problems.wrong_type(node, "region", "the name of a region, as eu-west-1");
        None
    });
    let endpoint = fields.get("endpoint");
    let endpoint = endpoint.map(|node| {
        let endpoint = text(node, "endpoint", problems)?;
        let found = crate::aws::address(&endpoint).is_some();
        if !found {
            problems.wrong_type(
                node,
                "endpoint",
                "an http or https address of a server, without user and query",
            );
        }
        Some(endpoint).filter(|_| found)
    });
    match (region, endpoint) {
        (Some(None), _) | (_, Some(None)) => None,
        (region, endpoint) => Some(AwsConfig {
            region: region.flatten(),
            endpoint: endpoint.flatten(),
        }),
    }
}

pub(super) fn s3(fields: &mut Fields, problems: &mut Problems) -> Option<S3Config> {
    let node = fields.require("path", problems);
    let aws = aws(fields, problems);
    let node = node?;
    let path = text(node, "path", problems)?;
    let rest = path.strip_prefix("s3://").unwrap_or_default();
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let is_bucket = !bucket.is_empty() && bucket.chars().all(plain) && !bucket.contains("..");
    let parts = || prefix.trim_matches('/').split('/');
    let is_prefix = prefix.trim_matches('/').is_empty()
        || parts().all(|p| !["", ".", ".."].contains(&p) && !p.chars().any(char::is_control));
    if !is_bucket || !is_prefix {
        problems.add(
            Diagnostic::new(
                "unsupported-path",
                "`path` of an s3 registry is no bucket and prefix",
            )
            .at(&node.place, "not an address")
            .help("write it as s3://bucket/prefix"),
        );
        return None;
    }
    Some(S3Config {
        bucket: bucket.to_owned(),
        prefix: prefix.trim_matches('/').to_owned(),
        aws: aws?,
    })
}

pub(super) fn sagemaker(fields: &mut Fields, problems: &mut Problems) -> Option<SagemakerConfig> {
    let node = fields.get("group");
    let aws = aws(fields, problems);
    let group = node.map(|node| {
        let group = text(node, "group", problems)?;
        if is_group(&group) {
            return Some(group);
        }
        problems.wrong_type(node, "group", GROUP);
        None
    });
    match group {
        Some(None) => None,
        group => Some(SagemakerConfig {
            group: group.flatten(),
            aws: aws?,
        }),
    }
}

/// What the name of a group is made of.
pub const GROUP: &str =
    "letters, digits and `-`, at most 63, with a letter or a digit at both ends";

/// Whether a text can be the name of a group. Source: SageMaker API reference, `ModelPackageGroupName`.
#[must_use]
pub fn is_group(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let ends = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63 && text.chars().all(plain) && text.starts_with(ends) && text.ends_with(ends)
}
