//! What a user sees when something is wrong: every file in `tests/cases/` is one command with its output and exit code.
//!
//! `TRYCMD=overwrite cargo test cases` writes what is printed now.

#[test]
fn cases() {
    trycmd::TestCases::new().case("tests/cases/*.toml");
}
