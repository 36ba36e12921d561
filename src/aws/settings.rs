//! Credentials, region and endpoint, from the variables and files that other tools for S3 read.
//!
//! Source: AWS SDKs and Tools Reference Guide: variables win over the profile; `AWS_ENDPOINT_URL_S3` over
//! `AWS_ENDPOINT_URL`, and `AWS_REGION` over `AWS_DEFAULT_REGION`.

use super::elsewhere::{self, Elsewhere};
use super::profile::section;
use super::renewed::Renewed;
use super::sign::{Keys, Signer, encoded};
use reqwest::Url;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Region of a store that nobody names one for.
const REGION: &str = "us-east-1";

/// Keys of a profile that name credentials which are not read.
const UNREAD: [&str; 5] = [
    "role_arn",
    "sso_session",
    "sso_start_url",
    "credential_process",
    "credential_source",
];

/// What requests are signed with. Never shown.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) token: Option<String>,
}

impl Credentials {
    /// Whether they can stand in a header.
    ///
    /// Errors: no, without their text.
    pub(super) fn checked(&self, from: &str) -> Result<(), String> {
        let plain = |text: &String| text.chars().all(|c| c.is_ascii_graphic());
        let all = [Some(&self.id), Some(&self.secret), self.token.as_ref()];
        if all.into_iter().flatten().all(plain) {
            return Ok(());
        }
        Err(format!(
            "the credentials of {from} hold a blank or a character that is not ASCII"
        ))
    }
}

/// Where what requests are signed with comes from.
#[derive(Clone)]
enum Found {
    /// They are not signed, as `AWS_NO_SIGN_REQUEST` asks.
    Unsigned,
    /// Keys that are written down.
    Keys(Credentials),
    /// Somebody has them who must be asked.
    Elsewhere(Elsewhere),
    /// Somebody who was asked, and is asked again before their time is over.
    Given(Arc<Renewed>),
}

/// How a service is reached.
pub(crate) struct Settings {
    found: Found,
    pub(crate) region: String,
    endpoint: Option<Url>,
}

/// Value of a variable that is set and not empty.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Text of a file.
type Text<'a> = &'a dyn Fn(&Path) -> std::io::Result<String>;

impl Settings {
    /// Reads what the environment says of a service, such as `s3`; what is written elsewhere wins.
    ///
    /// Credentials that are kept elsewhere are asked for, where the environment says so.
    /// Errors: as for [`Settings::read`], and why credentials were not given.
    pub(crate) fn of_environment(
        service: &str,
        region: Option<&str>,
        endpoint: Option<&str>,
    ) -> Result<Self, String> {
        let own = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
        let variable = |name: &str| match name {
            "AWS_REGION" if region.is_some() => region.map(str::to_owned),
            name if name == own && endpoint.is_some() => endpoint.map(str::to_owned),
            name => std::env::var(name).ok().filter(|v| !v.is_empty()),
        };
        let mut settings = Self::read(service, &variable, &|path| std::fs::read_to_string(path))?;
        if let Found::Elsewhere(from) = &settings.found {
            settings.found = Found::Given(Arc::new(Renewed::new(from.clone())?));
        }
        Ok(settings)
    }

    /// A server and a key that are given.
    ///
    /// Errors: they cannot be used.
    pub(crate) fn with_keys(endpoint: &str, id: &str, secret: &str) -> Result<Self, String> {
        let variable = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some(endpoint.to_owned()),
            "AWS_ACCESS_KEY_ID" => Some(id.to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some(secret.to_owned()),
            _ => None,
        };
        let none = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
        Self::read("s3", &variable, &none)
    }

    /// Reads variables, and the profile where they leave something open.
    ///
    /// Errors: what is missing or cannot be understood, in words that hold no value of a secret.
    fn read(service: &str, variable: Variable, text: Text) -> Result<Self, String> {
        let profile = Profile::read(variable, text)?;
        let first = |names: &[&str], key: &str| {
            let named = names
                .iter()
                .find_map(|n| Some(((*n).to_owned(), variable(n)?)));
            named.or_else(|| {
                Some((
                    format!("`{key}` of the profile"),
                    profile.values.get(key)?.clone(),
                ))
            })
        };
        let region = first(&["AWS_REGION", "AWS_DEFAULT_REGION"], "region")
            .map_or(REGION.to_owned(), |(_, r)| r);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !region.chars().all(plain) {
            return Err("the region is made of letters, digits and `-`; see AWS_REGION".to_owned());
        }
        let own = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
        let endpoint = first(&[&own, "AWS_ENDPOINT_URL"], "endpoint_url");
        Ok(Self {
            endpoint: endpoint
                .map(|(from, url)| parsed(&from, &url))
                .transpose()?,
            found: credentials(variable, &profile, &region)?,
            region,
        })
    }

    /// The address of a bucket: below an endpoint that is named, or in a host of its own. A name with dots fits no
    /// certificate and comes in the path.
    ///
    /// Errors: why there is none.
    pub(crate) fn root(&self, bucket: &str) -> Result<Url, String> {
        if let Some(endpoint) = &self.endpoint {
            let mut url = endpoint.clone();
            url.set_path(&format!(
                "{}/{bucket}",
                endpoint.path().trim_end_matches('/')
            ));
            return Ok(url);
        }
        let host = format!("s3.{}.{}", self.region, domain(&self.region));
        let address = if bucket.contains(['.', '_']) || bucket.chars().any(char::is_uppercase) {
            format!("https://{host}/{bucket}")
        } else {
            format!("https://{bucket}.{host}/")
        };
        Url::parse(&address).map_err(|e| e.to_string())
    }

    /// The address of an object.
    ///
    /// Errors: why there is none.
    pub(crate) fn object(&self, bucket: &str, key: &str) -> Result<Url, String> {
        let mut url = self.root(bucket)?;
        let path = format!("{}/{}", url.path().trim_end_matches('/'), encoded(key, "/"));
        url.set_path(&path);
        if url.path() == path {
            return Ok(url);
        }
        Err(
            "a key with `.` or `..` between slashes has no address that every server understands"
                .to_owned(),
        )
    }

    /// The address of another service, by the first part of its host: below an endpoint that is named, or Amazon's own.
    ///
    /// Errors: why there is none.
    pub(crate) fn service(&self, host: &str) -> Result<Url, String> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(endpoint.clone());
        }
        let domain = domain(&self.region);
        Url::parse(&format!("https://{host}.{}.{domain}/", self.region)).map_err(|e| e.to_string())
    }

    /// What signs requests of a service; `None` where they are not signed.
    pub(crate) fn signer(&mut self, service: &'static str) -> Option<Signer> {
        let keys = match std::mem::replace(&mut self.found, Found::Unsigned) {
            Found::Keys(credentials) => Keys::Written(credentials),
            Found::Given(renewed) => Keys::Given(renewed),
            Found::Unsigned | Found::Elsewhere(_) => return None,
        };
        Some(Signer::new(keys, self.region.clone(), service))
    }
}

/// Amazon's domain of a region.
pub(super) fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    }
}

/// An http or https address of a server, without user and query.
pub(crate) fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok();
    let plain = |u: &Url| u.username().is_empty() && u.password().is_none() && u.query().is_none();
    url.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host() && plain(u))
}

fn parsed(from: &str, text: &str) -> Result<Url, String> {
    address(text).ok_or_else(|| {
        format!("{from} is no http or https address of a server, without user and query")
    })
}

/// The profile that is asked for, or the one called `default`.
struct Profile {
    name: String,
    values: BTreeMap<String, String>,
}

impl Profile {
    fn read(variable: Variable, text: Text) -> Result<Self, String> {
        let asked = variable("AWS_PROFILE");
        let name = asked.clone().unwrap_or_else(|| "default".to_owned());
        let home = variable("HOME").or_else(|| variable("USERPROFILE"));
        let place = |name: &str, file: &str| {
            let usual = home.as_ref().map(|h| Path::new(h).join(".aws").join(file));
            variable(name).map(PathBuf::from).or(usual)
        };
        let title = if name == "default" {
            name.clone()
        } else {
            format!("profile {name}")
        };
        let config =
            place("AWS_CONFIG_FILE", "config").and_then(|p| section(&text(&p).ok()?, &title));
        let keys = place("AWS_SHARED_CREDENTIALS_FILE", "credentials")
            .and_then(|p| section(&text(&p).ok()?, &name));
        if asked.is_some() && config.is_none() && keys.is_none() {
            return Err("AWS_PROFILE names a profile that is neither in the config nor in the credentials file".to_owned());
        }
        let mut values = config.unwrap_or_default();
        values.extend(keys.unwrap_or_default());
        Ok(Self { name, values })
    }

    /// The first of its keys that names credentials which are not read.
    fn unread(&self) -> Option<&'static str> {
        let mut all = UNREAD.iter().copied();
        all.find(|key| self.values.contains_key(*key))
    }
}

/// Keys of the environment; else those of a profile that is named; else a web identity, which somebody named for this job;
/// else those of the profile `default`; else what the container or the machine gives.
///
/// Errors: one half of a pair alone; a profile that is named by `AWS_PROFILE` and whose own way to credentials is not read, so
/// that nobody is asked as somebody else; nothing that could be used.
///
/// Source: the order of boto3 and of the AWS SDKs, where profiles hold nothing but keys.
fn credentials(variable: Variable, profile: &Profile, region: &str) -> Result<Found, String> {
    if variable("AWS_NO_SIGN_REQUEST")
        .is_some_and(|v| ["1", "true"].contains(&v.to_lowercase().as_str()))
    {
        return Ok(Found::Unsigned);
    }
    let of_variable = |name: &str| variable(&name.to_uppercase());
    if let Some(keys) = keys("the environment", &of_variable)? {
        return Ok(Found::Keys(keys));
    }
    let endpoint = || -> Result<Option<String>, String> {
        let all = ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"];
        let set = all.iter().find_map(|n| Some((*n, variable(n)?)));
        set.map(|(from, url)| parsed(from, &url).map(|_| url))
            .transpose()
    };
    // A profile that is named comes before what the surroundings set; the one called `default` after it.
    let named = variable("AWS_PROFILE").is_some();
    let of_profile = |name: &str| profile.values.get(name).filter(|v| !v.is_empty()).cloned();
    let of_profile = keys("the profile", &of_profile)?.map(Found::Keys);
    if let Some(keys) = of_profile.as_ref().filter(|_| named) {
        return Ok(keys.clone());
    }
    // Whoever names a profile means its identity and nobody else's.
    let own = profile.values.contains_key(elsewhere::TOKEN_FILE);
    if named && !own && profile.unread().is_some() {
        return Err(missing(profile));
    }
    if let Some(web) = elsewhere::web_identity(variable, &profile.values, region, endpoint()?)? {
        return Ok(Found::Elsewhere(web));
    }
    if let Some(keys) = of_profile {
        return Ok(keys);
    }
    match elsewhere::beside(variable)? {
        Some(beside) => Ok(Found::Elsewhere(beside)),
        None => Err(missing(profile)),
    }
}

/// Id, secret and token; `None` where there are none.
///
/// Errors: one of them alone; characters that no header holds.
fn keys(from: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<Option<Credentials>, String> {
    match (value("aws_access_key_id"), value("aws_secret_access_key")) {
        (Some(id), Some(secret)) => {
            let token = value("aws_session_token");
            let keys = Credentials { id, secret, token };
            keys.checked(from).map(|()| Some(keys))
        }
        (None, None) => Ok(None),
        _ => Err(format!(
            "{from} holds one of aws_access_key_id and aws_secret_access_key; both belong together"
        )),
    }
}

/// Says which credentials that are there are not read, and what is missing. The one comes first: a message may be cut.
fn missing(profile: &Profile) -> String {
    let said = profile.unread().map(|key| {
        format!(
            "`{key}` of the profile `{}` is not supported; ",
            profile.name.escape_debug()
        )
    });
    format!(
        "{}there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or \
         AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or AWS_NO_SIGN_REQUEST=true for a public bucket; the role of a \
         machine is asked for where AWS_EC2_METADATA_DISABLED is false",
        said.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Settings, String> {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        let text = |path: &Path| {
            let file = files.iter().find(|(name, _)| path == Path::new(name));
            file.map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| std::io::ErrorKind::NotFound.into())
        };
        Settings::read("s3", &variable, &text)
    }

    const KEYS: [(&str, &str); 2] = [
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    const FILES: [(&str, &str); 2] = [
        (
            "/h/.aws/config",
            "[default]\nregion = eu-west-1\n[profile w]\nregion = cn-north-1\nrole_arn = a\n",
        ),
        (
            "/h/.aws/credentials",
            "[default]\naws_access_key_id = d\naws_secret_access_key = s\n",
        ),
    ];

    fn said(settings: &Settings, bucket: &str) -> (Option<String>, String) {
        let id = match &settings.found {
            Found::Keys(keys) => Some(keys.id.clone()),
            Found::Unsigned | Found::Elsewhere(_) | Found::Given(_) => None,
        };
        (id, settings.root(bucket).map_or_else(|e| e, String::from))
    }

    #[test]
    fn variables_win_over_the_profile() {
        let home = ("HOME", "/h");
        let all = |more: &[(&'static str, &'static str)], bucket| {
            read(&[&[home], more].concat(), &FILES).map(|s| said(&s, bucket))
        };
        let id = |text: &str| Some(text.to_owned());
        assert_eq!(
            all(&[], "b"),
            Ok((id("d"), "https://b.s3.eu-west-1.amazonaws.com/".to_owned()))
        );
        assert_eq!(
            all(&KEYS, "a.b"),
            Ok((
                id("id"),
                "https://s3.eu-west-1.amazonaws.com/a.b".to_owned()
            ))
        );
        let region = [
            KEYS[0],
            KEYS[1],
            ("AWS_PROFILE", "w"),
            ("AWS_REGION", "us-west-2"),
        ];
        assert_eq!(
            all(&region, "b"),
            Ok((id("id"), "https://b.s3.us-west-2.amazonaws.com/".to_owned()))
        );
        assert_eq!(
            all(&region[..3], "b"),
            Ok((
                id("id"),
                "https://b.s3.cn-north-1.amazonaws.com.cn/".to_owned()
            ))
        );
        let near = [
            ("AWS_ENDPOINT_URL", "http://a"),
            ("AWS_ENDPOINT_URL_S3", "http://h:1/p/"),
            ("AWS_NO_SIGN_REQUEST", "true"),
        ];
        assert_eq!(all(&near, "b"), Ok((None, "http://h:1/p/b".to_owned())));
    }

    #[test]
    fn what_is_missing_is_said_without_secrets() {
        let reason = |variables: &[(&str, &str)]| read(variables, &FILES).err().unwrap_or_default();
        assert!(reason(&[]).contains("AWS_NO_SIGN_REQUEST"));
        let profile = reason(&[("HOME", "/h"), ("AWS_PROFILE", "w")]);
        assert!(
            profile.contains("`role_arn` of the profile `w` is not supported"),
            "{profile}"
        );
        // A message is cut at its end: what is special comes first.
        assert!(
            profile.find("role_arn") < profile.find("AWS_ACCESS_KEY_ID"),
            "{profile}"
        );
        assert!(reason(&[("HOME", "/h"), ("AWS_PROFILE", "x")]).contains("AWS_PROFILE"));
        assert!(reason(&KEYS[..1]).contains("both belong together"));
        let broken = reason(&[KEYS[0], ("AWS_SECRET_ACCESS_KEY", "top\nsecret")]);
        assert!(
            broken.contains("not ASCII") && !broken.contains("top"),
            "{broken}"
        );
        let endpoint = reason(&[
            KEYS[0],
            KEYS[1],
            ("AWS_ENDPOINT_URL", "http://user:hidden@h"),
        ]);
        assert!(
            endpoint.contains("AWS_ENDPOINT_URL") && !endpoint.contains("hidden"),
            "{endpoint}"
        );
    }

    #[test]
    fn a_profile_that_is_named_and_not_read_is_nobody_else() {
        let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/");
        let web = [
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"),
            ("AWS_ROLE_ARN", "arn"),
        ];
        let reason = |variables: &[(&str, &str)]| read(variables, &FILES).err().unwrap_or_default();
        let named = [("HOME", "/h"), ("AWS_PROFILE", "w")];
        for more in [
            &[container][..],
            &web,
            &[("AWS_EC2_METADATA_DISABLED", "false")],
        ] {
            let told = reason(&[&named[..], more].concat());
            assert!(told.contains("`role_arn` of the profile `w`"), "{told}");
        }
        // Nobody named it: what the surroundings set is meant.
        let unnamed = [("/h/.aws/config", "[default]\nrole_arn = a\n")];
        assert!(read(&[("HOME", "/h"), container], &unnamed).is_ok());
        // It has a way of its own that is read.
        let own = "[profile w]\nrole_arn = a\nweb_identity_token_file = /t\n";
        assert!(read(&named, &[("/h/.aws/config", own)]).is_ok());
        let keys = "[w]\naws_access_key_id = d\naws_secret_access_key = s\n";
        let both = [FILES[0], ("/h/.aws/credentials", keys)];
        assert!(read(&[&named[..], &[container]].concat(), &both).is_ok());
    }
}
