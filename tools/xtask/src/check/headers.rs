//! Every Rust source file says first what it does, who calls it and what it refuses to do.

use super::Finding;
use crate::tree::Tree;

const MESSAGE: &str = "starts without a `//!` header; say what the file does, who calls it and what it refuses to do";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.texts(&[".rs"])
        .filter(|(_, text)| !has_header(text))
        .map(|(path, _)| Finding::in_file(path, MESSAGE))
        .collect()
}

fn has_header(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
    first.is_some_and(|line| line.strip_prefix("//!").is_some_and(|words| !words.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_header_is_found() {
        let check = |text, expected: usize| {
            assert_eq!(check(&Tree::from([("crates/x/src/lib.rs", text)])).len(), expected, "{text}");
        };
        check("//! Does one thing.\nfn main() {}", 0);
        check("#![no_main]\n//! Does one thing.", 0);
        check("fn main() {}", 1);
        check("// Does one thing.", 1);
        check("//!\n", 1);
        check("", 1);
    }
}
