//! SIGKILL in the middle of commits loses nothing that was acknowledged.

use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use futures::future::join_all;
use muster_store::{AuditEntry, AuditQuery, Store};
use muster_testkit::database::{Database, each};
use serde_json::Value;

use crate::common::{DEFAULT, at, open, uuid};

/// Tells the child which database to write to; with it the test below becomes the child.
const URL: &str = "MUSTER_CRASH_URL";

/// Tells the child where its numbers begin.
const FIRST: &str = "MUSTER_CRASH_FIRST";

/// Numbers of one round.
const ROUND: u128 = 1_000_000;

#[tokio::test]
async fn a_killed_process_loses_nothing_acknowledged() {
    // D-12, D-30
    let rounds: u64 = env::var("MUSTER_SOAK_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    let seed: u64 = env::var("MUSTER_SEED").map_or(20_261, |seed| seed.parse().unwrap());
    println!("MUSTER_SEED={seed}");
    each(async |database| {
        let mut acknowledged = BTreeSet::new();
        for round in 0..rounds {
            let kill_after = 1 + spread(seed.wrapping_add(round)) % 60;
            acknowledged.extend(write_until_killed(&database, u128::from(round) * ROUND, kill_after));
            let store = open(&database).await;
            let lines = store.audit_list(&DEFAULT, &AuditQuery::newest(u32::MAX)).await.unwrap();
            let found: BTreeSet<u128> = lines.iter().map(|line| line.entry.id.as_u128()).collect();
            let lost: Vec<_> = acknowledged.difference(&found).collect();
            assert!(lost.is_empty(), "round {round} lost {lost:?} of {}", acknowledged.len());
            // D-18: what is there is a whole chain, wherever the process was killed.
            let verdict = store.audit_verify(&DEFAULT, &[]).await.unwrap();
            assert!(verdict.is_sound() && verdict.entries == found.len() as u64, "round {round}: {verdict:?}");
            store.close().await;
        }
        assert!(acknowledged.len() as u64 >= rounds);
    })
    .await;
}

/// Nothing by itself: the process that the test above starts and kills.
#[tokio::test]
async fn child() {
    let Ok(url) = env::var(URL) else { return };
    let first: u128 = env::var(FIRST).unwrap().parse().unwrap();
    let tasks = muster_runtime::Tasks::new(muster_runtime::Shutdown::new());
    let store = Store::open(&url.parse().unwrap(), &tasks).await.unwrap();
    let write = async |lane: u128| {
        for number in (first + lane..first + ROUND).step_by(4) {
            store.audit_append(&DEFAULT, &line(number)).await.unwrap();
            println!("\nacknowledged {number}");
        }
    };
    join_all((0..4).map(write)).await;
}

/// Starts a process that writes, kills it after so many acknowledgements, and says which it gave.
fn write_until_killed(database: &Database, first: u128, kill_after: u64) -> Vec<u128> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--nocapture"])
        .env(URL, database.url())
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut numbers = vec![];
    // After the kill it reads on what was acknowledged before.
    for line in lines.map_while(Result::ok) {
        let number: Option<u128> = line.strip_prefix("acknowledged ").and_then(|number| number.parse().ok());
        numbers.extend(number);
        if number.is_some() && numbers.len() as u64 == kill_after {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success(), "the process was killed");
    numbers
}

fn line(number: u128) -> AuditEntry {
    AuditEntry {
        id: uuid(number),
        at: at(0),
        actor: "cli".into(),
        action: "test".into(),
        target: None,
        outcome: "ok".into(),
        remote_addr: None,
        request_id: None,
        occurrences: 1,
        detail: Value::Null,
    }
}

/// One step of SplitMix64.
fn spread(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
