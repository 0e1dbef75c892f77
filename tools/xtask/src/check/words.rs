//! Words that have no place in a repository: promises without an issue, and paths of somebody's own machine.

use super::Finding;
use crate::tree::Tree;

const LOOKED_AT: &[&str] = &[
    ".rs",
    ".ts",
    ".tsx",
    ".mjs",
    ".css",
    ".html",
    ".md",
    ".toml",
    ".sh",
    ".sql",
    "Makefile",
    "scripts/setup",
    ".ci/run",
];

/// Split, so that this file does not find itself.
const PROMISES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
const MACHINE_PATHS: &[&str] = &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.texts(LOOKED_AT)
        .flat_map(|(path, text)| text.lines().zip(1..).map(move |(line, number)| (path, number, line)))
        .filter_map(|(path, number, line)| Some(Finding::at(path, number, fault(line)?)))
        .collect()
}

fn fault(line: &str) -> Option<String> {
    if let Some(promise) = PROMISES.iter().find(|promise| has_bare_promise(line, promise)) {
        return Some(format!("{promise} without an issue; write `{promise}(#12)`, or do it"));
    }
    let path = MACHINE_PATHS.iter().find(|path| line.contains(**path))?;
    Some(format!("names a path below {path}, which exists on one machine only; make it relative or an argument"))
}

/// Whether the word stands alone and no `(#<number>)` follows.
fn has_bare_promise(line: &str, promise: &str) -> bool {
    line.match_indices(promise).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let rest = &line[start + promise.len()..];
        let is_word = !before.is_some_and(char::is_alphanumeric) && !rest.starts_with(char::is_alphanumeric);
        is_word && !rest.strip_prefix("(#").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_found() {
        let check = |line: &str, expected: usize| {
            assert_eq!(super::check(&Tree::from([("a.rs", line)])).len(), expected, "{line}");
        };
        let [promise, fix, _] = PROMISES else { panic!("three promises") };
        check(&format!("// {promise}: later"), 1);
        check(&format!("// {fix} later"), 1);
        check(&format!("// {promise}(#12): later"), 0);
        check(&format!("const {promise}S: u8 = 1;"), 0);
        for path in MACHINE_PATHS {
            check(&format!("let config = \"{path}me/config\";"), 1);
        }
        check("let mount = \"/home\";", 0);
    }

    #[test]
    fn recorded_data_is_left_alone() {
        let line = format!("{}somebody", MACHINE_PATHS[0]);
        assert_eq!(super::check(&Tree::from([("tests/fixtures/mountinfo", line.as_str())])), []);
    }
}
