//! What the kernel says of this process.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::machine::value_of;

/// Memory of this process, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// In use now.
    pub(crate) resident: u64,
    /// The most that was in use.
    pub(crate) peak: u64,
}

/// Reads this process's memory.
pub(crate) fn memory() -> Result<Memory> {
    parse_memory(&read("status")?)
}

/// Bytes that this process has had written to disks, or owes to them.
pub(crate) fn written_bytes() -> Result<u64> {
    let io = read("io")?;
    let value = value_of(&io, "write_bytes").context("/proc/self/io has no write_bytes")?;
    value.parse().context("reading write_bytes of /proc/self/io")
}

fn read(file: &str) -> Result<String> {
    let path = Path::new("/proc/self").join(file);
    fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
}

fn parse_memory(status: &str) -> Result<Memory> {
    let bytes = |name| {
        let text = value_of(status, name).and_then(|text| text.strip_suffix(" kB"));
        let text = text.with_context(|| format!("/proc/self/status has no {name}"))?;
        text.trim().parse::<u64>().map(|kibibytes| kibibytes * 1024).with_context(|| format!("reading {name}"))
    };
    Ok(Memory { resident: bytes("VmRSS")?, peak: bytes("VmHWM")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        let status = "Name:\tx\nVmPeak:\t 9000 kB\nVmHWM:\t     300 kB\nVmRSS:\t     200 kB\n";
        assert_eq!(parse_memory(status).unwrap(), Memory { resident: 204_800, peak: 307_200 });
        assert!(parse_memory("VmRSS: 1 kB\n").is_err());
        assert!(memory().unwrap().resident > 1 << 16);
    }

    #[test]
    fn what_this_process_writes_is_counted() {
        let before = written_bytes().unwrap();
        // Beside the program, which no machine keeps in memory only.
        let beside = std::env::current_exe().unwrap().with_extension("written");
        let mut file = fs::File::create(&beside).unwrap();
        std::io::Write::write_all(&mut file, &vec![1; 1 << 20]).unwrap();
        file.sync_all().unwrap();
        fs::remove_file(&beside).unwrap();
        assert!(written_bytes().unwrap() >= before + (1 << 20));
    }
}
