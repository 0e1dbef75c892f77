//! The host agent: what one machine knows about itself.
//!
//! [`Agent::collect`] makes one observation and returns it as a [`muster_model::Report`]: the host, its filesystems,
//! physical disks, md arrays and network interfaces, with what was measured on each. Inside the server it is the source
//! `agent:local`; the report is also the wire type of an agent elsewhere.
//!
//! - Everything is read from files below [`Roots`], and from the few system calls of [`Kernel`]. No process is spawned.
//! - Sections fail apart: one that cannot be read costs its own records or samples, becomes an issue, and no more.
//! - What cannot be read is unknown with its reason, never zero. Counters become rates only between two observations of
//!   the same boot, and a counter that went back gives none.
//! - Facts do not move on a machine that nobody touches: an unchanged record is the same `Arc` again.
//!
//! The agent decides nothing about health beyond what the kernel states, keeps no history, and opens no connection.
//! Files are parsed here rather than by the `procfs` crate because its parsers refuse a whole file for one missing field
//! (containers and old kernels leave fields out) and panic on some malformed lines.

mod agent;
mod assemble;
mod config;
mod disks;
mod filesystems;
mod host;
mod kernel;
mod mdraid;
mod network;
mod rate;
mod read;
mod refresh;
mod report_builder;
mod sensors;
mod udev;
mod words;

pub use agent::Agent;
pub use config::{Config, Roots};
pub use kernel::{FilesystemUse, InterfaceAddress, Kernel, LiveKernel};
