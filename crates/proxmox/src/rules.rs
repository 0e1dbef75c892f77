//! What a platform's numbers and words mean: every decision of the provider, as pure functions. The provider calls them
//! with what the wire types say; nothing here asks, waits or reads a clock.

pub(crate) mod absence;
pub(crate) mod agent_metadata;
pub(crate) mod agent_pacing;
pub(crate) mod backup_copies;
pub(crate) mod backup_jobs;
pub(crate) mod ceph;
pub(crate) mod certificate;
pub(crate) mod container_kind;
pub(crate) mod container_memory;
pub(crate) mod disk_carry;
pub(crate) mod disk_status;
pub(crate) mod expiring;
pub(crate) mod grace;
pub(crate) mod guest_addresses;
pub(crate) mod guest_filesystems;
pub(crate) mod guest_memory;
pub(crate) mod ha_status;
pub(crate) mod memory;
pub(crate) mod memory_decision;
pub(crate) mod node_disk;
pub(crate) mod node_memory;
pub(crate) mod rates;
pub(crate) mod replication;
pub(crate) mod smart;
pub(crate) mod snapshots;
pub(crate) mod stabilise;
pub(crate) mod storage_status;
pub(crate) mod traffic;
pub(crate) mod zfs_match;
pub(crate) mod zfs_pool;
