//! A simulated cluster of Proxmox VE over real TLS: its API as releases 7 to 9 answer it, from a world that lives.
//!
//! Tests build one with [`Cluster::builder`]; the program `sim` runs one to look at. Each node has an address of its own
//! and a certificate of the cluster's authority. Values are functions of the seed and the time: the same cluster says the
//! same at the same time, however often it was started in between, and so it remembers what was before its start.
//!
//! It answers what a monitor reads, and nothing that changes a cluster: what happens in it is an [`Action`], what happens
//! to a request on its way is a [`Fault`]. The shapes of its answers are held against recorded ones in the tests.

mod access;
mod action;
mod answer;
mod answers;
mod builder;
mod call;
mod certificates;
mod entry;
mod exchange;
mod fault;
mod log;
mod recorded;
mod rendered;
mod rights;
mod running;
mod script;
mod simulation;
mod version;
mod wave;
mod world;

pub use access::{Token, User};
pub use action::{Action, AgentState, NoSuch};
pub use builder::{Cluster, ClusterBuilder, SECRET, TOKEN};
pub use certificates::Shown;
pub use fault::{Fault, Where};
pub use log::{Counts, Credential, Request};
pub use recorded::recorded;
pub use rights::Rights;
pub use running::Running;
pub use script::{InvalidScript, Script, Step};
pub use version::{UnknownVersion, Version};
pub use world::GuestFacts;
