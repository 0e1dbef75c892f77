//! Builders, simulated time, database and server harnesses. For tests and benchmarks only.

pub mod database;
pub mod estate;
pub mod metrics_store;
pub mod oidc;
pub mod pve;

pub use estate::{EstateSpec, SyntheticEstate, estate};
