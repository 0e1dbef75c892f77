//! Who may see what: privileges by path, as access control lists of the vendor give them.

use std::collections::{BTreeMap, BTreeSet};

use super::version::Version;

/// The paths that the vendor lists when somebody asks for their own rights.
const LISTED: [&str; 7] = ["/", "/access", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

/// Privileges by path. The nearest path at or above the one that is asked for decides, as the vendor's roles do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights(BTreeMap<String, BTreeSet<String>>);

impl Rights {
    /// None at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// What the role `PVEAuditor` on `/` gives in a release.
    pub fn auditor(version: Version) -> Self {
        let mut privileges =
            vec!["Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"];
        if version.major >= 9 {
            privileges.push("VM.GuestAgent.Audit");
        }
        privileges.into_iter().fold(Self::none(), |rights, privilege| rights.with("/", privilege))
    }

    /// What every call of a monitor takes, the strong privileges included.
    pub fn everything(version: Version) -> Self {
        let agent: &[&str] = if version.major < 9 { &["VM.Monitor"] } else { &["VM.GuestAgent.FileRead"] };
        let more = ["Sys.Modify", "Sys.Syslog", "Datastore.Allocate", "Datastore.AllocateSpace", "VM.Backup"];
        let more = more.iter().chain(agent);
        more.fold(Self::auditor(version), |rights, privilege| rights.with("/", privilege))
    }

    /// With one privilege more on a path and below it. A path that had none of its own begins with what it inherited.
    #[must_use]
    pub fn with(mut self, path: &str, privilege: &str) -> Self {
        self.own(path).insert(privilege.to_owned());
        self
    }

    /// With one privilege less on a path and below it.
    #[must_use]
    pub fn without(mut self, path: &str, privilege: &str) -> Self {
        self.own(path).remove(privilege);
        let below = if path == "/" { path.to_owned() } else { format!("{path}/") };
        for (_, privileges) in self.0.iter_mut().filter(|(other, _)| other.starts_with(&below)) {
            privileges.remove(privilege);
        }
        self
    }

    /// With nothing on a path and below it: the role `NoAccess`.
    #[must_use]
    pub fn no_access(mut self, path: &str) -> Self {
        self.own(path).clear();
        self
    }

    /// Whether a privilege is given on a path.
    pub fn allow(&self, path: &str, privilege: &str) -> bool {
        self.at(path).is_some_and(|privileges| privileges.contains(privilege))
    }

    /// What is given by both: the rights of a token with privilege separation.
    #[must_use]
    pub(super) fn both(&self, other: &Self) -> Self {
        let paths: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let none = BTreeSet::new();
        let common = |path: &String| {
            let (ours, theirs) = (self.at(path).unwrap_or(&none), other.at(path).unwrap_or(&none));
            (path.clone(), ours.intersection(theirs).cloned().collect())
        };
        Self(paths.into_iter().map(common).collect())
    }

    /// As the vendor lists them: by path, and nothing of paths on which nothing is given.
    pub(super) fn listed(&self) -> BTreeMap<String, BTreeMap<String, u8>> {
        let paths: BTreeSet<&str> = LISTED.into_iter().chain(self.0.keys().map(String::as_str)).collect();
        let given = paths.into_iter().filter_map(|path| Some((path, self.at(path)?)));
        let given = given.filter(|(_, privileges)| !privileges.is_empty());
        given.map(|(path, all)| (path.to_owned(), all.iter().map(|one| (one.clone(), 1)).collect())).collect()
    }

    fn own(&mut self, path: &str) -> &mut BTreeSet<String> {
        let inherited = self.at(path).cloned().unwrap_or_default();
        self.0.entry(path.to_owned()).or_insert(inherited)
    }

    /// What the nearest path at or above this one gives.
    fn at(&self, path: &str) -> Option<&BTreeSet<String>> {
        let mut path = path;
        loop {
            if let Some(privileges) = self.0.get(path) {
                return Some(privileges);
            }
            path = match path.rfind('/') {
                Some(0) if path != "/" => "/",
                Some(cut) if cut > 0 => &path[..cut],
                Some(_) | None => return None,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_path_decides() {
        let rights = Rights::auditor(Version::V8_4).no_access("/vms/100");
        assert!(rights.allow("/vms/101", "VM.Audit"));
        assert!(!rights.allow("/vms/100", "VM.Audit"));
        assert!(!rights.allow("/vms/101", "VM.Monitor"));
        assert!(rights.with("/vms", "VM.Monitor").allow("/vms/101", "VM.Monitor"));
    }

    #[test]
    fn what_is_taken_at_the_top_is_taken_below() {
        let rights = Rights::auditor(Version::V9_1).with("/vms", "VM.Backup").without("/", "VM.Audit");
        assert!(!rights.allow("/vms/100", "VM.Audit"));
        assert!(rights.allow("/vms/100", "VM.Backup"));
    }

    #[test]
    fn a_separated_token_has_what_both_have() {
        let user = Rights::auditor(Version::V9_1);
        assert!(!user.both(&Rights::none()).allow("/", "Sys.Audit"));
        assert!(user.both(&Rights::none()).listed().is_empty());
        let token = Rights::none().with("/nodes", "Sys.Audit");
        assert!(user.both(&token).allow("/nodes/pve1", "Sys.Audit"));
        assert!(!user.both(&token).allow("/", "Sys.Audit"));
    }
}
