//! Connections to platforms: one owner each, a scheduler of lanes, and the one record of how polling goes (D-26).
//!
//! A platform's crate implements [`Provider`] for what it knows of one connection, and [`Driver`] for what can be asked
//! before there is one. This crate decides when a provider looks, keeps what came of it as [`Health`], and hands reports
//! to whoever takes them, a [`Sink`]. It knows no platform, no database and no HTTP.
//!
//! [`Collector`] is the handle. Behind it each connection has an owner: a task with its provider, the schedule of its
//! lanes, and its record. An owner looks into a lane when it is due and there is a place for it, with the lane's deadline,
//! and never twice at once. Places are few at each host and fewer for connections that fail, so that a slow target delays
//! only itself. Connections that fail are tried again sooner or later, depending on how (`patience`).

mod caps;
mod collector;
mod connection;
mod degradation;
mod driver;
mod health;
mod look;
mod owner;
mod patience;
mod provider;
mod record;
mod schedule;
mod sink;
mod slots;
mod stats;
mod tell;

pub use collector::{AskError, Collector, Parts, Secret};
pub use connection::{Auth, Connection, MIN_INTERVAL};
pub use driver::{CallCheck, CallState, Driver, EndpointFinding, PeerCertificate, ProbeReport};
pub use health::{Failure, FailureCategory, Health, Observed};
pub use provider::{Backfill, BoxFuture, Lane, Look, Provider};
pub use sink::Sink;
pub use stats::{CollectStats, Histogram, LaneStats, Standing};
