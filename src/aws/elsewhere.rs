//! Credentials that are kept elsewhere than in variables and profiles: those of a job's web identity, of a container, of a
//! machine. Which of them, is said by variables that the surroundings set.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Assume role with web identity", "Container credential provider" and "IMDS
//! credential provider"; AWS STS API Reference, `AssumeRoleWithWebIdentity`. From memory where the guides could not be opened.

use super::settings::{Credentials, address, domain};
use crate::http::{Answer, reason};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;
use reqwest::blocking::{Client, RequestBuilder};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Address of the credentials of containers of ECS, which `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is relative to.
const ECS: &str = "http://169.254.170.2";

/// Addresses besides loopback that container credentials are asked for without TLS: those of ECS and EKS.
const CONTAINERS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

/// Address of the metadata of a machine.
const METADATA: &str = "http://169.254.169.254";

/// Key of a profile that names the file of its own web identity.
pub(super) const TOKEN_FILE: &str = "web_identity_token_file";

/// Longest wait for an answer of a server on the same machine, and of one of Amazon's.
const NEAR: Duration = Duration::from_secs(2);
/// As [`NEAR`].
const FAR: Duration = Duration::from_secs(20);

/// What must be left of the time of credentials that are used again.
pub(super) const SPARE: TimeDelta = TimeDelta::minutes(5);

/// Bytes of a token, and of an answer, at most.
const LARGEST: usize = 1 << 20;

/// Times that a server is asked that does not answer, or is busy.
const ATTEMPTS: u64 = 3;

/// Where credentials are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Elsewhere {
    /// A token in a file is given for those of a role.
    WebIdentity {
        /// ARN of the role.
        role: String,
        /// The file of the token.
        token: String,
        /// Name of the session.
        session: String,
        /// Address of the service, where one is named.
        endpoint: Option<String>,
        /// Its region.
        region: String,
    },
    /// A server beside the container has them.
    Container {
        /// Its address.
        url: String,
        /// Value of the header `Authorization`; or the file that it stands in.
        authorization: Option<Authorization>,
    },
    /// The metadata of the machine.
    Machine {
        /// Their address.
        url: String,
    },
}

/// What a container shows for its credentials. Never shown itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Authorization {
    /// The token itself.
    Token(String),
    /// The file that it stands in, read each time because it changes.
    File(String),
}

impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authorization")
    }
}

/// Value of a variable that is set and not empty.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The web identity of the environment or of a profile, where there is one.
///
/// Errors: one of its two parts alone.
pub(super) fn web_identity(
    variable: Variable,
    profile: &BTreeMap<String, String>,
    region: &str,
    endpoint: Option<String>,
) -> Result<Option<Elsewhere>, String> {
    let of = |name: &str, key: &str| variable(name).or_else(|| profile.get(key).cloned());
    let token = of("AWS_WEB_IDENTITY_TOKEN_FILE", TOKEN_FILE);
    let Some(token) = token else {
        return Ok(None);
    };
    let Some(role) = of("AWS_ROLE_ARN", "role_arn") else {
        return Err(
            "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not; both belong together"
                .to_owned(),
        );
    };
    let session = of("AWS_ROLE_SESSION_NAME", "role_session_name");
    Ok(Some(Elsewhere::WebIdentity {
        role,
        token,
        session: session.unwrap_or_else(|| "tollgate".to_owned()),
        endpoint,
        region: region.to_owned(),
    }))
}

/// The server of a container, or the metadata of the machine where it is asked for, if any.
///
/// Errors: an address that credentials are not asked for at.
pub(super) fn beside(variable: Variable) -> Result<Option<Elsewhere>, String> {
    let relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    let url = match (relative, full) {
        (Some(path), _) if path.starts_with('/') => Some(format!("{ECS}{path}")),
        (Some(_), _) => {
            return Err(
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with `/`".to_owned(),
            );
        }
        (None, Some(url)) => Some(allowed(&url)?),
        (None, None) => None,
    };
    if let Some(url) = url {
        let file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(Authorization::File);
        let token = || variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(Authorization::Token);
        let authorization = file.or_else(token);
        return Ok(Some(Elsewhere::Container { url, authorization }));
    }
    // Nobody who did not ask for it talks to an address that no configuration names.
    let asked =
        variable("AWS_EC2_METADATA_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("false"));
    if !asked {
        return Ok(None);
    }
    let url = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").unwrap_or_else(|| METADATA.to_owned());
    if address(&url).is_none() {
        return Err("AWS_EC2_METADATA_SERVICE_ENDPOINT is no http or https address".to_owned());
    }
    Ok(Some(Elsewhere::Machine { url }))
}

/// The address of a container's credentials: with TLS any, without it only those that lead to the same machine.
fn allowed(text: &str) -> Result<String, String> {
    let name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    let url = Url::parse(text).map_err(|_| format!("{name} is no address"))?;
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let near = host == "localhost"
        || CONTAINERS.contains(&host)
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => Ok(text.to_owned()),
        "http" if near => Ok(text.to_owned()),
        _ => Err(format!(
            "{name} must be https, or http of loopback or of {}",
            CONTAINERS.join(", ")
        )),
    }
}

/// The credentials, and until when they count, where they say so; those that were given before and count for some minutes more
/// are given again.
///
/// Errors: why there are none, without secrets.
pub(super) fn given(from: &Elsewhere, now: DateTime<Utc>) -> Given {
    static KEPT: Mutex<BTreeMap<Elsewhere, (Credentials, DateTime<Utc>)>> =
        Mutex::new(BTreeMap::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((credentials, until)) = kept.get(from)
        && *until - now > SPARE
    {
        return Ok((credentials.clone(), Some(*until)));
    }
    let (credentials, until) = match from {
        Elsewhere::WebIdentity { .. } => assumed(from),
        Elsewhere::Container { url, authorization } => container(url, authorization.as_ref()),
        Elsewhere::Machine { url } => machine(url),
    }?;
    credentials.checked(from.word())?;
    if let Some(until) = until {
        kept.insert(from.clone(), (credentials.clone(), until));
    }
    Ok((credentials, until))
}

impl Elsewhere {
    fn word(&self) -> &'static str {
        match self {
            Self::WebIdentity { .. } => "the web identity",
            Self::Container { .. } => "the container",
            Self::Machine { .. } => "the machine",
        }
    }
}

/// Credentials, and until when they count, where that is said.
pub(super) type Given = Result<(Credentials, Option<DateTime<Utc>>), String>;

/// The credentials of a role for a web identity.
fn assumed(from: &Elsewhere) -> Given {
    let Elsewhere::WebIdentity {
        role,
        token,
        session,
        endpoint,
        region,
    } = from
    else {
        return Err("no web identity".to_owned());
    };
    let token = file("AWS_WEB_IDENTITY_TOKEN_FILE", token)?;
    let url = endpoint
        .clone()
        .unwrap_or_else(|| format!("https://sts.{region}.{}/", domain(region)));
    let pairs = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", role.as_str()),
        ("RoleSessionName", session.as_str()),
        ("WebIdentityToken", token.as_str()),
    ];
    let body = pairs.map(|(name, value)| format!("{name}={}", super::encoded(value, "")));
    let body = body.join("&");
    // Through the proxy that the surroundings name, as every call that leaves the machine.
    let client = crate::http::client(
        crate::http::Redirects::Kept,
        FAR,
        &crate::http::Tls::default(),
    )?;
    let answer = asked("STS", || {
        let form = "application/x-www-form-urlencoded";
        client
            .post(&url)
            .header("Content-Type", form)
            .body(body.clone())
    })?;
    if !answer.is_success() {
        let code = super::code(&answer.body).unwrap_or_else(|| "no code".to_owned());
        return Err(format!(
            "STS refuses the web identity for the role of AWS_ROLE_ARN: {} {code}",
            answer.status
        ));
    }
    let text = String::from_utf8_lossy(&answer.body);
    let of = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.trim().to_owned())
    };
    let all = (
        of("AccessKeyId"),
        of("SecretAccessKey"),
        of("SessionToken"),
        of("Expiration"),
    );
    let (Some(id), Some(secret), Some(token), Some(until)) = all else {
        return Err("the answer of STS holds no credentials".to_owned());
    };
    let token = Some(token);
    Ok((Credentials { id, secret, token }, Some(time(&until)?)))
}

fn container(url: &str, authorization: Option<&Authorization>) -> Given {
    let header = match authorization {
        None => None,
        Some(Authorization::Token(token)) => Some(token.clone()),
        Some(Authorization::File(path)) => {
            Some(file("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path)?)
        }
    };
    if header.as_ref().is_some_and(|h| h.contains(['\r', '\n'])) {
        return Err("the token of the container's credentials holds a line break".to_owned());
    }
    let client = near()?;
    let answer = asked("the server of the container's credentials", || {
        let request = client.get(url);
        match &header {
            Some(token) => request.header("Authorization", token),
            None => request,
        }
    })?;
    documented(&answer, "the server of the container's credentials")
}

/// By a token of the metadata (version 2), so that a server that passes requests on gives none away.
fn machine(url: &str) -> Given {
    let (url, who) = (url.trim_end_matches('/'), "the metadata of the machine");
    let client = near()?;
    let text = |answer: Answer| {
        let text = String::from_utf8(answer.body.clone()).ok();
        let text = text.filter(|t| answer.is_success() && !t.trim().is_empty());
        text.map(|t| t.trim().to_owned())
            .ok_or_else(|| format!("{who} answers {}", answer.status))
    };
    let token = text(asked(who, || {
        client
            .put(format!("{url}/latest/api/token"))
            .header("X-aws-ec2-metadata-token-ttl-seconds", "300")
    })?)?;
    let get = |path: &str| {
        let address = format!("{url}/latest/meta-data/iam/security-credentials/{path}");
        asked(who, || {
            client
                .get(&address)
                .header("X-aws-ec2-metadata-token", &token)
        })
    };
    let role = text(get("")?)?;
    let role = role.lines().next().unwrap_or_default().to_owned();
    documented(&get(&super::encoded(&role, ""))?, who)
}

/// The credentials of a JSON document.
fn documented(answer: &Answer, who: &str) -> Given {
    if !answer.is_success() {
        return Err(format!("{who} answers {}", answer.status));
    }
    let document = answer
        .json()
        .map_err(|_| format!("the answer of {who} is no JSON"))?;
    let of = |key: &str| document.get(key)?.as_str().map(str::to_owned);
    let (Some(id), Some(secret)) = (of("AccessKeyId"), of("SecretAccessKey")) else {
        return Err(format!("the answer of {who} holds no credentials"));
    };
    let token = of("Token").filter(|t| !t.is_empty());
    let until = of("Expiration").map(|t| time(&t)).transpose()?;
    Ok((Credentials { id, secret, token }, until))
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let parsed = DateTime::parse_from_rfc3339(text);
    parsed
        .map(|t| t.to_utc())
        .map_err(|_| "credentials come with a time that is none".to_owned())
}

/// A token in a file, without the blanks around it.
fn file(name: &str, path: &str) -> Result<String, String> {
    let told = |why: &str| format!("the file of {name} {why}");
    let text = std::fs::read_to_string(Path::new(path))
        .map_err(|e| told(&format!("cannot be read: {}", e.kind())))?;
    let text = text.trim();
    if text.is_empty() || text.len() > LARGEST {
        return Err(told("holds no token"));
    }
    Ok(text.to_owned())
}

/// A client of servers on the same machine: through no proxy, which would see what they answer.
fn near() -> Result<Client, String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .connect_timeout(NEAR)
        .timeout(NEAR)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(reason)
}

/// An answer; a server that does not answer, or is busy, is asked again.
fn asked(who: &str, request: impl Fn() -> RequestBuilder) -> Result<Answer, String> {
    let limits = crate::http::Limits {
        attempts: ATTEMPTS,
        bytes: LARGEST as u64,
        time: FAR,
    };
    crate::http::exchange(request, crate::http::Again::Read, &limits)
        .map_err(|failure| format!("{who} does not answer: {}", failure.words()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Option<Elsewhere>, String> {
        beside(&|name| {
            let found = variables.iter().find(|(n, _)| *n == name);
            found.map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn containers_are_asked_where_their_address_leads_to_the_same_machine() {
        let url = |variables: &[(&str, &str)]| match of(variables) {
            Ok(Some(Elsewhere::Container { url, .. })) => Ok(url),
            Ok(_) => Err("none".to_owned()),
            Err(reason) => Err(reason),
        };
        let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        assert_eq!(
            url(&[(relative, "/v2/a")]),
            Ok("http://169.254.170.2/v2/a".to_owned())
        );
        assert!(url(&[(relative, ".evil.example/a")]).is_err());
        let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
        for near in [
            "http://127.0.0.1:80/a",
            "http://127.1.2.3/a",
            "http://localhost/a",
            "http://[::1]/a",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/a",
            "https://h.example/a",
        ] {
            assert_eq!(url(&[(full, near)]), Ok(near.to_owned()));
        }
        for far in [
            "http://h.example/a",
            "http://169.254.169.254/a",
            "http://127.0.0.1.h.example/a",
            "http://user@10.0.0.1/a",
            "ftp://localhost/a",
            "localhost",
        ] {
            assert!(url(&[(full, far)]).is_err(), "{far}");
        }
    }

    #[test]
    fn a_machine_is_asked_only_where_that_is_asked_for() {
        let metadata = |value| of(&[("AWS_EC2_METADATA_DISABLED", value)]);
        assert_eq!(metadata("true"), Ok(None));
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(
            metadata("False"),
            Ok(Some(Elsewhere::Machine {
                url: METADATA.to_owned()
            }))
        );
    }

    #[test]
    fn a_token_is_never_shown() {
        let shown = of(&[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://h.example/a"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "top-secret"),
        ]);
        let shown = format!("{shown:?}");
        assert!(
            shown.contains("Container") && !shown.contains("secret"),
            "{shown}"
        );
    }
}
