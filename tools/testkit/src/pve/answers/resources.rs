//! Rows of everything: `/cluster/resources`, `/nodes`, `/pools`, and the lists of guests.
//!
//! Whoever may not see something gets no row of it, and is not told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Asking, Told};
use crate::pve::world::{Guest, GuestKind, GuestSample, Node, NodeSample, RunState, StorageKind};

/// `/cluster/resources`.
pub(super) fn all(asking: &Asking<'_>) -> Value {
    let wanted = asking.asked.parameter("type");
    let is_wanted = |kind: &str| wanted.is_none_or(|wanted| wanted == kind);
    let mut rows = Vec::new();
    if is_wanted("pool") && wanted.is_none() {
        rows.extend(pools(asking));
    }
    if is_wanted("vm") {
        rows.extend(asking.guests().map(|guest| guest_row(asking, guest)));
    }
    if is_wanted("node") {
        rows.extend(nodes(asking, false));
    }
    if is_wanted("storage") {
        rows.extend(storages(asking));
    }
    if is_wanted("sdn") {
        rows.extend(networks(asking));
    }
    Value::Array(rows)
}

/// Rows of nodes: `/nodes` has the fingerprints of their certificates as well.
pub(super) fn nodes(asking: &Asking<'_>, with_fingerprint: bool) -> Vec<Value> {
    let world = asking.world;
    // Nodes that report do so at the same time.
    let mut samples: BTreeMap<i64, Vec<NodeSample>> = BTreeMap::new();
    let row = |(place, node): (usize, &Node)| {
        let mut row = object(json!({"id": format!("node/{}", node.name), "node": node.name, "type": "node"}));
        let reported = node.reported_at(asking.now);
        let status = match (node.is_up(), reported) {
            (false, _) => "offline",
            (true, None) => "unknown",
            (true, Some(_)) => "online",
        };
        row.insert("status".to_owned(), status.into());
        if let Some(time) = reported {
            let may_see = asking.may(&format!("/nodes/{}", node.name), "Sys.Audit");
            let sample = may_see.then(|| samples.entry(time).or_insert_with(|| world.node_samples(time))[place]);
            row.extend(reported_node(node, sample));
            if !with_fingerprint {
                row.insert("cgroup-mode".to_owned(), 2.into());
            }
        }
        if !with_fingerprint && world.version.since(8, 3) {
            row.insert("hastate".to_owned(), if node.is_up() { "online" } else { "unknown" }.into());
        }
        if !with_fingerprint && world.version.since(9, 2) {
            row.insert("host-arch".to_owned(), "x86_64".into());
        }
        if let Some(certificate) = node.certificate.as_ref().filter(|_| with_fingerprint) {
            row.insert("ssl_fingerprint".to_owned(), certificate.fingerprint.clone().into());
        }
        Value::Object(row)
    };
    world.nodes.iter().enumerate().map(row).collect()
}

fn reported_node(node: &Node, sample: Option<NodeSample>) -> Map<String, Value> {
    let mut row = object(json!({"level": ""}));
    if let Some(sample) = sample {
        row.extend(object(json!({
            "uptime": sample.uptime,
            "cpu": sample.cpu,
            "maxcpu": node.threads,
            "mem": sample.memory,
            "maxmem": node.memory,
            "disk": sample.root,
            "maxdisk": node.root,
        })));
    }
    row
}

/// The row of a guest: nothing but its name in the cluster when its node says nothing.
pub(super) fn guest_row(asking: &Asking<'_>, guest: &Guest) -> Value {
    let world = asking.world;
    let node = &world.nodes[guest.node()];
    let kind = guest.kind.word();
    let mut row = object(json!({
        "id": format!("{kind}/{}", guest.id),
        "vmid": guest.id,
        "node": node.name,
        "type": kind,
    }));
    let reported = node.reported_at(asking.now).filter(|time| guest.created <= *time);
    row.insert("status".to_owned(), reported.map_or("unknown", |time| status_at(guest, time)).into());
    if let Some(time) = reported {
        row.extend(measured(asking, guest, time));
        row.insert("name".to_owned(), guest.name.clone().into());
        row.insert("template".to_owned(), u8::from(guest.is_template).into());
    }
    if let Some(pool) = guest.pool {
        row.insert("pool".to_owned(), pool.into());
    }
    if reported.is_some() && !guest.tags.is_empty() {
        row.insert("tags".to_owned(), guest.tags.join(";").into());
    }
    if guest.is_highly_available && !guest.is_template {
        row.insert(
            "hastate".to_owned(),
            if status_at(guest, asking.now) == "stopped" { "stopped" } else { "started" }.into(),
        );
    }
    Value::Object(row)
}

/// What a guest uses of what it was given, at the time of its node's last report.
fn measured(asking: &Asking<'_>, guest: &Guest, time: i64) -> Map<String, Value> {
    let sample = guest.sample(time, asking.world.version).map(|(_, sample)| sample);
    let number = |of: fn(&GuestSample) -> u64| sample.as_ref().map_or(0, of);
    let is_container = guest.kind == GuestKind::Container;
    let mut row = object(json!({
        "uptime": sample.map_or(0, |sample| sample.uptime),
        "cpu": sample.map_or(0.0, |sample| sample.cpu),
        "maxcpu": guest.cores,
        "mem": number(|sample| sample.memory),
        "maxmem": guest.memory,
        // How full a machine's disk is, nobody outside knows.
        "disk": if is_container { number(|sample| sample.root) } else { 0 },
        "maxdisk": guest.root_size(),
        "netin": number(|sample| sample.net_in),
        "netout": number(|sample| sample.net_out),
        "diskread": number(|sample| sample.disk_read),
        "diskwrite": number(|sample| sample.disk_write),
    }));
    if asking.world.version.since(9, 0) {
        row.insert("memhost".to_owned(), number(|sample| sample.memory_host).into());
    }
    row
}

/// How a guest is called at a time.
pub(super) fn status_at(guest: &Guest, time: i64) -> &'static str {
    match guest.state_at(time) {
        RunState::Running => "running",
        RunState::Paused => "paused",
        RunState::Stopped => "stopped",
    }
}

/// The list of one kind of guest on a node: `/nodes/{node}/qemu` and `/nodes/{node}/lxc`.
pub(super) fn guests_of_node(asking: &Asking<'_>) -> Told {
    let (place, _) = asking.node()?;
    let kind = asking.place.guest_kind.unwrap_or_default();
    let guests = asking.guests().filter(|guest| guest.node() == place && guest.kind.word() == kind);
    Ok(guests.map(|guest| listed(asking, guest)).collect())
}

fn listed(asking: &Asking<'_>, guest: &Guest) -> Value {
    let mut row = measured(asking, guest, asking.now);
    let (cores, is_container) = (row.remove("maxcpu"), guest.kind == GuestKind::Container);
    row.insert("cpus".to_owned(), cores.expect("it was measured"));
    // Until release 8, lists of containers had their numbers as text.
    let is_text = is_container && asking.world.version.major < 8;
    row.insert("vmid".to_owned(), if is_text { guest.id.to_string().into() } else { guest.id.into() });
    row.insert("name".to_owned(), guest.name.clone().into());
    let runs = guest.state() != RunState::Stopped;
    row.insert("status".to_owned(), if runs { "running" } else { "stopped" }.into());
    if runs {
        row.insert("pid".to_owned(), (100_000 + guest.id).into());
    }
    if guest.is_template {
        row.insert("template".to_owned(), 1.into());
    }
    if !guest.tags.is_empty() {
        row.insert("tags".to_owned(), guest.tags.join(";").into());
    }
    if is_container {
        row.extend(object(json!({"type": "lxc", "swap": 0, "maxswap": super::guest::SWAP})));
        row.remove("memhost");
    }
    Value::Object(row)
}

/// `/pools`.
pub(super) fn pool_list(asking: &Asking<'_>) -> Value {
    pool_names(asking).into_iter().map(|pool| json!({"poolid": pool, "comment": format!("{pool} guests")})).collect()
}

fn pool_names<'a>(asking: &Asking<'a>) -> BTreeSet<&'a str> {
    let pools = asking.world.guests.values().filter_map(|guest| guest.pool);
    pools.filter(|pool| asking.may(&format!("/pool/{pool}"), "Pool.Audit")).collect()
}

fn pools(asking: &Asking<'_>) -> Vec<Value> {
    let row = |pool: &str| {
        let members = asking.guests().filter(|guest| guest.pool == Some(pool));
        let samples = members.map(|guest| (guest, guest.sample(asking.now, asking.world.version)));
        let (mut cpu, mut cores, mut memory, mut given, mut uptime) = (0.0, 0, 0, 0, 0);
        for (guest, sample) in samples {
            let Some((_, sample)) = sample else { continue };
            cpu += sample.cpu * f64::from(guest.cores);
            cores += guest.cores;
            memory += sample.memory;
            given += guest.memory;
            uptime = uptime.max(sample.uptime);
        }
        json!({
            "id": format!("/pool/{pool}"), "pool": pool, "type": "pool", "uptime": uptime, "mem": memory,
            "maxmem": given, "cpu": if cores == 0 { 0.0 } else { cpu / f64::from(cores) }, "maxcpu": cores,
        })
    };
    pool_names(asking).into_iter().map(row).collect()
}

fn storages(asking: &Asking<'_>) -> Vec<Value> {
    let mut rows = Vec::new();
    for storage in asking.storages() {
        for (place, node) in asking.world.nodes.iter().enumerate() {
            let mut row = object(json!({
                "id": format!("storage/{}/{}", node.name, storage.name),
                "storage": storage.name,
                "node": node.name,
                "type": "storage",
                "plugintype": storage.kind.word(),
                "content": storage.kind.content(),
                "shared": u8::from(storage.kind.is_shared()),
            }));
            let reported = node.reported_at(asking.now).filter(|_| !storage.unreachable.contains(&place));
            row.insert("status".to_owned(), if reported.is_some() { "available" } else { "unknown" }.into());
            if let Some(time) = reported {
                row.insert("disk".to_owned(), storage.used(place, time).into());
                row.insert("maxdisk".to_owned(), storage.size.into());
            }
            rows.push(Value::Object(row));
        }
    }
    rows
}

fn networks(asking: &Asking<'_>) -> Vec<Value> {
    let up = asking.world.nodes.iter().filter(|node| node.is_up());
    let up = up.filter(|_| asking.may("/sdn/zones/localnetwork", "SDN.Audit"));
    let row = |node: &Node| {
        let name = &node.name;
        if asking.world.version.since(9, 1) {
            json!({
                "id": format!("network/{name}/zone/localnetwork"), "type": "network", "network-type": "zone",
                "network": "localnetwork", "node": name, "status": "ok",
            })
        } else {
            json!({
                "id": format!("sdn/{name}/localnetwork"), "type": "sdn", "sdn": "localnetwork", "node": name,
                "status": "ok",
            })
        }
    };
    if asking.world.version.major < 8 { Vec::new() } else { up.map(row).collect() }
}

/// The fields of an object that was written as one.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("it was written as an object: {other}"),
    }
}

/// What a storage is defined as: `/storage`.
pub(super) fn definitions(asking: &Asking<'_>) -> Value {
    let digest = "5911baea29f4c0073fb063fd9ab29e75892832bf";
    let row = |storage: &crate::pve::world::Storage| {
        let mut row = object(json!({
            "storage": storage.name, "type": storage.kind.word(), "content": storage.kind.content(), "digest": digest,
        }));
        row.extend(object(match storage.kind {
            StorageKind::Dir => json!({"path": "/var/lib/vz", "shared": 0}),
            StorageKind::Zfs => json!({"pool": "rpool/data", "sparse": 1}),
            StorageKind::Rbd => json!({"pool": "vm", "krbd": 0, "shared": 1}),
            StorageKind::Nfs => {
                json!({"server": "192.0.2.40", "export": "/volume1/pve", "path": "/mnt/pve/nas", "shared": 1})
            }
            StorageKind::Pbs => json!({
                "server": "192.0.2.41", "datastore": "main", "username": "pve@pbs", "shared": 1,
                "prune-backups": "keep-all=1", "fingerprint": "11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:\
                                                               11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00",
            }),
        }));
        Value::Object(row)
    };
    asking.storages().map(row).collect()
}
