//! Ceph on the disks of a cluster: daemons that store, monitors that agree.

use crate::pve::wave::Wave;

/// Storage daemons on each node.
pub(crate) const OSDS_OF_NODE: u32 = 4;
/// Nodes with a monitor, at most.
pub(crate) const MONITORS: usize = 3;
/// Placement groups.
pub(crate) const PLACEMENT_GROUPS: u64 = 577;

/// A Ceph cluster.
#[derive(Debug, Clone)]
pub(crate) struct Ceph {
    pub(crate) fsid: String,
    /// Bytes of all disks.
    pub(crate) size: u64,
    pub(crate) used: Wave,
    /// Bytes a second of all clients.
    pub(crate) read: Wave,
    pub(crate) written: Wave,
    /// Daemons that do not run although their nodes do.
    pub(crate) down: u32,
}
