//! Reports of a simulated cluster, through the real client and a real TLS socket.

mod agents;
mod disks;
mod existence;
mod fixtures;
mod history;
mod lab;
mod memory;
mod report;
