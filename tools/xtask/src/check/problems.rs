//! Every problem code of the API has a section with its status and its remedy, and no section outlives its code.

use std::collections::BTreeMap;

use muster_api::ProblemCode;

use super::Finding;
use crate::tree::Tree;

const PAGE: &str = "docs/operating/problems.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let sections = sections(tree.text(PAGE).unwrap_or_default());
    let undescribed = ProblemCode::ALL.iter().filter_map(|code| fault(*code, &sections));
    let orphans = sections.iter().filter(|(name, _)| ProblemCode::ALL.iter().all(|code| code.as_str() != **name));
    let orphans = orphans.map(|(name, section)| Finding::at(PAGE, section.line, format!("there is no code `{name}`")));
    undescribed.chain(orphans).collect()
}

struct Section<'a> {
    line: usize,
    body: &'a str,
}

/// The page's second-level sections by heading; the body is the first line that says something.
fn sections(page: &str) -> BTreeMap<&str, Section<'_>> {
    let lines: Vec<&str> = page.lines().collect();
    let headings = lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.strip_prefix("## ")?)));
    headings
        .map(|(at, name)| {
            let body = lines[at + 1..].iter().find(|line| !line.trim().is_empty()).copied().unwrap_or_default();
            (name, Section { line: at + 1, body })
        })
        .collect()
}

fn fault(code: ProblemCode, sections: &BTreeMap<&str, Section<'_>>) -> Option<Finding> {
    let name = code.as_str();
    let Some(section) = sections.get(name) else {
        return Some(Finding::in_file(PAGE, format!("has no section for the code `{name}`; say what to do about it")));
    };
    let status = format!("{}. ", code.status());
    let wrong = !section.body.starts_with(&status);
    wrong.then(|| Finding::at(PAGE, section.line, format!("`{name}` must begin with its status, {}", code.status())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_needs_its_section() {
        let check = |page: &str| super::check(&Tree::from([(PAGE, page)]));
        assert_eq!(check(&page()), []);
        assert_eq!(check("").len(), ProblemCode::ALL.len());
        let wrong_status = page().replace("## timeout\n\n504", "## timeout\n\n500");
        assert_eq!(check(&wrong_status).len(), 1);
        let orphan = page() + "## no_such_code\n\n400. Words.\n";
        assert_eq!(check(&orphan).len(), 1);
    }

    fn page() -> String {
        let section = |code: &ProblemCode| format!("## {}\n\n{}. Words.\n\n", code.as_str(), code.status());
        ProblemCode::ALL.iter().map(section).collect()
    }
}
