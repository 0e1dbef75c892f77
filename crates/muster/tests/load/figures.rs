//! What a run measured, and what of it must hold.

use std::time::Duration;

use crate::{health::Health, reader::Percentiles, site::Site};

/// How much more memory the last quarter may take than the second. By then every bounded thing has filled up: caches of
/// charts, pages of SQLite, connections, throttles. What goes on growing is the history of one machine (some kilobytes
/// a minute) and the allocator's scatter. Between the middles of the two quarters lie some 150,000 requests in 20
/// minutes, so that a hundred bytes lost with each of them are about as much.
const MEMORY_BYTES: u64 = 16 << 20;

/// How much longer than alone one reader in a hundred requests may wait. Everybody shares the same few cores, and the
/// clients take theirs from the server; a reader who starves waits for seconds.
const TIMES_ALONE: f64 = 20.0;

/// A shorter run says nothing of memory, which still fills up, nor of waits: most of them is whatever else the machine
/// does.
const TELLING: Duration = Duration::from_secs(60);

/// So long nobody calls starving, however fast it was alone, in milliseconds.
const NO_WAIT: f64 = 250.0;

/// The figures of a run.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) span: Duration,
    pub(crate) alone: Percentiles,
    pub(crate) crowded: Percentiles,
    pub(crate) health: Health,
}

impl Figures {
    /// Shows them.
    #[expect(clippy::print_stdout, reason = "the figures are this run's result")]
    pub(crate) fn print(&self, site: &Site) {
        let Self { span, alone, crowded, health } = self;
        println!("mixed load for {} s", span.as_secs());
        for (name, of) in [("reader alone", alone), ("reader in the crowd", crowded)] {
            let Percentiles { answers, median, p99, most } = of;
            println!("  {name}: {answers} answers, median {median:.1} ms, p99 {p99:.1} ms, longest {most:.1} ms");
        }
        let [first, second, third, fourth] = health.memory_by_quarter().map(mebibytes);
        println!("  memory by quarter: {first:.1}, {second:.1}, {third:.1}, {fourth:.1} MiB");
        println!("  most memory: {:.1} MiB", mebibytes(health.most_memory()));
        let (before, most, after) = (health.files_before, health.most_files(), health.files_after);
        println!("  open files: {before} before, {most} at most, {after} after");
        for ((who, status), count) in site.answers.counts() {
            match status {
                0 => println!("  {who}: {count}"),
                status => println!("  {who}: {status} {count} times"),
            }
        }
    }

    /// Fails where something does not hold.
    pub(crate) fn judge(&self, site: &Site) {
        let (count, strange) = site.answers.all_strange();
        assert_eq!(count, 0, "answers that must not be: {strange:#?}");
        let Self { span, alone, crowded, health } = self;
        assert!(!health.leaks_files(), "{} open files were {} before", health.files_after, health.files_before);
        if *span < TELLING {
            return;
        }
        let bound = (alone.p99 * TIMES_ALONE).max(NO_WAIT);
        assert!(crowded.p99 <= bound, "a reader starves: p99 {:.1} ms, at most {bound:.1} ms", crowded.p99);
        let [_, second, _, fourth] = health.memory_by_quarter();
        assert!(fourth <= second + MEMORY_BYTES, "memory grows from {second} to {fourth} bytes");
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
