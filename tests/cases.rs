//! What a user sees when something is wrong: every file in `tests/cases/` is one command with its output and exit code.
//!
//! `TRYCMD=overwrite cargo test cases` writes what is printed now.

#[test]
fn cases() {
    let cases = trycmd::TestCases::new();
    // Whatever CI system the tests run in is not told of what they do.
    cases.env("TOLLGATE_CI", "none");
    cases.case("tests/cases/*.toml");
}
