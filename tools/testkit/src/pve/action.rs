//! What can happen in a cluster, and scripts of it.

use serde::Deserialize;

use super::{
    certificates::Shown,
    fault::{Fault, Where},
};

/// Something that happens at once.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// A guest is started.
    Start {
        /// Its number.
        guest: u32,
    },
    /// A guest is stopped.
    Stop {
        /// Its number.
        guest: u32,
    },
    /// A guest is paused: it keeps its memory and does nothing.
    Pause {
        /// Its number.
        guest: u32,
    },
    /// A guest moves to another node, running on if it runs. Its counters begin again there.
    Migrate {
        /// Its number.
        guest: u32,
        /// The node it moves to.
        to: String,
    },
    /// A guest is destroyed.
    Destroy {
        /// Its number.
        guest: u32,
    },
    /// A guest is destroyed and another one is made under its number, on the same node.
    Recreate {
        /// The number of both.
        guest: u32,
    },
    /// A guest's name changes.
    Rename {
        /// Its number.
        guest: u32,
        /// Any text, control characters and markup included.
        name: String,
    },
    /// A guest gets the firmware's identifier of another, as a copy by hand does.
    CopyUuid {
        /// The guest that gets it.
        guest: u32,
        /// The guest that has it.
        from: u32,
    },
    /// How the agent in a guest is.
    Agent {
        /// The guest's number.
        guest: u32,
        /// How it is from now on.
        state: AgentState,
    },
    /// The hypervisor takes memory from a guest, until all that is left is in use.
    Balloon {
        /// Its number.
        guest: u32,
        /// Bytes that it is left.
        bytes: u64,
    },
    /// A node is gone: nothing answers at its address, others say so in its stead.
    NodeDown {
        /// Its name.
        node: String,
    },
    /// A node is back, freshly started.
    NodeUp {
        /// Its name.
        node: String,
    },
    /// The network between whoever asks and a node is cut, or whole again: nothing answers at its address, and the node
    /// goes on all the while. A node that is down stays so.
    CutOff {
        /// Its name.
        node: String,
        /// Whether it is cut.
        cut: bool,
    },
    /// A node's status daemon stops or goes on: the API answers, and its rows turn unknown after five minutes.
    StatusDaemon {
        /// The node's name.
        node: String,
        /// Whether it works.
        works: bool,
    },
    /// The cluster loses its quorum or has it again.
    Quorum {
        /// Whether it has it.
        quorate: bool,
    },
    /// A pool of a node loses a device, or has all of them again.
    Zfs {
        /// The node's name.
        node: String,
        /// The pool's name.
        pool: String,
        /// Whether a device is missing.
        degraded: bool,
    },
    /// A disk says of itself that it fails.
    DiskFails {
        /// The node's name.
        node: String,
        /// The disk's path, such as `/dev/sda`.
        disk: String,
    },
    /// A storage cannot be reached from a node, or can again.
    Storage {
        /// The node's name.
        node: String,
        /// The storage's name.
        storage: String,
        /// Whether it can be reached.
        active: bool,
    },
    /// The replication of a guest fails from now on, or works again.
    Replication {
        /// The guest's number.
        guest: u32,
        /// Why it fails.
        error: Option<String>,
    },
    /// Storage daemons of Ceph stop although their nodes run, or all of them run again.
    Ceph {
        /// How many do not run.
        down: u32,
    },
    /// A snapshot of a guest is made.
    Snapshot {
        /// The guest's number.
        guest: u32,
        /// The snapshot's name.
        name: String,
        /// Whether it holds the memory too.
        #[serde(default)]
        memory: bool,
    },
    /// A snapshot of a guest is removed.
    RemoveSnapshot {
        /// The guest's number.
        guest: u32,
        /// The snapshot's name.
        name: String,
    },
    /// A guest is backed up, now.
    Backup {
        /// Its number.
        guest: u32,
    },
    /// The nightly backup leaves a guest out, and the backups that it had are gone.
    Exclude {
        /// Its number.
        guest: u32,
    },
    /// The nightly backup is switched on or off.
    BackupJob {
        /// Whether it runs.
        enabled: bool,
    },
    /// A token loses a privilege on a path and below it.
    Revoke {
        /// `user@realm!name`.
        token: String,
        /// The path.
        path: String,
        /// The privilege, such as `VM.Audit`.
        privilege: String,
    },
    /// A token gets a privilege on a path and below it.
    Grant {
        /// `user@realm!name`.
        token: String,
        /// The path.
        path: String,
        /// The privilege.
        privilege: String,
    },
    /// A token's secret changes, as when it is deleted and made again.
    Secret {
        /// `user@realm!name`.
        token: String,
        /// Its secret from now on.
        secret: String,
    },
    /// A node's clock is wrong by this much.
    ClockSkew {
        /// The node's name.
        node: String,
        /// Seconds that it is ahead; negative when it is behind.
        seconds: i64,
    },
    /// What the address of a node shows in a handshake from now on.
    Certificate {
        /// The node's name.
        node: String,
        /// What it shows.
        shown: Shown,
    },
    /// Requests meet a fault.
    Fail {
        /// Which ones.
        #[serde(default)]
        place: Where,
        /// What happens to them.
        fault: Fault,
    },
    /// Faults of a place are over. A place that was never given means all of them.
    Heal {
        /// The place that was given with them.
        #[serde(default)]
        place: Where,
    },
}

/// How the agent in a guest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// It answers.
    Running,
    /// It is not there: the hypervisor says so.
    Dead,
    /// It takes commands and answers none.
    Hanging,
    /// It knows hardly any command.
    Ancient,
}

/// Why something cannot happen.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this cluster has no {what} `{name}`")]
pub struct NoSuch {
    /// What was looked for.
    pub what: &'static str,
    /// Its name or number.
    pub name: String,
}
