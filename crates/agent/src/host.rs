//! The host as a whole: what it is (facts) and how busy it is (CPU, memory, load, pressure).

pub(crate) mod boot;
pub(crate) mod cpu;
mod cpu_facts;
mod dmi;
pub(crate) mod facts;
mod identity;
pub(crate) mod load;
pub(crate) mod memory;
mod virtualisation;
