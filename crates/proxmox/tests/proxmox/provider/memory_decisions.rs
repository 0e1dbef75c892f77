//! What is told of decisions about memory: their shape, how long they are told, and what the log hears.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex},
};

use muster_model::{GuestMemoryDecision, MemorySource};
use muster_testkit::pve::{Action, GuestFacts};
use serde_json::{Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};

use super::lab::{Ask, Lab, key, path};

#[tokio::test]
async fn decisions_have_the_shape_that_programs_expect() {
    // R-68, D-9, D-24
    let lab = Lab::new().await;
    lab.whole().await;
    let told = serde_json::to_value(lab.decisions()).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let named = |names: &str| names.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(keys(&told), named("nodes guests"));
    let node = &told["nodes"][0];
    assert_eq!(keys(node), named("key node retrievedAt memorySource trust fallbackReason memory raw"));
    assert_eq!(
        keys(&node["raw"]),
        named(
            "total used free available avail buffers cached shared effectiveAvailable rrdAvailable rrdUsed \
             totalMinusUsed fallbackTotal fallbackUsed fallbackFree"
        )
    );
    let guest = &told["guests"][0];
    let of_guests =
        "key guestType node name vmid status retrievedAt memorySource trust fallbackReason memory raw notes";
    assert_eq!(keys(guest), named(of_guests));
    assert_eq!(
        keys(&guest["raw"]),
        named(
            "listingMem listingMaxmem statusMem statusFreemem statusMaxmem balloon balloonMin meminfoUsed meminfoFree \
             meminfoTotal meminfoAvailable meminfoBuffers meminfoCached meminfoShared meminfoTotalMinusUsed \
             rrdAvailable rrdUsed guestAgentMemAvailable agent"
        )
    );
    assert_eq!(keys(&guest["memory"]), named("totalBytes usedBytes freeBytes usagePercent"));
    assert_eq!(guest["raw"]["meminfoTotal"], Value::Null, "nobody told it, which is not 0");
    assert!(guest["notes"].is_array());
}

#[tokio::test]
async fn there_is_one_for_every_node_and_guest_in_order_and_it_is_what_the_report_says() {
    // D-6
    let lab = Lab::new().await;
    let report = lab.whole().await;
    let decisions = lab.decisions();
    let nodes: Vec<_> = decisions.nodes.iter().map(|node| node.key.as_str()).collect();
    assert_eq!(nodes, ["node/pve1", "node/pve2", "node/pve3"]);
    assert!(decisions.guests.windows(2).all(|pair| pair[0].vmid < pair[1].vmid));
    for guest in lab.cluster.guests().into_iter().filter_map(|guest| lab.cluster.guest(guest)) {
        let Some(decision) = decisions.guests.iter().find(|decision| decision.vmid == guest.id) else {
            assert!(guest.is_template);
            continue;
        };
        assert_eq!(decision.key.as_str(), key(&guest));
        assert_eq!((decision.node.as_str(), decision.name.as_str()), (guest.node.as_str(), guest.name.as_str()));
        assert_eq!(Some(decision.memory_source), report.guest(&key(&guest)).memory_source);
        assert_eq!(decision.retrieved_at, report.reported_at);
    }
    let text = serde_json::to_string(&decisions).unwrap();
    assert!(!text.contains(lab.cluster.token().1), "no secret");
}

#[tokio::test]
async fn a_migration_keeps_the_decision_and_another_guest_under_the_number_has_its_own() {
    // R-67, D-6
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.whole().await;
    let to = lab.other_node(&guest.node);
    lab.act(Action::Migrate { guest: guest.id, to: to.clone() });
    lab.pass(10);
    lab.after(10).await;
    let decision = lab.decision(&guest);
    assert_eq!((decision.key.as_str(), decision.node), (key(&guest).as_str(), to));
    let of_guest = |decision: &&GuestMemoryDecision| decision.vmid == guest.id;
    assert_eq!(lab.decisions().guests.iter().filter(of_guest).count(), 1);
    lab.act(Action::Destroy { guest: guest.id });
    for _ in 0..4 {
        lab.after(10).await;
    }
    assert_eq!(lab.decisions().guests.iter().filter(of_guest).count(), 0);
}

#[tokio::test]
async fn what_was_not_decided_again_is_told_for_an_hour() {
    //
    let lab = Lab::new().await;
    lab.whole().await;
    lab.pass(3600);
    assert!(!lab.decisions().guests.is_empty());
    lab.pass(1);
    let late = lab.decisions();
    assert_eq!((late.nodes.len(), late.guests.len()), (0, 0));
}

#[tokio::test]
async fn the_log_hears_of_another_source_once() {
    // a warning where the new one is a fallback.
    let heard = Heard::default();
    // With one listener alone, the first thread that comes upon a line decides for all whether anybody wants it.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(heard.clone()));
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    let status = |more: Value| {
        let mut status = json!({"status": "running", "mem": 5 << 30, "maxmem": 8_u64 << 30});
        status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        lab.answer(&path(&guest, "status/current"), &status);
    };
    let twice = async || {
        lab.pass(601);
        lab.report().await;
        lab.look("guests").await;
        lab.report().await;
        lab.after(10).await;
        heard.of(&guest)
    };
    status(json!({"meminfo": {"total": 8_u64 << 30, "available": 4_u64 << 30}}));
    lab.report().await;
    lab.after(10).await;
    assert_eq!(heard.of(&guest), [(Level::DEBUG, "available-field".to_owned())], "two equal looks are one line");
    status(json!({}));
    lab.pass(590);
    let told = twice().await;
    assert_eq!(told.last(), Some(&(Level::WARN, "status-mem".to_owned())), "{told:?}");
    let lines = told.len();
    status(json!({"meminfo": {"total": 8_u64 << 30, "available": 4_u64 << 30}}));
    let told = twice().await;
    assert_eq!(told[lines..], [(Level::DEBUG, "available-field".to_owned())]);
    assert_eq!(lab.decision(&guest).memory_source, MemorySource::AvailableField);
}

/// Lines about memory: level, key, new source.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<(Level, String, String)>>>);

impl Heard {
    fn of(&self, guest: &GuestFacts) -> Vec<(Level, String)> {
        let lines = self.0.lock().unwrap();
        let ours = lines.iter().filter(|(_, of, _)| *of == key(guest));
        ours.map(|(level, _, to)| (*level, to.clone())).collect()
    }
}

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if !event.metadata().target().ends_with("provider::memory") {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        self.0.lock().unwrap().push((*event.metadata().level(), line.key, line.to));
    }
}

#[derive(Default)]
struct Line {
    key: String,
    to: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "key" => self.key = format!("{value:?}").trim_matches('"').to_owned(),
            "to" => self.to = format!("{value:?}").trim_matches('"').to_owned(),
            _ => {}
        }
    }
}
