//! What one observation of this machine costs. The bar is 3 ms of CPU time a report; run with
//! `cargo bench -p muster-agent`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::{fs, sync::Arc};

use muster_agent::{Agent, Config};
use muster_model::{SourceId, TenantId};
use muster_runtime::{Clock, SystemClock};

const ROUNDS: u32 = 500;
const BAR_MILLISECONDS: f64 = 3.0;

fn main() {
    let clock = Arc::new(SystemClock::new());
    let mut agent =
        Agent::new(Config::default(), Arc::clone(&clock) as Arc<dyn Clock>, SourceId::local_agent(), TenantId::DEFAULT);
    let report = agent.collect();
    let (cpu_before, wall_before) = (cpu_milliseconds(), clock.monotonic());
    for _ in 0..ROUNDS {
        agent.collect();
    }
    let cpu = (cpu_milliseconds() - cpu_before) / f64::from(ROUNDS);
    let wall = (clock.monotonic() - wall_before).as_secs_f64() * 1000.0 / f64::from(ROUNDS);
    println!("{} records, {} samples", report.records.len(), report.samples.len());
    println!("cpu {cpu:.3} ms a report, {:.2} of the bar; wall {wall:.3} ms", cpu / BAR_MILLISECONDS);
}

/// CPU time of all threads of this process; the first number of a thread's `schedstat` is nanoseconds.
fn cpu_milliseconds() -> f64 {
    let threads = fs::read_dir("/proc/self/task").expect("Linux shows a process its own threads").flatten();
    let nanoseconds = |thread: fs::DirEntry| -> Option<f64> {
        fs::read_to_string(thread.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    threads.filter_map(nanoseconds).sum::<f64>() / 1e6
}
