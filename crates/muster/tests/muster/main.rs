//! The binary as its users meet it: a process with arguments, files, output and an exit code.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod access;
mod audit;
mod backup;
mod connections;
mod history;
mod identity;
mod infrastructure;
mod operations;
mod packaging;
mod process;
mod refuses_to_start;
mod reload;
mod remote;
mod runs;
mod tls;
mod upgrade;
