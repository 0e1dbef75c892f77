//! What the kernel says of a process: of this one, or of one that was started.

use std::{fs, path::Path, time::Duration};

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

/// CPU time is told in these, whatever the kernel itself counts in.
const TICKS_PER_SECOND: u64 = 100;

/// Reads this process's memory.
pub(crate) fn memory() -> Result<Memory> {
    parse_memory(&read("self", "status")?)
}

/// Reads the memory of a process that was started.
pub(crate) fn memory_of(process: u32) -> Result<Memory> {
    parse_memory(&read(&process.to_string(), "status")?)
}

/// CPU time that a process that was started has used, all of its threads together.
pub(crate) fn cpu_of(process: u32) -> Result<Duration> {
    parse_cpu(&read(&process.to_string(), "stat")?)
}

/// CPU time that this process has used.
pub(crate) fn cpu() -> Result<Duration> {
    parse_cpu(&read("self", "stat")?)
}

/// Bytes that this process has had written to disks, or owes to them.
pub(crate) fn written_bytes() -> Result<u64> {
    let io = read("self", "io")?;
    let value = value_of(&io, "write_bytes").context("/proc/self/io has no write_bytes")?;
    value.parse().context("reading write_bytes of /proc/self/io")
}

fn read(process: &str, file: &str) -> Result<String> {
    let path = Path::new("/proc").join(process).join(file);
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

/// User and system time of `stat`. The name of the program stands in brackets and may hold anything, brackets included.
fn parse_cpu(stat: &str) -> Result<Duration> {
    let (_, behind) = stat.rsplit_once(')').context("/proc/PID/stat names no program")?;
    let mut times = behind.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let mut next = || times.next().context("/proc/PID/stat is too short")?.context("reading CPU times");
    Ok(Duration::from_millis((next()? + next()?) * (1000 / TICKS_PER_SECOND)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_whatever_a_program_is_called() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 900 0 0 0 1234 66 0 0 20 0 4 0 100 1 2";
        assert_eq!(parse_cpu(stat).unwrap(), Duration::from_secs(13));
        assert!(parse_cpu("42 (x) S 1").is_err());
        assert!(cpu().unwrap() <= cpu_of(std::process::id()).unwrap());
    }

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
