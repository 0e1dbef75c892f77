//! What the system says of this process. What it does not say is absent.

use std::fs;

/// Ticks of the counters in `/proc` to a second: what Linux tells every program, whatever its kernel counts by.
const TICKS: f64 = 100.0;

/// CPU time used, in seconds.
pub(super) fn cpu_seconds() -> Option<f64> {
    parse_cpu(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Open file descriptors.
pub(super) fn open_fds() -> Option<u64> {
    // The directory itself is open while it is read.
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as u64)
}

/// The most that may be open.
pub(super) fn max_fds() -> Option<u64> {
    parse_limit(&fs::read_to_string("/proc/self/limits").ok()?)
}

/// Fields 14 and 15, behind a name that may hold anything.
fn parse_cpu(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS)
}

fn parse_limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_read() {
        let stat = "17 (mus) ter) S 1 17 17 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 100 1000 10";
        assert_eq!(parse_cpu(stat), Some(3.0));
        assert_eq!(parse_cpu("17 (muster) S 1"), None);
        assert_eq!(
            parse_limit("Limit  Soft\nMax open files            1024                 4096       files\n"),
            Some(1024)
        );
        assert_eq!(parse_limit("Max open files   unlimited  unlimited files"), None);
    }
}
