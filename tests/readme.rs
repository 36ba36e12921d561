//! The README shows what the program prints.

use std::process::Command;

#[test]
fn the_picture_is_real() {
    let root = env!("CARGO_MANIFEST_DIR");
    let readme = std::fs::read_to_string(format!("{root}/README.md")).unwrap();
    let picture = readme.split("```\n").nth(1).unwrap();
    let mut lines = picture.lines();
    let command = lines.next().unwrap();
    assert_eq!(command, "$ cargo run -- run examples/flights/dirty.yaml");
    let out = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(command.split_whitespace().skip(4))
        .args(["--output", out.path().to_str().unwrap()])
        .current_dir(root)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut rest = printed.lines();
    let shown = lines.filter(|l| *l != "  ..." && !l.starts_with("report: "));
    for line in shown {
        assert!(
            rest.any(|l| l == line),
            "not printed, or not in this order: {line}\n{printed}"
        );
    }
}
