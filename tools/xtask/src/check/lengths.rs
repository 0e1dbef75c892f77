//! No source file grows past what a reader keeps in mind. Files that are longer for a reason stand in a ratchet list
//! with their length; the list may only shrink.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::Finding;
use crate::tree::Tree;

/// Lines, tests included. Most files are far shorter.
const LIMIT: usize = 500;
const RATCHET: &str = "tools/xtask/long-files.toml";
const GENERATED: &str = ".d.ts";

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let allowed: BTreeMap<String, usize> =
        toml::from_str(tree.text(RATCHET).unwrap_or_default()).with_context(|| format!("reading {RATCHET}"))?;
    let sources = tree.texts(&[".rs", ".ts", ".tsx"]).filter(|(path, _)| !path.ends_with(GENERATED));
    let lengths: BTreeMap<&str, usize> = sources.map(|(path, text)| (path, text.lines().count())).collect();
    let mut findings: Vec<Finding> =
        lengths.iter().filter_map(|(path, length)| too_long(path, *length, allowed.get(*path).copied())).collect();
    findings.extend(allowed.iter().filter_map(|(path, bound)| loose(path, *bound, lengths.get(path.as_str()))));
    Ok(findings)
}

fn too_long(path: &str, length: usize, allowed: Option<usize>) -> Option<Finding> {
    let limit = allowed.unwrap_or(LIMIT);
    (length > limit)
        .then(|| Finding::in_file(path, format!("has {length} lines, more than {limit}; split it by responsibility")))
}

fn loose(path: &str, bound: usize, length: Option<&usize>) -> Option<Finding> {
    let message = match length {
        None => format!("lists {path}, which is gone; remove the line"),
        Some(length) if *length <= LIMIT => format!("lists {path}, which has only {length} lines; remove the line"),
        Some(length) if *length < bound => format!("allows {path} {bound} lines, it has {length}; lower the number"),
        Some(_) => return None,
    };
    Some(Finding::in_file(RATCHET, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: usize, ratchet: &str, expected: &[&str]) {
        let text = "x\n".repeat(lines);
        let tree = Tree::from([("a.rs", text.as_str()), (RATCHET, ratchet)]);
        let found: Vec<String> = super::check(&tree).unwrap().iter().map(Finding::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn long_files_are_found_unless_listed() {
        check(LIMIT, "", &[]);
        check(501, "", &["a.rs: has 501 lines, more than 500; split it by responsibility"]);
        check(600, "'a.rs' = 600", &[]);
        check(601, "'a.rs' = 600", &["a.rs: has 601 lines, more than 600; split it by responsibility"]);
    }

    #[test]
    fn the_list_may_only_shrink() {
        let from_list = |message: &str| format!("{RATCHET}: {message}");
        check(550, "'a.rs' = 600", &[&from_list("allows a.rs 600 lines, it has 550; lower the number")]);
        check(10, "'a.rs' = 600", &[&from_list("lists a.rs, which has only 10 lines; remove the line")]);
        check(10, "'b.rs' = 600", &[&from_list("lists b.rs, which is gone; remove the line")]);
    }

    #[test]
    fn generated_declarations_have_no_limit() {
        let text = "x\n".repeat(9_000);
        assert_eq!(super::check(&Tree::from([("web/src/schema.d.ts", text.as_str())])).unwrap(), []);
    }
}
