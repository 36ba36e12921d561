//! Embeds every check file of `checks/`, so that a new built-in check is one file and no Rust.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=checks");
    let folder =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("checks");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("checks/ is part of the package")
        .map(|entry| entry.expect("checks/ is readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    files.sort();
    let mut code = String::from("&[\n");
    for file in files {
        let name = file
            .file_name()
            .expect("a file has a name")
            .to_string_lossy();
        // The path is put together where the code is compiled: a build kept from another checkout must not lead there.
        writeln!(
            code,
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/checks/\", {name:?}))),"
        )
        .expect("writing to a String cannot fail");
    }
    code.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("checks.rs");
    fs::write(out, code).expect("OUT_DIR is writable");
}
