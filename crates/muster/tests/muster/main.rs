//! The binary as its users meet it: a process with arguments, files, output and an exit code.

mod history;
mod process;
mod refuses_to_start;
mod remote;
mod runs;
