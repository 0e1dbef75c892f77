//! On what the numbers were measured: without it they mean little.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Serialize;

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    /// The processor's model, where the kernel names one.
    pub(crate) cpu: Option<String>,
    /// Hardware threads that this process may use.
    pub(crate) threads: usize,
    /// All memory that the kernel manages.
    pub(crate) memory_bytes: u64,
    /// Kernel release.
    pub(crate) kernel: String,
}

impl Machine {
    /// Reads what the kernel says below the given `/proc`.
    pub(crate) fn this_one(proc: &Path) -> Result<Self> {
        let read = |file: &str| {
            let path = proc.join(file);
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
        };
        let meminfo = read("meminfo")?;
        let total = value_of(&meminfo, "MemTotal").and_then(|text| text.strip_suffix(" kB"));
        let kibibytes: u64 = total.context("/proc/meminfo has no MemTotal")?.trim().parse()?;
        Ok(Self {
            cpu: value_of(&read("cpuinfo")?, "model name").map(str::to_owned),
            threads: std::thread::available_parallelism().context("counting hardware threads")?.get(),
            memory_bytes: kibibytes * 1024,
            kernel: read("sys/kernel/osrelease")?.trim().to_owned(),
        })
    }
}

/// The value of the first line `name: value`.
pub(crate) fn value_of<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_can_be_described() {
        let machine = Machine::this_one(Path::new("/proc")).unwrap();
        assert!(machine.threads >= 1);
        assert!(machine.memory_bytes > 1 << 20);
        assert!(!machine.kernel.is_empty());
    }

    #[test]
    fn values_are_found_by_their_whole_name() {
        assert_eq!(value_of("SwapTotal: 1 kB\nMemTotal:   24 kB\n", "MemTotal"), Some("24 kB"));
        assert_eq!(value_of("model\t: 1\nmodel name\t: A: B\n", "model name"), Some("A: B"));
        assert_eq!(value_of("", "MemTotal"), None);
    }
}
