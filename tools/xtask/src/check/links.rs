//! Relative links in Markdown lead to something that is there. Links to other sites are not followed.

use super::Finding;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.texts(&[".md"]).flat_map(|(path, text)| broken_links(tree, path, text)).collect()
}

fn broken_links(tree: &Tree, path: &str, text: &str) -> Vec<Finding> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    prose_lines(text)
        .flat_map(|(number, line)| targets(line).map(move |target| (number, target)))
        .filter(|(_, target)| !leads_somewhere(tree, path, folder, text, target))
        .map(|(number, target)| Finding::at(path, number, format!("links to `{target}`, which is not there")))
        .collect()
}

/// Lines outside fenced code, with their numbers from 1.
fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().zip(1..).filter_map(move |(line, number)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((number, line))
    })
}

/// The target of every inline link `[text](target)` of a line.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

fn leads_somewhere(tree: &Tree, path: &str, folder: &str, text: &str, target: &str) -> bool {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    if file.is_empty() {
        return has_heading(text, anchor);
    }
    let Some(file) = resolve(folder, file) else { return false };
    let linked = if file == path { Some(text) } else { tree.text(&file) };
    tree.contains(&file) && (anchor.is_empty() || linked.is_some_and(|text| has_heading(text, anchor)))
}

/// The path from the root that a relative link means; none when it leaves the repository.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn has_heading(text: &str, anchor: &str) -> bool {
    prose_lines(text).any(|(_, line)| line.starts_with('#') && slug(line) == anchor)
}

/// The anchor that Markdown viewers give a heading: lower case, spaces to dashes, punctuation dropped.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_links_are_found() {
        let check = |line, expected: &[&str]| {
            let tree = Tree::from([("docs/a.md", line), ("docs/adr/0001.md", "# One, two: three"), ("README.md", "")]);
            let found: Vec<String> = super::check(&tree).iter().map(Finding::to_string).collect();
            assert_eq!(found, expected, "{line}");
        };
        check("see [one](adr/0001.md) and [top](../README.md)", &[]);
        check("see [one](adr/0001.md#one-two-three) and [all](adr/)", &[]);
        check("see [site](https://example.org/none)", &[]);
        check("# Here\nsee [here](#here)", &[]);
        check("```\n[not a link](gone.md)\n```", &[]);
        check("see [gone](adr/0002.md)", &["docs/a.md:1: links to `adr/0002.md`, which is not there"]);
        check("\nsee [gone](#nowhere)", &["docs/a.md:2: links to `#nowhere`, which is not there"]);
        check("see [gone](adr/0001.md#x)", &["docs/a.md:1: links to `adr/0001.md#x`, which is not there"]);
        check("see [out](../../x.md)", &["docs/a.md:1: links to `../../x.md`, which is not there"]);
    }
}
