//! The checked-in API document: written from the server's routes, or compared with them.
//!
//! Everything that is generated from the API starts at this file, so it has to be what the server really does.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::tree::repository_root;

const COMMAND: &str = "cargo run -p xtask -- openapi";

/// Writes the document.
pub(crate) fn write() -> Result<()> {
    let path = path();
    let folder = path.parent().context("the document lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    fs::write(&path, muster_server::openapi::openapi_json()).with_context(|| format!("writing {}", path.display()))
}

/// Compares the document with the server.
pub(crate) fn check() -> Result<()> {
    let path = path();
    let checked_in =
        fs::read_to_string(&path).with_context(|| format!("reading {}; run `{COMMAND}`", path.display()))?;
    match first_difference(&checked_in, &muster_server::openapi::openapi_json()) {
        None => Ok(()),
        Some(difference) => {
            bail!("openapi/muster.json is stale: {difference}; run `{COMMAND}` and review what changed")
        }
    }
}

fn path() -> PathBuf {
    repository_root().join("openapi/muster.json")
}

/// Says where two documents part.
fn first_difference(checked_in: &str, generated: &str) -> Option<String> {
    if checked_in == generated {
        return None;
    }
    let (mut old, mut new) = (checked_in.lines(), generated.lines());
    let parted = (1..).zip(std::iter::from_fn(|| Some((old.next(), new.next()))));
    let (line, (old, new)) = parted.take_while(|(_, pair)| *pair != (None, None)).find(|(_, (old, new))| old != new)?;
    let shown = |line: Option<&str>| line.map_or("the end".to_owned(), |line| format!("`{}`", line.trim()));
    Some(format!("line {line} has {} and should have {}", shown(old), shown(new)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checked_in_document_is_what_the_server_does() {
        check().unwrap();
    }

    #[test]
    fn a_difference_names_its_line() {
        let check = |old, new, expected: Option<&str>| assert_eq!(first_difference(old, new).as_deref(), expected);
        check("a\nb\n", "a\nb\n", None);
        check("a\n b\n", "a\n c\n", Some("line 2 has `b` and should have `c`"));
        check("a\n", "a\nb\n", Some("line 2 has the end and should have `b`"));
        check("a\nb\n", "a\n", Some("line 2 has `b` and should have the end"));
    }
}
