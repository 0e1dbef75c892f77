//! How much memory the process holds, where the system says so.

use std::fs;

/// Resident memory in bytes: `VmRSS` of `/proc/self/status`. Reading it takes no disk.
pub(crate) fn resident_bytes() -> Option<u64> {
    parse(&fs::read_to_string("/proc/self/status").ok()?)
}

fn parse(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_size_is_read() {
        assert_eq!(parse("Name:\tmuster\nVmRSS:\t   2048 kB\n"), Some(2 * 1024 * 1024));
        assert_eq!(parse("Name:\tmuster\n"), None);
        assert_eq!(parse("VmRSS: many kB\n"), None);
    }
}
