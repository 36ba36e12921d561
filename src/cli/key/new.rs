//! `tollgate key new`: a key that signs, never over one that is there.

use crate::cli::print;
use crate::error::{EXIT_PASS, Error, Result};
use crate::evidence::PrivateKey;
use crate::report::text::line;
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The file of the key that signs, readable by its owner only; its public key goes to FILE.pub.
    ///
    /// PEM: PKCS#8 and `SubjectPublicKeyInfo` of ed25519, as `OpenSSL` writes and reads them. Neither file may be there yet.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    pub(super) fn execute(self) -> Result<u8> {
        let mut public = self.output.clone().into_os_string();
        public.push(".pub");
        let public = PathBuf::from(public);
        for path in [&self.output, &public] {
            if path.symlink_metadata().is_ok() {
                return Err(taken(path));
            }
        }
        let (key, text) = PrivateKey::generate().map_err(|e| Error::data("make", "a key", e))?;
        write(&self.output, &text, Readers::Owner)?;
        write(&public, &key.public().pem(), Readers::All)?;
        print(&format!(
            "key {}\nsigns: {}\npublic: {}\n",
            key.public().id(),
            line(&self.output.display().to_string()),
            line(&public.display().to_string())
        ))
        .map(|()| EXIT_PASS)
    }
}

/// Who may read a file.
#[derive(Clone, Copy)]
enum Readers {
    Owner,
    All,
}

impl Readers {
    #[cfg(unix)]
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::All => 0o666,
        }
    }
}

/// Writes a new file under a temporary name and gives it its own, unless another has it by now.
fn write(path: &Path, text: &str, readers: Readers) -> Result<()> {
    let fail = |e: std::io::Error| Error::io("write", path, e);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(readers.mode()));
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = builder
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => Err(taken(path)),
        Err(e) => Err(fail(e.error)),
    }
}

fn taken(path: &Path) -> Error {
    Error::Usage(format!(
        "{} is there already, and a key is never replaced: name another file",
        path.display()
    ))
}
