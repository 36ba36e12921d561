//! Decoders meet broken files: their panics become errors that name the file.

use super::DataFile;
use crate::error::Result;
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

thread_local! {
    /// Whether this thread is inside a decoder.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    /// What the decoder said when it gave up.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs a decoding step; a panic inside the decoder on a broken file is an unreadable file, not ours to die of.
///
/// What the decoder says goes into the error and not to stderr; panics anywhere else are reported as ever.
///
/// Errors: [`crate::error::Error::Data`] with the decoder's reason.
pub(in crate::engine::embedded) fn guarded<T, E: Display>(
    file: &DataFile,
    step: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(listen);
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(step));
    GUARDED.set(outer);
    match result {
        Ok(result) => result.map_err(|e| file.broken(plain(&e.to_string()))),
        Err(_) => Err(SAID.with_borrow(|said| {
            file.broken(format!("the decoder gave up on its content: {said}"))
        })),
    }
}

/// The decoder's reason without the layers that it passed through.
fn plain(reason: &str) -> &str {
    const LAYERS: [&str; 5] = [
        "Parquet argument error: ",
        "Parquet error: ",
        "External: ",
        "Ipc error: ",
        "Arrow: ",
    ];
    let stripped = LAYERS.iter().find_map(|layer| reason.strip_prefix(layer));
    stripped.map_or(reason, plain)
}

/// Listens to panics of guarded threads only.
fn listen() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo| {
        if GUARDED.get() {
            let said = info.payload_as_str().unwrap_or("no reason given");
            SAID.with_borrow_mut(|s| said.clone_into(s));
        } else {
            before(info);
        }
    }));
}
