//! Servers over TLS: whom a client trusts, and how it says who it is.

use crate::harness::Gate;
use crate::model_sources::Serving;
use std::fmt::Write;
use tollgate::model::source::Wanted;
use tollgate::model::source::mlflow::{Access, Ask, Pick, What, read};

/// A gate whose candidate is scored by the server: over 40 rows, whose score is their first feature.
fn scored(address: &str, besides: &str) -> Gate {
    let mut rows = String::from("late,a,b\n");
    for row in 0..40 {
        writeln!(rows, "{},{},1", row % 2, f64::from(row % 2) * 0.5 + 0.2).unwrap();
    }
    let config = format!(
        "version: 1\nmodels:\n  late:\n    min_rows: 10\n    candidate:\n      endpoint: '{address}'\n      \
         predictions: rows.csv\n      features: [a, b]\n      protocol: mlflow\n      label: late\n      score: prediction\n\
         {besides}    metrics: {{roc_auc: {{at_least: 0.5, limit_by: point}}}}\n"
    );
    let files = [
        ("rows.csv", rows.as_bytes()),
        ("none.pem", b"no certificate".as_slice()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

#[test]
fn an_endpoint_is_believed_by_its_certificates() {
    let Some(server) = Serving::start("TOLLGATE_MLFLOW", "tls_server.py") else {
        return;
    };
    let file = |key: &str, path: &str| format!("      {key}: '{path}'\n");
    let told = |address: &str, besides: &str, code: i32| {
        let gate = scored(server.text(address), besides);
        assert_eq!(gate.code, code, "{besides}{}{}", gate.stdout, gate.stderr);
        gate.stdout + &gate.stderr
    };
    let (ca, other) = (
        file("ca_file", server.text("ca")),
        file("ca_file", server.text("other")),
    );
    told("plain", &ca, 0);
    for besides in ["", &other] {
        let reason = told("plain", besides, 3);
        assert!(reason.contains("certificate"), "{reason}");
    }
    let client = file("client_cert_file", server.text("client"));
    told("asking", &format!("{ca}{client}"), 0);
    told("asking", &ca, 3);
    let gone = told("plain", &file("ca_file", "gone.pem"), 3);
    assert!(gone.contains("gone.pem"), "{gone}");
    let none = told("plain", &file("ca_file", "none.pem"), 2);
    assert!(none.contains("no certificate in PEM"), "{none}");
}

#[test]
fn certificates_of_an_address_without_them_are_a_mistake() {
    let besides = "      ca_file: ca.pem\n      client_cert_file: me.pem\n";
    let gate = scored("http://127.0.0.1:1", besides);
    assert_eq!(gate.code, 2, "{}", gate.stderr);
    for key in ["ca_file", "client_cert_file"] {
        let said = format!("`{key}` is of use to an address that begins with `https` only");
        assert!(gate.stderr.contains(&said), "{}", gate.stderr);
    }
}

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
