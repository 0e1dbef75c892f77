//! Answers of real and written-down installations, for tests of whoever reads them. Where each comes from stands beside
//! them, in `tests/fixtures/ORIGIN.md`.

use std::{fs, path::Path};

/// The body of an answer, such as `ceph_status_reef.v8`: an envelope with `data`, or a whole response for `error_…`.
///
/// # Panics
/// When there is no such answer.
pub fn recorded(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pve").join(format!("{name}.json"));
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}
