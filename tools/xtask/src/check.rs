//! What the compiler cannot check. Each check is a function from the repository's files to findings.

mod headers;
mod labels;
mod layers;
mod lengths;
mod links;
mod problems;
mod proofs;
mod purity;
mod rules;
mod words;

use std::fmt;

use anyhow::Result;

use crate::{packages, tree::Tree};

/// One thing to repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    line: Option<usize>,
    message: String,
}

impl Finding {
    fn in_file(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, message: message.into() }
    }

    /// `line` counts from 1.
    fn at(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::in_file(path, message) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

/// Runs every check.
///
/// # Errors
/// When a file that a check reads as data cannot be parsed.
pub(crate) fn all(tree: &Tree) -> Result<Vec<Finding>> {
    let packages = packages::read(tree)?;
    let mut findings = layers::check(&packages);
    findings.extend(purity::check(&packages, &packages::locked(tree)?));
    findings.extend(headers::check(tree));
    findings.extend(labels::check(tree));
    findings.extend(lengths::check(tree)?);
    findings.extend(links::check(tree));
    findings.extend(problems::check(tree));
    findings.extend(proofs::check(tree));
    findings.extend(rules::check(tree));
    findings.extend(words::check(tree));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_passes() {
        let findings = all(&Tree::of_repository().unwrap()).unwrap();
        let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
        assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    }
}
