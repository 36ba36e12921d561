//! Reports: one snapshot per format of one rich run, hostile text in every format, and how files are written.

use crate::report_fixture::{HOSTILE, rich};
use tollgate::report::{Format, render};

#[test]
fn snapshots() {
    let run = rich();
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        for format in Format::ALL {
            insta::assert_snapshot!(format!("report_{}", format.name()), render(&run, *format));
        }
    });
}

/// Rules of every text that may end up in a CI log.
fn harmless_in_a_log(text: &str, name: &str) {
    assert!(!text.contains("##[") && !text.contains("##vso["), "{name}");
    let hidden = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(hidden, None, "{name}");
    assert!(
        !text.contains(['\u{202e}', '\u{fdd0}', '\u{ffff}']),
        "{name}"
    );
    if name != "github" {
        let command = text.lines().find(|l| l.trim_start().starts_with("::"));
        assert_eq!(command, None, "{name}");
    }
}

#[test]
fn hostile_text_is_harmless_in_every_format() {
    let run = rich();
    assert!(HOSTILE.iter().any(|t| t.contains('\u{202e}')));
    for format in Format::ALL {
        harmless_in_a_log(&render(&run, *format), format.name());
    }
}
