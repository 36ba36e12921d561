//! `tollgate docs`: every generated file of the repository, written in one go.

use super::print;
use crate::error::{EXIT_PASS, Error, Result};
use crate::{catalogue, docs};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder that holds `checks/`.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let catalogue = catalogue::load::load(&[])?;
        let mut text = String::new();
        for (path, content) in docs::generated(&catalogue) {
            let path = self.folder.join(path);
            // A file that says so already keeps its time, so that nothing is built again because of it.
            if std::fs::read_to_string(&path).is_ok_and(|old| old == content) {
                continue;
            }
            let folder = path.parent().unwrap_or(&path);
            std::fs::create_dir_all(folder).map_err(|e| Error::io("write", folder, e))?;
            std::fs::write(&path, content).map_err(|e| Error::io("write", &path, e))?;
            writeln!(text, "wrote {}", path.display()).expect("writing to a String cannot fail");
        }
        print(&text).map(|()| EXIT_PASS)
    }
}
