//! What a platform's numbers and words mean: every decision of the provider, as pure functions. The provider calls them
//! with what the wire types say; nothing here asks, waits or reads a clock.

pub(crate) mod absence;
pub(crate) mod agent_metadata;
pub(crate) mod agent_pacing;
pub(crate) mod container_kind;
pub(crate) mod container_memory;
pub(crate) mod disk_carry;
pub(crate) mod disk_risk;
pub(crate) mod disk_status;
pub(crate) mod expiring;
pub(crate) mod grace;
pub(crate) mod guest_addresses;
pub(crate) mod guest_filesystems;
pub(crate) mod guest_memory;
pub(crate) mod memory;
pub(crate) mod node_disk;
pub(crate) mod node_memory;
pub(crate) mod rates;
pub(crate) mod replication;
pub(crate) mod smart;
pub(crate) mod stabilise;
pub(crate) mod storage_status;
pub(crate) mod zfs_match;
