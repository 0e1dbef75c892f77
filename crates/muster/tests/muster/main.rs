//! The binary as its users meet it: a process with arguments, files, output and an exit code.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod process;
mod refuses_to_start;
mod runs;
