//! How things of a connection are named: native keys, which a migration does not change, and keys over connections
//! (D-6).

use std::fmt;

use muster_model::{NativeKey, ResourceKind};
use smol_str::SmolStr;

/// A guest: its kind and number. The node is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GuestKey {
    pub(crate) kind: GuestKind,
    pub(crate) vmid: u32,
}

/// The kind of a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum GuestKind {
    Qemu,
    Lxc,
}

impl GuestKind {
    /// The platform's word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Qemu => "qemu",
            Self::Lxc => "lxc",
        }
    }

    /// Our word for it.
    pub(crate) fn resource_kind(self) -> ResourceKind {
        match self {
            Self::Qemu => ResourceKind::Vm,
            Self::Lxc => ResourceKind::SystemContainer,
        }
    }
}

impl fmt::Display for GuestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.vmid)
    }
}

/// A storage: by its name where all nodes share it, else by node and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StorageKey {
    /// Absent where it is shared.
    pub(crate) node: Option<SmolStr>,
    pub(crate) name: SmolStr,
}

impl fmt::Display for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Some(node) => write!(f, "storage/{node}/{}", self.name),
            None => write!(f, "storage/{}", self.name),
        }
    }
}

/// The native key of a node.
pub(crate) fn node(name: &str) -> String {
    format!("node/{name}")
}

/// The native key of a disk.
pub(crate) fn disk(node: &str, device: &str) -> String {
    format!("disk/{node}/{device}")
}

/// A native key of something that has a name.
pub(crate) fn native(key: &str) -> NativeKey {
    NativeKey::new(key).expect("a key that begins with a word is not empty")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_a_migration() {
        // D-6
        assert_eq!(GuestKey { kind: GuestKind::Lxc, vmid: 105 }.to_string(), "lxc/105");
        let shared = StorageKey { node: None, name: "nas".into() };
        let local = StorageKey { node: Some("pve1".into()), name: "local".into() };
        assert_eq!((shared.to_string(), local.to_string()), ("storage/nas".into(), "storage/pve1/local".into()));
        assert_eq!(disk("pve1", "/dev/sda"), "disk/pve1//dev/sda");
    }
}
