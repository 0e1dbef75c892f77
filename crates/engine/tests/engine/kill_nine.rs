//! kill -9 under load (D-12, D-30): what was acknowledged is there after a restart, in the state and in history, once.
//!
//! The test starts itself again as a child that sweeps as fast as it can and prints each acknowledged report, kills it
//! at a random moment, looks at what is left, and goes on with the same data. `MUSTER_SOAK_ROUNDS` sets the rounds.

use std::{
    io::{BufRead, BufReader, Write},
    num::NonZeroU32,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::world::{START, World, host};
use jiff::{SignedDuration, Timestamp};
use muster_history::{Cancel, Query};
use muster_model::{Metric, ResourceId, ResourceKind, TenantId};
use muster_runtime::{Clock, Entropy};

/// The variable that turns this test into its own child, naming the data directory and the first report's number.
const CHILD: &str = "MUSTER_TEST_KILLED_CHILD";

const TICK: SignedDuration = SignedDuration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_loses_nothing_that_was_acknowledged() {
    if let Ok(task) = std::env::var(CHILD) {
        let (directory, first) = task.split_once('|').unwrap();
        return sweep_until_killed(Path::new(directory), first.parse().unwrap()).await;
    }
    let rounds: u64 = std::env::var("MUSTER_SOAK_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    let seed = u64::from_le_bytes(Entropy::system().bytes());
    println!("seed {seed}");
    let entropy = Entropy::seeded(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut last = 0;
    for round in 0..rounds {
        let patience = 1 + (entropy.fraction() * 60.0) as u32;
        last = kill_after(directory.path(), last + 1, patience);
        verify(directory.path(), last, &format!("seed {seed} round {round}")).await;
    }
}

/// The child: reports as fast as they are acknowledged.
async fn sweep_until_killed(directory: &Path, first: u32) {
    let world = World::open(directory, at(first - 1)).await;
    for number in first.. {
        world.clock.advance(Duration::try_from(TICK).unwrap());
        let report = host(world.clock.now(), &format!("nas-{number}"), f64::from(number));
        world.engine.submit(report).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {number}").and_then(|()| out.flush()).unwrap();
    }
}

/// Runs the child until it has acknowledged so many reports, kills it, and says which was its last.
fn kill_after(directory: &Path, first: u32, reports: u32) -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill_nine::kill_nine_loses_nothing_that_was_acknowledged", "--nocapture"])
        .env(CHILD, format!("{}|{first}", directory.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut numbers = lines.filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok());
    let last = numbers.by_ref().take(reports as usize).last().expect("the child acknowledges reports");
    child.kill().unwrap();
    // What the pipe still holds was acknowledged before the kill.
    let last = numbers.last().unwrap_or(last);
    child.wait().unwrap();
    last
}

/// Opens what is left. One report more than was acknowledged may have survived: killed between commit and answer.
async fn verify(directory: &Path, acknowledged: u32, round: &str) {
    let world = World::open(directory, at(acknowledged + 1)).await;
    let id = ResourceId::mint(ResourceKind::Agent, &format!("machine:machine-{}", crate::world::MACHINE));
    let snapshot = world.engine.snapshot(&TenantId::DEFAULT);
    let row = snapshot.get(id).unwrap_or_else(|| panic!("{round}: the host is gone"));
    let survived: u32 = row.name.strip_prefix("nas-").unwrap().parse().unwrap();
    assert!(
        (acknowledged..=acknowledged + 1).contains(&survived),
        "{round}: state at {survived}, acknowledged {acknowledged}"
    );

    let query = Query {
        tenant: TenantId::DEFAULT,
        resources: vec![id],
        metrics: vec![Metric::Load1],
        from: at(1),
        to: at(acknowledged + 2),
        points: NonZeroU32::new(5000).unwrap(),
    };
    let answer = world.history.query(&query, &Cancel::default()).unwrap();
    let values: Vec<f64> = answer.columns[0].avg.iter().copied().flatten().collect();
    let expected: Vec<f64> = (1..=acknowledged).map(f64::from).collect();
    assert_eq!(values.get(..expected.len()), Some(expected.as_slice()), "{round}: history has a hole");
    assert!(values.len() <= expected.len() + 1, "{round}: history repeats itself");
    world.stop().await;
}

fn at(number: u32) -> Timestamp {
    Timestamp::from_second(START).unwrap() + TICK * i32::try_from(number).unwrap()
}
