//! The threat model names the test behind each of its rules; every test that it names is there and is run.
//!
//! A test is named between backticks as `path::function`, or as `path::title` for the web application.

use super::Finding;
use crate::tree::Tree;

const PAGE: &str = "docs/security.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(page) = tree.text(PAGE) else { return vec![Finding::in_file(PAGE, "is missing; it is the threat model")] };
    let named: Vec<_> =
        page.lines().zip(1..).flat_map(|(line, number)| proofs(line).map(move |it| (number, it))).collect();
    if named.is_empty() {
        return vec![Finding::in_file(PAGE, "names no test; write them as `path::function`")];
    }
    let fault = |(number, proof): (usize, Proof<'_>)| Some(Finding::at(PAGE, number, proof.fault(tree)?));
    named.into_iter().filter_map(fault).collect()
}

/// A test as the page names it.
#[derive(Debug, Clone, Copy)]
struct Proof<'a> {
    path: &'a str,
    name: &'a str,
}

/// What a line has between backticks that is a path and a name.
fn proofs(line: &str) -> impl Iterator<Item = Proof<'_>> {
    let spans = line.split('`').skip(1).step_by(2);
    spans
        .filter_map(|span| span.split_once("::"))
        .filter(|(path, _)| path.contains('/'))
        .map(|(path, name)| Proof { path, name })
}

impl Proof<'_> {
    fn fault(self, tree: &Tree) -> Option<String> {
        let Self { path, name } = self;
        let Some(text) = tree.text(path) else { return Some(format!("names `{path}`, which is not there")) };
        let is_there = if path.ends_with(".rs") { has_function(text, name) } else { has_title(text, name) };
        (!is_there).then(|| format!("names `{path}::{name}`, which is no test of that file"))
    }
}

/// Whether a Rust file has a test function of that name: one that is marked as a test, and not as ignored.
fn has_function(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let functions = lines.iter().enumerate().filter(|(_, line)| declares(line, name));
    functions.into_iter().any(|(at, _)| {
        let attributes = || lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
        let is_test = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        attributes().any(is_test) && !attributes().any(|line| line.starts_with("#[ignore"))
    })
}

fn declares(line: &str, name: &str) -> bool {
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ").and_then(|line| line.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
}

/// Whether a TypeScript file has a test of that title.
fn has_title(text: &str, title: &str) -> bool {
    let begins = |call: &str| text.lines().any(|line| line.trim_start().starts_with(&format!("{call}('{title}'")));
    begins("test") || begins("it")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "crates/a/tests/b.rs";
    const WEB: &str = "web/e2e/a.spec.ts";

    #[test]
    fn every_named_test_must_be_there() {
        check("`crates/a/tests/b.rs::plain`, `crates/a/tests/b.rs::waiting`", &[]);
        check(
            "`crates/a/tests/b.rs::within` and `web/e2e/a.spec.ts::a page opens`, `web/e2e/a.spec.ts::it moves`",
            &[],
        );
        check("`crates/a/tests/b.rs::plai`", &["1: names `crates/a/tests/b.rs::plai`, which is no test of that file"]);
        check("\n`crates/a/b.rs::plain`", &["2: names `crates/a/b.rs`, which is not there"]);
        check("`crates/a/tests/b::plain`", &["1: names `crates/a/tests/b`, which is not there"]);
        check("`web/e2e/a.spec.ts::a page`", &["1: names `web/e2e/a.spec.ts::a page`, which is no test of that file"]);
    }

    #[test]
    fn what_nobody_runs_proves_nothing() {
        for name in ["helper", "ignored", "commented"] {
            let proof = format!("crates/a/tests/b.rs::{name}");
            check(&format!("`{proof}`"), &[&format!("1: names `{proof}`, which is no test of that file")]);
        }
    }

    #[test]
    fn a_page_without_tests_is_none() {
        check("`std::fs` and `muster serve`", &[" names no test; write them as `path::function`"]);
        assert_eq!(super::check(&Tree::default()).len(), 1);
    }

    fn check(page: &str, expected: &[&str]) {
        let rust = "#[test]\nfn plain() {}\n\n#[tokio::test(flavor = \"x\")]\n#[expect(y)]\nasync fn waiting() {}\n\
                    proptest! {\n    #[test]\n    fn within(a in b) {}\n}\nfn helper() {}\n\
                    #[test]\n#[ignore]\nfn ignored() {}\n#[test]\n// fn commented() {}\n";
        let web = "test('a page opens', async () => {});\ndescribe('x', () => {\n  it('it moves', () => {});\n});\n";
        let tree = Tree::from([(PAGE, page), (RUST, rust), (WEB, web)]);
        let found: Vec<String> = super::check(&tree).iter().map(Finding::to_string).collect();
        let expected: Vec<String> = expected.iter().map(|rest| format!("{PAGE}:{rest}")).collect();
        assert_eq!(found, expected, "{page}");
    }
}
