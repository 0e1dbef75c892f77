//! Who can read the data directory.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use muster_api::doctor::Finding;

use super::{fail, ok, warn};

/// Files named in one finding.
const NAMED: usize = 5;

/// Directories below each other that are looked at; ours has two.
const DEPTH: usize = 4;

/// Looks at the directory and everything in it. Where it is a link, as under the service unit, what it leads to counts.
pub(super) fn check(directory: &Path) -> Vec<Finding> {
    let mut seen = Vec::new();
    let walked = fs::canonicalize(directory).and_then(|real| walk(&real, DEPTH, &mut seen));
    if let Err(error) = walked {
        let what = format!("{} cannot be examined: {error}.", directory.display());
        return vec![fail(
            "permissions",
            what,
            "The server could not use it either.",
            "Make it readable for the user that runs the server.",
        )];
    }
    let us = rustix::process::geteuid().as_raw();
    let open: Vec<_> = seen.iter().filter(|(_, metadata)| metadata.permissions().mode() & 0o077 != 0).collect();
    let foreign: Vec<_> = seen.iter().filter(|(_, metadata)| metadata.uid() != us).collect();
    let mut findings = Vec::new();
    if !open.is_empty() {
        let what = format!("Other users can reach {}.", names(&open));
        let why =
            "Whoever reads the data directory reads hashes of passwords and tokens, and everything that is known.";
        let remedy = format!("chmod -R go-rwx {}", directory.display());
        findings.push(fail("permissions", what, why, remedy));
    }
    if !foreign.is_empty() && us != 0 {
        let what = format!("Somebody else owns {}.", names(&foreign));
        let remedy = format!("As root: chown -R {us} {}", directory.display());
        findings.push(warn("ownership", what, "The server may fail to write or replace them.", remedy));
    }
    if findings.is_empty() {
        findings.push(ok("permissions", format!("Only its owner can read {}.", directory.display())));
    }
    findings
}

fn names(files: &[&(PathBuf, fs::Metadata)]) -> String {
    let mut names: Vec<_> = files.iter().take(NAMED).map(|(path, _)| path.display().to_string()).collect();
    if files.len() > NAMED {
        names.push(format!("{} more", files.len() - NAMED));
    }
    names.join(", ")
}

fn walk(path: &Path, depth: usize, seen: &mut Vec<(PathBuf, fs::Metadata)>) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        // Sweep logs come and go.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !seen.is_empty() => return Ok(()),
        metadata => metadata?,
    };
    let is_directory = metadata.is_dir();
    if !metadata.is_symlink() {
        seen.push((path.to_owned(), metadata));
    }
    if is_directory && depth > 0 {
        for entry in fs::read_dir(path)? {
            walk(&entry?.path(), depth - 1, seen)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use muster_api::doctor::FindingLevel;

    use super::*;

    #[test]
    fn what_others_can_read_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let file = root.path().join("state.db");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(check(root.path())[0].level, FindingLevel::Ok);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let [finding] = check(root.path()).try_into().unwrap();
        assert_eq!(finding.level, FindingLevel::Fail);
        assert!(finding.what.contains("state.db") && finding.remedy.unwrap().starts_with("chmod"), "{}", finding.what);
        assert_eq!(check(&root.path().join("absent"))[0].level, FindingLevel::Fail);
    }

    #[test]
    fn a_directory_behind_a_link_is_looked_at() {
        // The service unit's `/var/lib/muster` is a link to `private/muster`.
        let root = tempfile::tempdir().unwrap();
        let (real, link) = (root.path().join("real"), root.path().join("link"));
        fs::create_dir(&real).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert_eq!(check(&link)[0].level, FindingLevel::Ok);
        fs::write(real.join("state.db"), "").unwrap();
        fs::set_permissions(real.join("state.db"), fs::Permissions::from_mode(0o644)).unwrap();
        let [finding] = check(&link).try_into().unwrap();
        assert_eq!(finding.level, FindingLevel::Fail);
        assert!(finding.what.contains("real/state.db"), "{}", finding.what);
    }
}
