//! Labels of memory sources stand in their catalogue and nowhere else: whoever writes one out decides by it, and the
//! next label is forgotten there.

use super::Finding;
use crate::tree::Tree;

const CATALOGUE: &str = "crates/model/src/facet/memory_source.rs";

/// Also the name of a source of a node's disk.
const SHARED: &str = "nodes-endpoint";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(catalogue) = tree.text(CATALOGUE) else {
        return vec![Finding::in_file(CATALOGUE, "is missing; it is the catalogue of memory sources")];
    };
    let labels: Vec<String> = variants(catalogue).filter(|label| label.contains('-') && label != SHARED).collect();
    let is_ours = |path: &str| path.starts_with("crates/") && path.contains("/src/") && path != CATALOGUE;
    tree.texts(&[".rs"])
        .filter(|(path, _)| is_ours(path))
        .flat_map(|(path, text)| code(text).map(move |(number, line)| (path, number, line)))
        .filter_map(|(path, number, line)| {
            let label = labels.iter().find(|label| line.contains(&format!("\"{label}\"")))?;
            Some(Finding::at(path, number, format!("writes out the label `{label}`; ask `MemorySource` instead")))
        })
        .collect()
}

/// The labels of the catalogue's variants.
fn variants(catalogue: &str) -> impl Iterator<Item = String> {
    let body = catalogue.split_once("pub enum MemorySource {").map_or("", |(_, rest)| rest);
    let body = body.split_once("\n}").map_or("", |(body, _)| body);
    body.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
        .filter_map(|line| line.strip_suffix(','))
        .map(kebab)
}

fn kebab(name: &str) -> String {
    let mut label = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !label.is_empty() {
            label.push('-');
        }
        label.push(c.to_ascii_lowercase());
    }
    label
}

/// The lines before the tests, numbered from 1, that are no comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines()).take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_place_that_knows_labels_is_found() {
        //
        let catalogue =
            "pub enum MemorySource {\n    /// Why, and,\n    AvailableField,\n    NodesEndpoint,\n    Agent,\n}\n";
        let check = |text: &str, expected: usize| {
            let tree = Tree::from([(CATALOGUE, catalogue), ("crates/a/src/b.rs", text)]);
            assert_eq!(super::check(&tree).len(), expected, "{text}");
        };
        check("fn f() { match label { \"available-field\" => 1 } }", 1);
        check("// \"available-field\"\nlet disk = (\"nodes-endpoint\", \"agent\");", 0);
        check("#[cfg(test)]\nmod tests { const A: &str = \"available-field\"; }", 0);
        assert_eq!(super::check(&Tree::default()).len(), 1);
    }

    #[test]
    fn the_catalogue_is_read_as_it_is() {
        let tree = Tree::of_repository().unwrap();
        let labels: Vec<String> = variants(tree.text(CATALOGUE).unwrap()).collect();
        assert!(
            labels.contains(&"rrd-memavailable".to_owned()) && labels.contains(&"powered-off".to_owned()),
            "{labels:?}"
        );
    }
}
