//! The simulated cluster, asked over real TLS: its shapes against recorded ones, what lives in it, who may see what, and
//! everything that can go wrong on the way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod access;
mod asker;
mod faults;
mod life;
mod load;
mod memory;
mod shapes;
mod tls;
