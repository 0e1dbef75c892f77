//! CPU use from `/proc/stat`: the share of time between two observations that was neither idle nor waiting for disks.

use muster_model::UnknownReason;

use crate::{
    read::{Files, ReadError},
    words,
};

/// Time that all CPUs together have spent since boot, in ticks.
///
/// `guest` and `guest_nice` are left out: they are already counted in `user` and `nice`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CpuTimes {
    busy: [u64; 6],
    idle: u64,
    iowait: u64,
}

impl CpuTimes {
    /// Reads `/proc/stat`.
    pub(crate) fn read(files: &Files<'_>) -> Result<Self, ReadError> {
        let path = files.roots.proc("stat");
        let content = files.bytes(&path)?;
        Self::parse(&content)
            .ok_or(ReadError::Malformed { path, expected: "a first line `cpu` with at least 4 numbers" })
    }

    /// Old kernels have fewer columns; what they do not count is 0 on both sides of a difference.
    fn parse(content: &[u8]) -> Option<Self> {
        let mut words = words::words(words::lines(content).next()?);
        words.next().filter(|word| *word == b"cpu")?;
        let columns: Vec<u64> = words.map(words::number).collect::<Option<_>>()?;
        let [user, nice, system, idle, later @ ..] = columns.as_slice() else { return None };
        let later = |index: usize| later.get(index).copied().unwrap_or(0);
        let [iowait, irq, softirq, steal] = [later(0), later(1), later(2), later(3)];
        Some(Self { busy: [*user, *nice, *system, irq, softirq, steal], idle: *idle, iowait })
    }

    /// Percent of the time since `earlier` in which the CPUs were busy.
    pub(crate) fn usage_since(&self, earlier: &Self) -> Result<f64, UnknownReason> {
        if self.total() < earlier.total() {
            return Err(UnknownReason::CounterReset);
        }
        // Single columns may step back a little (`iowait` does by design); then nothing was added to them.
        let busy: u64 = self.busy.iter().zip(earlier.busy).map(|(now, then)| now.saturating_sub(then)).sum();
        let quiet = self.idle.saturating_sub(earlier.idle) + self.iowait.saturating_sub(earlier.iowait);
        match busy + quiet {
            0 => Err(UnknownReason::NoBaseline),
            total => Ok(100.0 * busy as f64 / total as f64),
        }
    }

    fn total(&self) -> u128 {
        self.busy.iter().chain([&self.idle, &self.iowait]).map(|ticks| u128::from(*ticks)).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIRST: &[u8] = include_bytes!("../../tests/fixtures/linux/stat_1.txt");
    const SECOND: &[u8] = include_bytes!("../../tests/fixtures/linux/stat_2.txt");

    #[test]
    fn a_recorded_pair() {
        // percent. The difference is 6042,0,16088,8168,411,0,1945,0.
        let usage = parse(SECOND).usage_since(&parse(FIRST)).unwrap();
        assert!((usage - 73.73).abs() < 0.005, "{usage}");
    }

    #[test]
    fn a_counter_that_goes_back_gives_no_value() {
        assert_eq!(parse(FIRST).usage_since(&parse(SECOND)), Err(UnknownReason::CounterReset));
        assert_eq!(parse(FIRST).usage_since(&parse(FIRST)), Err(UnknownReason::NoBaseline));
    }

    #[test]
    fn iowait_may_step_back() {
        let usage = parse(b"cpu 50 0 0 150 0").usage_since(&parse(b"cpu 0 0 0 100 10"));
        assert_eq!(usage, Ok(50.0));
    }

    #[test]
    fn guest_time_is_not_counted_twice() {
        let usage = parse(b"cpu 100 0 0 100 0 0 0 0 100 0").usage_since(&parse(b"cpu 0 0 0 0 0 0 0 0 0 0"));
        assert_eq!(usage, Ok(50.0));
    }

    #[test]
    fn truncated_and_foreign_content_is_refused() {
        for content in [&b""[..], b"cpu", b"cpu 1 2 3", b"cpu0 1 2 3 4", b"cpu 1 2 x 4"] {
            assert_eq!(CpuTimes::parse(content), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_and_any_counters_are_survived(
            noise in prop::collection::vec(any::<u8>(), 0..200), from in any::<[u32; 8]>(), to in any::<[u32; 8]>(),
        ) {
            CpuTimes::parse(&noise);
            let times = |ticks: [u32; 8]| parse(format!("cpu {}", ticks.map(|n| n.to_string()).join(" ")).as_bytes());
            if let Ok(usage) = times(to).usage_since(&times(from)) {
                prop_assert!((0.0..=100.0).contains(&usage));
            }
        }
    }

    fn parse(content: &[u8]) -> CpuTimes {
        CpuTimes::parse(content).unwrap()
    }
}
