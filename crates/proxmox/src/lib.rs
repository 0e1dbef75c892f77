//! Proxmox VE: the client that speaks its API, the types of its answers, and the provider that makes reports of them.
//!
//! [`Proxmox`] is the driver that the collector is given. A connection becomes a provider, whose lanes ask through a
//! [`Client`](client::Client) and whose rules make facets and samples of its answers; or it is probed, which shows who
//! answers and, by the one table of [calls](client::Call), which rights are missing and how they are granted.
//!
//! Nothing here changes anything on the platform, and nothing opens a session of SSH to a node: what the API does not tell,
//! such as temperatures of processors, a host agent does.
//! When to look, and what becomes of a report, is decided elsewhere.

pub mod client;
mod config;
mod driver;
mod probe;
mod provider;
mod rules;
mod wire;

pub use driver::Proxmox;
