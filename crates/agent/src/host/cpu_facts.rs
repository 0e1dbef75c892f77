//! What processor a machine has, from `/proc/cpuinfo`.

use std::collections::{BTreeMap, BTreeSet};

use muster_model::CpuFacts;

use crate::words;

/// What `/proc/cpuinfo` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuInfo {
    pub(crate) facts: CpuFacts,
    /// Whether the CPU says that a hypervisor runs it; absent where CPUs do not state such flags.
    pub(crate) hypervisor: Option<bool>,
}

impl CpuInfo {
    /// Sockets and cores are known only where the kernel prints `physical id` and `core id` (x86).
    pub(crate) fn parse(content: &[u8]) -> Self {
        let blocks = content.split(|byte| *byte == b'\n').collect::<Vec<_>>();
        let cpus: Vec<Fields> = blocks.split(|line| line.trim_ascii().is_empty()).map(fields).collect();
        let threads = cpus.iter().filter(|cpu| cpu.contains_key("processor")).count();
        let sockets: BTreeSet<_> = cpus.iter().filter_map(|cpu| cpu.get("physical id")).collect();
        let cores: BTreeSet<_> = cpus.iter().filter_map(|cpu| cpu.get("physical id").zip(cpu.get("core id"))).collect();
        let first = |name: &str| cpus.iter().find_map(|cpu| cpu.get(name)).cloned();
        let facts = CpuFacts {
            model: first("model name").or_else(|| first("Model")).or_else(|| first("cpu model")),
            sockets: count(sockets.len()),
            cores: count(cores.len()),
            threads: count(threads),
        };
        let hypervisor = first("flags").map(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
        Self { facts, hypervisor }
    }
}

type Fields = BTreeMap<String, String>;

fn fields(block: &[&[u8]]) -> Fields {
    let field = |line: &&[u8]| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((words::lossy(&line[..colon]), words::lossy(&line[colon + 1..])))
    };
    block.iter().filter_map(field).filter(|(_, value)| !value.is_empty()).collect()
}

fn count(counted: usize) -> Option<u32> {
    u32::try_from(counted).ok().filter(|counted| *counted > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_recorded_virtual_machine() {
        let info = CpuInfo::parse(include_bytes!("../../tests/fixtures/linux/cpuinfo.txt"));
        let facts = CpuFacts {
            model: Some("QEMU TCG CPU version 2.5+".into()),
            sockets: Some(1),
            cores: Some(2),
            threads: Some(2),
        };
        assert_eq!(info, CpuInfo { facts, hypervisor: Some(true) });
    }

    #[test]
    fn hardware_threads_share_cores() {
        let cpu = |n: u32, socket: u32, core: u32| {
            format!("processor\t: {n}\nphysical id\t: {socket}\ncore id\t\t: {core}\nflags\t\t: fpu vme\n\n")
        };
        let info = CpuInfo::parse([cpu(0, 0, 0), cpu(1, 0, 0), cpu(2, 1, 0), cpu(3, 1, 0)].concat().as_bytes());
        assert_eq!((info.facts.sockets, info.facts.cores, info.facts.threads), (Some(2), Some(2), Some(4)));
        assert_eq!(info.hypervisor, Some(false));
    }

    #[test]
    fn a_board_without_topology_leaves_it_unknown() {
        let info = CpuInfo::parse(b"processor\t: 0\nBogoMIPS\t: 108.00\n\nModel\t\t: Raspberry Pi 4 Model B\n");
        assert_eq!(info.facts.model.as_deref(), Some("Raspberry Pi 4 Model B"));
        assert_eq!((info.facts.cores, info.facts.threads, info.hypervisor), (None, Some(1), None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(content in prop::collection::vec(any::<u8>(), 0..300)) {
            CpuInfo::parse(&content);
        }
    }
}
