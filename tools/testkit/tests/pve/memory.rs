//! What is said of a guest's memory, by whom.

use muster_testkit::pve::{Action, GuestFacts, Rights, Running, Version};

use crate::asker::{Asker, at_rest};

#[tokio::test]
async fn a_guest_that_tells_has_used_and_free() {
    let (cluster, asker) = started(Version::V8_4).await;
    let guest = machine(&cluster, |guest| guest.has_balloon);
    let status = asker.data(&path(&guest, "status/current")).await;
    let number = |key: &str| status[key].as_u64().unwrap();
    assert_eq!(number("mem") + number("freemem"), guest.memory);
    assert_eq!(number("balloon"), guest.memory);
}

//
#[tokio::test]
async fn a_guest_from_which_memory_was_taken_looks_full_and_is_not() {
    let (cluster, asker) = started(Version::V9_1).await;
    let guest = machine(&cluster, |guest| guest.is_windows && guest.has_balloon);
    cluster.act(Action::Balloon { guest: guest.id, bytes: guest.memory / 2 });
    let status = asker.data(&path(&guest, "status/current")).await;
    let number = |key: &str| status[key].as_u64().unwrap();
    assert_eq!((number("mem"), number("maxmem")), (guest.memory, guest.memory));
    assert_eq!(number("balloon"), guest.memory / 2);
    assert!(number("freemem") > 0 && number("freemem") < number("balloon"));
}

#[tokio::test]
async fn a_guest_that_does_not_tell_is_guessed_by_its_host() {
    for (version, has_host) in [(Version::V8_4, false), (Version::V9_1, true)] {
        let (cluster, asker) = started(version).await;
        let guest = machine(&cluster, |guest| !guest.has_balloon);
        let status = asker.data(&path(&guest, "status/current")).await;
        assert_eq!((status.get("freemem"), status.get("memhost").is_some()), (None, has_host));
        assert!(status["mem"].as_u64().unwrap() > guest.memory / 100 * 95);
    }
}

//
#[tokio::test]
async fn the_agent_knows_what_is_available() {
    let (cluster, asker) = started(Version::V8_4).await;
    let guest = machine(&cluster, |guest| guest.has_agent && !guest.is_windows);
    let file = asker.data(&path(&guest, "agent/file-read?file=/proc/meminfo")).await;
    let value = |name: &str| -> u64 {
        let line = file["content"].as_str().unwrap().lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    assert_eq!(value("MemTotal:") << 10, guest.memory);
    assert!(value("MemAvailable:") < value("MemTotal:") && value("MemFree:") <= value("MemAvailable:"));
}

async fn started(version: Version) -> (Running, Asker) {
    let (builder, _clock) = at_rest();
    let cluster = builder.version(version).guests(120).rights(Rights::everything(version)).start().await;
    let asker = Asker::of(&cluster, "pve1");
    (cluster, asker)
}

fn machine(cluster: &Running, is_it: impl Fn(&GuestFacts) -> bool) -> GuestFacts {
    let all = cluster.guests().into_iter().filter_map(|id| cluster.guest(id));
    all.into_iter().find(|guest| guest.kind == "qemu" && guest.runs && is_it(guest)).unwrap()
}

fn path(guest: &GuestFacts, rest: &str) -> String {
    format!("/nodes/{}/qemu/{}/{rest}", guest.node, guest.id)
}
