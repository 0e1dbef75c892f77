//! From a call and the names it is about to the address that is asked. Names come from the platform and may be anything.

use muster_outbound::Target;

use super::call::Call;

/// What a call is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// Name of a node.
    pub node: Option<&'a str>,
    /// Number of a guest.
    pub vmid: Option<u32>,
    /// Name of a storage.
    pub storage: Option<&'a str>,
    /// Name of a ZFS pool.
    pub pool: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The cluster.
    pub const CLUSTER: Self = Self { node: None, vmid: None, storage: None, pool: None };

    /// A node.
    pub fn node(node: &'a str) -> Self {
        Self { node: Some(node), ..Self::CLUSTER }
    }

    /// A guest on a node.
    pub fn guest(node: &'a str, vmid: u32) -> Self {
        Self { node: Some(node), vmid: Some(vmid), ..Self::CLUSTER }
    }

    /// A storage as a node sees it.
    pub fn storage(node: &'a str, storage: &'a str) -> Self {
        Self { node: Some(node), storage: Some(storage), ..Self::CLUSTER }
    }

    /// A ZFS pool of a node.
    pub fn pool(node: &'a str, pool: &'a str) -> Self {
        Self { node: Some(node), pool: Some(pool), ..Self::CLUSTER }
    }
}

/// The address of a call at an entry point; none where a name would lead somewhere else.
pub(crate) fn address(entry: &Target, call: Call, place: Place<'_>, query: &[(&str, &str)]) -> Option<Target> {
    let segments: Option<Vec<String>> = call.path().split('/').skip(1).map(|segment| filled(segment, place)).collect();
    let segments = segments?;
    Some(entry.with(|url| {
        url.set_query(None);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api2", "json"]).extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
    }))
}

/// The path as it is shown in messages.
pub(crate) fn shown(call: Call, place: Place<'_>) -> String {
    let segments = call.path().split('/').map(|segment| filled(segment, place).unwrap_or_else(|| segment.to_owned()));
    segments.collect::<Vec<_>>().join("/")
}

fn filled(segment: &str, place: Place<'_>) -> Option<String> {
    let name = match segment {
        "{node}" => place.node?.to_owned(),
        "{vmid}" => place.vmid?.to_string(),
        "{storage}" => place.storage?.to_owned(),
        "{pool}" => place.pool?.to_owned(),
        fixed => return Some(fixed.to_owned()),
    };
    // A path treats these apart, however they are written.
    let special = matches!(name.as_str(), "" | "." | "..");
    (!special).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_encoded() {
        let check = |node: &str, vmid, path: Option<&str>| {
            let target = address(&entry(), Call::QemuStatus, Place::guest(node, vmid), &[]);
            assert_eq!(target.map(|target| target.url().path().to_owned()).as_deref(), path, "{node}");
        };
        check("pve", 100, Some("/api2/json/nodes/pve/qemu/100/status/current"));
        check("a/b?c#d%2e", 100, Some("/api2/json/nodes/a%2Fb%3Fc%23d%252e/qemu/100/status/current"));
        check("..", 100, None);
        check("", 100, None);
    }

    #[test]
    fn a_prefix_of_the_entry_point_stays() {
        let entry = "https://gate.example/pve/?x=1".parse().unwrap();
        let target = address(&entry, Call::Smart, Place::node("n"), &[("disk", "/dev/sd a&b")]).unwrap();
        assert_eq!(
            target.url().as_str(),
            "https://gate.example/pve/api2/json/nodes/n/disks/smart?disk=%2Fdev%2Fsd+a%26b"
        );
    }

    proptest! {
        #[test]
        fn no_name_leads_elsewhere(node in ".*") {
            if let Some(target) = address(&entry(), Call::Zfs, Place::node(&node), &[]) {
                let segments: Vec<&str> = target.url().path_segments().unwrap().collect();
                prop_assert_eq!(segments.len(), 6);
                prop_assert_eq!(&segments[..3], ["api2", "json", "nodes"]);
                prop_assert_eq!(&segments[4..], ["disks", "zfs"]);
            }
        }
    }

    fn entry() -> Target {
        "https://pve.example:8006".parse().unwrap()
    }
}
