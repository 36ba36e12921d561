//! Servers over TLS: whom a client trusts, and how it says who it is.

use crate::model_sources::Serving;
use tollgate::model::source::Wanted;
use tollgate::model::source::mlflow::{Access, Ask, Pick, What, read};

#[test]
fn certificates_are_checked_as_the_variables_say() {
    let Some(server) = Serving::start("TOLLGATE_MLFLOW", "tls_server.py") else {
        return;
    };
    let ask = Ask {
        what: What::Run("r".to_owned()),
        wanted: Wanted::all(),
        pick: Pick::Last,
        dataset: None,
    };
    let told = |address: &str, variables: &[(&str, &str)]| {
        let mut variables = variables.to_vec();
        variables.push(("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0"));
        let variable = |name: &str| {
            let found = variables.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let access = Access::new(Some(server.text(address)), &variable).unwrap();
        read(&access, &ask).err().map(|e| e.to_string())
    };
    let trusted = ("MLFLOW_TRACKING_SERVER_CERT_PATH", server.text("ca"));
    let other = ("MLFLOW_TRACKING_SERVER_CERT_PATH", server.text("other"));
    let any = ("MLFLOW_TRACKING_INSECURE_TLS", "true");
    let client = ("MLFLOW_TRACKING_CLIENT_CERT_PATH", server.text("client"));
    assert_eq!(told("plain", &[trusted]), None);
    assert_eq!(told("plain", &[any]), None);
    for variables in [
        &[][..],
        &[other],
        &[("MLFLOW_TRACKING_INSECURE_TLS", "false")],
    ] {
        let reason = told("plain", variables).unwrap();
        assert!(reason.contains("certificate"), "{reason}");
    }
    assert_eq!(told("asking", &[trusted, client]), None);
    assert!(told("asking", &[trusted]).is_some());
}
