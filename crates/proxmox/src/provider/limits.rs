//! How long a question may take where the platform's own patience is not the measure (R-71, R-72, R-82, R-89, R-91,
//! what is only one of several ways to a number must not hold up the others.

use std::time::Duration;

/// `/proc/meminfo` through an agent.
pub(crate) const AGENT_MEMINFO: Duration = Duration::from_secs(3);
/// The newest averages of a node or a machine, as a source of its memory.
pub(crate) const HISTORY: Duration = Duration::from_secs(2);
/// The same of a container, for which there is no better source.
pub(crate) const CONTAINER_HISTORY: Duration = Duration::from_secs(5);
/// Replication jobs and how they go.
pub(crate) const REPLICATION: Duration = Duration::from_secs(10);
/// How Ceph is. A part of the look at high availability, which must not wait for it.
pub(crate) const CEPH: Duration = Duration::from_secs(15);
/// The storages of a node. One that hangs holds up the list of all.
pub(crate) const NODE_STORAGE: Duration = Duration::from_secs(10);
/// The same while a report waits for a node that is new.
pub(crate) const NODE_STORAGE_AT_FIRST: Duration = Duration::from_secs(2);

/// How long the agent inside a machine may take to answer, unless a connection says otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AgentLimits {
    /// Its filesystems, which an agent may have to wake disks for.
    pub(crate) filesystems: Duration,
    pub(crate) network: Duration,
    pub(crate) os_info: Duration,
    /// Its version, and the name of its host.
    pub(crate) version: Duration,
}

impl Default for AgentLimits {
    fn default() -> Self {
        let other = Duration::from_secs(10);
        Self { filesystems: Duration::from_secs(15), network: other, os_info: other, version: other }
    }
}
