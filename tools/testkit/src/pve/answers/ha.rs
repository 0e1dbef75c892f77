//! High availability: what is managed, by whom, and how that goes.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Asking, Told, resources::object};
use crate::pve::world::{Guest, GuestKind, RunState};

/// `/cluster/ha/status/current`.
pub(super) fn status(asking: &Asking<'_>) -> Told {
    asking.need("/", &["Sys.Audit"])?;
    let world = asking.world;
    let own = &world.nodes[asking.entry].name;
    let words = if world.is_quorate { "OK".to_owned() } else { format!("No quorum on node '{own}'!") };
    let quorum = u8::from(world.is_quorate);
    let mut rows = vec![json!({"id": "quorum", "type": "quorum", "node": own, "status": words, "quorate": quorum})];
    let Some((master, time)) = master(asking) else { return Ok(Value::Array(rows)) };
    let at = date(time);
    rows.push(json!({
        "id": "master", "type": "master", "node": master, "status": format!("{master} (active, {at})"), "timestamp": time,
    }));
    if world.version.since(9, 2) {
        rows.push(json!({
            "id": "fencing", "type": "fencing", "node": master, "status": "armed (CRM watchdog active)",
            "armed-state": "armed",
        }));
    }
    for node in &world.nodes {
        let mut row = object(json!({"id": format!("lrm:{}", node.name), "type": "lrm", "node": node.name}));
        let (name, date) = (&node.name, date(time + 1));
        if node.is_up() {
            row.insert("status".to_owned(), format!("{name} (active, watchdog active, {date})").into());
            row.insert("timestamp".to_owned(), (time + 1).into());
        } else {
            row.insert("status".to_owned(), format!("{name} (unable to read lrm status)").into());
        }
        rows.push(Value::Object(row));
    }
    rows.extend(managed(asking).map(|guest| service(asking, guest)));
    Ok(Value::Array(rows))
}

fn service(asking: &Asking<'_>, guest: &Guest) -> Value {
    let (sid, state, wanted) = (sid(guest), state(asking, guest), wanted(guest));
    let node = &asking.world.nodes[guest.node()].name;
    let mut row = object(json!({
        "id": format!("service:{sid}"), "type": "service", "sid": sid, "node": node, "state": state,
        "crm_state": state, "request_state": wanted, "status": format!("{sid} ({node}, {state})"),
        "max_restart": 1, "max_relocate": 1,
    }));
    if asking.world.version.major >= 9 {
        row.insert("failback".to_owned(), 1.into());
    }
    Value::Object(row)
}

/// `/cluster/ha/status/manager_status`.
pub(super) fn manager(asking: &Asking<'_>) -> Told {
    asking.need("/", &["Sys.Audit"])?;
    let world = asking.world;
    let Some((master, time)) = master(asking) else { return Ok(json!({"manager_status": {}, "lrm_status": {}})) };
    let nodes: Map<String, Value> = world
        .nodes
        .iter()
        .map(|node| (node.name.clone(), if node.is_up() { "online" } else { "unknown" }.into()))
        .collect();
    let services: Map<String, Value> = managed(asking)
        .map(|guest| {
            let node = &world.nodes[guest.node()].name;
            let running = u8::from(guest.state() != RunState::Stopped);
            let uid = format!("{:016x}", guest.seed);
            (sid(guest), json!({"node": node, "state": state(asking, guest), "running": running, "uid": uid}))
        })
        .collect();
    let workers: Map<String, Value> = world
        .nodes
        .iter()
        .filter(|node| node.is_up())
        .map(|node| {
            let worker = json!({"mode": "active", "state": "active", "timestamp": time + 1, "results": {}});
            (node.name.clone(), worker)
        })
        .collect();
    Ok(json!({
        "manager_status": {
            "master_node": master, "node_status": nodes, "service_status": services, "timestamp": time,
        },
        "quorum": {"node": world.nodes[asking.entry].name, "quorate": if world.is_quorate { "1" } else { "" }},
        "lrm_status": workers,
    }))
}

/// `/cluster/ha/resources`.
pub(super) fn resources(asking: &Asking<'_>) -> Told {
    asking.need("/", &["Sys.Audit"])?;
    let row = |guest: &Guest| {
        let mut row = object(json!({
            "sid": sid(guest), "type": kind(guest), "state": wanted(guest), "max_restart": 1, "max_relocate": 1,
            "digest": "5911baea29f4c0073fb063fd9ab29e75892832bf",
        }));
        if asking.world.version.major < 9 {
            row.insert("group".to_owned(), "everywhere".into());
        }
        Value::Object(row)
    };
    Ok(managed(asking).map(row).collect())
}

/// `/cluster/ha/groups`: there are none any more in release 9.
pub(super) fn groups(asking: &Asking<'_>) -> Told {
    asking.need("/", &["Sys.Audit"])?;
    if asking.world.version.major >= 9 {
        return Err(asking.fail(500, "cannot index groups: ha groups have been migrated to rules"));
    }
    let nodes: Vec<&str> = asking.world.nodes.iter().map(|node| node.name.as_str()).collect();
    Ok(json!([{"group": "everywhere", "type": "group", "nodes": nodes.join(","), "restricted": 0, "nofailback": 0}]))
}

/// `/cluster/ha/rules`.
pub(super) fn rules(asking: &Asking<'_>) -> Told {
    if asking.world.version.major < 9 {
        return Err(Box::new(super::unknown("/cluster/ha/rules")));
    }
    asking.need("/", &["Sys.Audit"])?;
    let all: Vec<String> = managed(asking).map(sid).collect();
    let nodes: Vec<&str> = asking.world.nodes.iter().map(|node| node.name.as_str()).collect();
    Ok(json!([{
        "rule": "everywhere", "type": "node-affinity", "resources": all.join(","), "nodes": nodes.join(","), "strict": 0,
    }]))
}

/// The node that manages, and when it last said so. `None` when nothing is managed.
fn master<'a>(asking: &Asking<'a>) -> Option<(&'a str, i64)> {
    managed(asking).next()?;
    let master = asking.world.nodes.iter().find(|node| node.is_up())?;
    Some((&master.name, asking.now - asking.now.rem_euclid(10)))
}

fn managed<'a>(asking: &Asking<'a>) -> impl Iterator<Item = &'a Guest> + use<'a> {
    asking.world.guests.values().filter(|guest| guest.is_highly_available && !guest.is_template)
}

fn state(asking: &Asking<'_>, guest: &Guest) -> &'static str {
    if !asking.world.nodes[guest.node()].is_up() { "fence" } else { wanted(guest) }
}

fn wanted(guest: &Guest) -> &'static str {
    if guest.state() == RunState::Stopped { "stopped" } else { "started" }
}

fn sid(guest: &Guest) -> String {
    format!("{}:{}", kind(guest), guest.id)
}

fn kind(guest: &Guest) -> &'static str {
    match guest.kind {
        GuestKind::Machine => "vm",
        GuestKind::Container => "ct",
    }
}

fn date(time: i64) -> String {
    let time = Timestamp::from_second(time).expect("it is near now");
    time.strftime("%a %b %e %H:%M:%S %Y").to_string()
}
