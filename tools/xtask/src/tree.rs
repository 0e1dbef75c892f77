//! The files of the repository, as git sees them: tracked, or new and not ignored.
//!
//! Checks look at a [`Tree`] and never at the disk, so that a test can hand them a tree of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// Every file of a repository by its path from the root, `/`-separated; text files with their text.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    texts: BTreeMap<String, String>,
    others: BTreeSet<String>,
}

impl Tree {
    /// Reads the checkout that this program was built from.
    pub(crate) fn of_repository() -> Result<Self> {
        let root = repository_root();
        let mut tree = Self::default();
        for path in listed_by_git(&root)? {
            // A listed file may be gone again; what is not there needs no check.
            let Ok(bytes) = fs::read(root.join(&path)) else { continue };
            tree.insert(path, bytes);
        }
        Ok(tree)
    }

    /// Text files whose path ends in one of the given ways, in order of path.
    pub(crate) fn texts<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let wanted = |path: &str| endings.iter().any(|ending| path.ends_with(ending));
        self.texts.iter().filter(move |(path, _)| wanted(path)).map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of one file, when it is there and is text.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether a path names a file, or a folder that holds one.
    pub(crate) fn contains(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        let inside = |file: &String| file == path || file.starts_with(&folder);
        path.is_empty() || self.texts.keys().any(inside) || self.others.iter().any(inside)
    }

    fn insert(&mut self, path: String, bytes: Vec<u8>) {
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.texts.insert(path, text);
            }
            Err(_) => {
                self.others.insert(path);
            }
        }
    }
}

/// The folder that holds the workspace manifest.
pub(crate) fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn listed_by_git(root: &Path) -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("running git to list the repository's files; install git")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "listing the repository's files: {}", complaint.trim());
    let names = String::from_utf8(output.stdout).context("a file name in the repository is not UTF-8; rename it")?;
    Ok(names.split_terminator('\0').map(str::to_owned).collect())
}

#[cfg(test)]
impl Tree {
    /// The same tree with one text file more.
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.texts.insert(path.to_owned(), text.to_owned());
        self
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        let texts = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        Self { texts, others: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_holds_its_own_manifest_and_nothing_ignored() {
        let tree = Tree::of_repository().unwrap();
        assert!(tree.text("Cargo.toml").is_some_and(|text| text.contains("[workspace]")));
        assert!(tree.contains("tools/xtask/src"));
        assert!(!tree.contains("target"));
        assert!(!tree.contains("tools/xta"));
    }
}
