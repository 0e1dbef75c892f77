//! Reports of a simulated cluster, through the real client and a real TLS socket.

mod agent_times;
mod agents;
mod backups;
mod cadence;
mod ceph;
mod disks;
mod existence;
mod fixtures;
mod guest_inside;
mod history;
mod lab;
mod memory;
mod memory_carry;
mod memory_decisions;
mod memory_sources;
mod node_disk;
mod node_facts;
mod node_memory;
mod odd_rows;
mod options;
mod pools;
mod report;
mod snapshots;
mod storages;
mod with_agents;
