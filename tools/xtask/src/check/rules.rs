//! Every rule of how a platform's numbers are read is proved by a test over a real socket that cites it, or the list below
//! says where it is proved instead.

use std::collections::BTreeSet;

use super::Finding;
use crate::tree::Tree;

/// Where tests look at a simulated cluster through the real client.
const TESTS: &str = "crates/proxmox/tests/proxmox/";

/// The rules: memory, disks and agents of guests, and what nodes, storages and disks tell.
const RULES: std::ops::RangeInclusive<u32> = 65..=100;

/// Rules of which the platform tells no part, and the file that proves them, or that says why there is nothing to prove.
const ELSEWHERE: &[(u32, &str)] = &[
    (96, "crates/estate/tests/estate/disks.rs"),
    (98, "crates/proxmox/src/lib.rs"),
    (99, "crates/estate/tests/estate/insiders.rs"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let cited: BTreeSet<u32> = tree
        .texts(&[".rs"])
        .filter(|(path, _)| path.starts_with(TESTS))
        .flat_map(|(_, text)| text.lines().filter_map(comment).flat_map(citations))
        .collect();
    RULES.filter(|rule| !cited.contains(rule)).filter_map(|rule| fault(tree, rule)).collect()
}

fn fault(tree: &Tree, rule: u32) -> Option<Finding> {
    let Some((_, path)) = ELSEWHERE.iter().find(|(known, _)| *known == rule) else {
        let message = format!("no test cites R-{rule}; write one over a socket, or name the place that proves it");
        return Some(Finding::in_file(TESTS, message));
    };
    let is_cited = tree.text(path).is_some_and(|text| citations(text).any(|cited| cited == rule));
    (!is_cited).then(|| Finding::in_file(path, format!("should prove R-{rule} and does not cite it")))
}

/// What a comment line says.
fn comment(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("//").filter(|rest| !rest.starts_with('!'))
}

/// The rules that a text names, such as the 65 of `R-65`.
fn citations(text: &str) -> impl Iterator<Item = u32> {
    let digits = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok());
    text.split("R-").skip(1).filter_map(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_without_a_test_is_named() {
        let all: Vec<String> = RULES.map(|rule| format!("    // R-{rule}: why")).collect();
        let check = |text: &str, guide: &str, expected: &[&str]| {
            let tree = Tree::from([("crates/proxmox/tests/proxmox/provider/a.rs", text), (ELSEWHERE[1].1, guide)]);
            let found: Vec<String> = super::check(&tree).iter().map(Finding::to_string).collect();
            assert_eq!(found.len(), expected.len(), "{found:?}");
            assert!(found.iter().zip(expected).all(|(found, part)| found.contains(part)), "{found:?}");
        };
        let without = |rule: u32| {
            let rest = all.iter().filter(|line| !line.contains(&format!("R-{rule}:")));
            rest.cloned().collect::<Vec<_>>().join("\n")
        };
        check(&all.join("\n"), "", &[]);
        check(&without(71), "", &["no test cites R-71"]);
        check(&without(98), "as R-98 says", &[]);
        check(&without(98), "", &["should prove R-98"]);
        // The head of a file proves nothing.
        check(&without(71).replace("// R-70: why", "// R-70\n//! R-71"), "", &["no test cites R-71"]);
    }
}
