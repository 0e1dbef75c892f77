//! One guest: its status, configuration and snapshots.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Asking, Told, node::running_qemu, resources::object, rrd::pressure};
use crate::pve::{
    action::AgentState,
    world::{Guest, GuestKind, GuestSample, Os, Run, RunState, Snapshot},
};

/// Bytes of swap that a container may use.
pub(super) const SWAP: u64 = 512 << 20;

/// `/nodes/{node}/{kind}/{guest}/status/current`.
pub(super) fn status(asking: &Asking<'_>) -> Told {
    let (_, guest) = asking.guest()?;
    let running = guest.sample(asking.now, asking.world.version);
    let status = if guest.state() == RunState::Stopped { "stopped" } else { "running" };
    let managed = if guest.is_highly_available && !guest.is_template {
        json!({"managed": 1, "state": "started"})
    } else {
        json!({"managed": 0})
    };
    let sample = running.map(|(_, sample)| sample);
    let number = |of: fn(&GuestSample) -> u64| sample.as_ref().map_or(0, of);
    let mut row = object(json!({
        "vmid": guest.id,
        "name": guest.name,
        "status": status,
        "ha": managed,
        "uptime": sample.map_or(0, |sample| sample.uptime),
        "cpu": sample.map_or(0.0, |sample| sample.cpu),
        "cpus": guest.cores,
        "mem": number(|sample| sample.memory),
        "maxmem": guest.memory,
        "disk": 0,
        "maxdisk": guest.root_size(),
        "netin": number(|sample| sample.net_in),
        "netout": number(|sample| sample.net_out),
        "diskread": number(|sample| sample.disk_read),
        "diskwrite": number(|sample| sample.disk_write),
    }));
    if guest.is_template {
        row.insert("template".to_owned(), 1.into());
    }
    if !guest.tags.is_empty() {
        row.insert("tags".to_owned(), guest.tags.join(";").into());
    }
    if running.is_some() {
        row.insert("pid".to_owned(), (100_000 + guest.id).into());
    }
    match guest.kind {
        GuestKind::Machine => row.extend(machine(asking, guest, running)),
        GuestKind::Container => row.extend(container(asking, sample)),
    }
    Ok(Value::Object(row))
}

fn container(asking: &Asking<'_>, sample: Option<GuestSample>) -> Map<String, Value> {
    let mut row = object(json!({"type": "lxc", "swap": 0, "maxswap": SWAP}));
    if let Some(sample) = sample {
        row.insert("disk".to_owned(), sample.root.into());
        if asking.world.version.major >= 9 {
            // For containers they come as text.
            let texts = pressure(sample.cpu).map(|(name, value)| (name.to_owned(), format!("{value:.2}").into()));
            row.extend(texts);
        }
    }
    row
}

fn machine(asking: &Asking<'_>, guest: &Guest, running: Option<(Run, GuestSample)>) -> Map<String, Value> {
    let version = asking.world.version;
    let mut row = Map::new();
    if guest.agent.is_some() {
        row.insert("agent".to_owned(), 1.into());
    }
    let state = match guest.state() {
        RunState::Running => "running",
        RunState::Paused => "paused",
        RunState::Stopped => "stopped",
    };
    row.insert("qmpstatus".to_owned(), state.into());
    let Some((_, sample)) = running else { return row };
    let qemu = running_qemu(asking);
    row.extend(object(json!({
        "running-qemu": qemu,
        "running-machine": format!("pc-i440fx-{}+pve0", &qemu[..qemu.len() - 2]),
        "proxmox-support": {"pbs-dirty-bitmap": true, "query-bitmap-info": true, "pbs-library-version": "1.4.0 (UNKNOWN)"},
        "nics": nics(guest, &sample),
        "blockstat": blocks(guest, &sample),
    })));
    if guest.has_balloon {
        row.extend(balloon(asking, guest));
    }
    if version.major >= 9 {
        row.insert("memhost".to_owned(), sample.memory_host.into());
        row.extend(pressure(sample.cpu).map(|(name, value)| (name.to_owned(), value.into())));
    }
    row
}

/// What the hypervisor hears from inside about memory.
fn balloon(asking: &Asking<'_>, guest: &Guest) -> Map<String, Value> {
    let actual = guest.ballooned.unwrap_or(guest.memory);
    let used = guest.sample(asking.now, asking.world.version).map_or(0, |(_, sample)| sample.memory);
    // Of what is left of a guest from which memory was taken, a quarter is in use.
    let free = guest.ballooned.map_or(guest.memory - used.min(guest.memory), |left| left / 4 * 3);
    object(json!({
        "balloon": actual,
        "balloon_min": guest.memory / 2,
        "shares": 1000,
        "freemem": free,
        "ballooninfo": {
            "actual": actual, "max_mem": guest.memory, "total_mem": actual / 100 * 97, "free_mem": free,
            "mem_swapped_in": 0, "mem_swapped_out": 0, "major_page_faults": 1811, "minor_page_faults": 3_803_793,
            "last_update": asking.now,
        },
    }))
}

fn nics(guest: &Guest, sample: &GuestSample) -> Map<String, Value> {
    let count = guest.nics.len().max(1) as u64;
    let one = json!({"netin": sample.net_in / count, "netout": sample.net_out / count});
    (0..guest.nics.len()).map(|number| (format!("tap{}i{number}", guest.id), one.clone())).collect()
}

fn blocks(guest: &Guest, sample: &GuestSample) -> Map<String, Value> {
    let count = guest.volumes.len().max(1) as u64;
    let (read, written) = (sample.disk_read / count, sample.disk_write / count);
    let one = json!({
        "rd_bytes": read, "wr_bytes": written, "rd_operations": read / 16_384, "wr_operations": written / 16_384,
        "rd_total_time_ns": read, "wr_total_time_ns": written, "flush_operations": 15_494,
        "flush_total_time_ns": 7_442_045_713_u64, "idle_time_ns": 4_427_685_914_u64, "timed_stats": [],
        "account_failed": true, "account_invalid": true, "failed_rd_operations": 0, "failed_wr_operations": 0,
        "failed_flush_operations": 0, "failed_unmap_operations": 0, "invalid_rd_operations": 0,
        "invalid_wr_operations": 0, "invalid_flush_operations": 0, "invalid_unmap_operations": 0, "rd_merged": 0,
        "wr_merged": 0, "unmap_bytes": 0, "unmap_merged": 0, "unmap_operations": 0, "unmap_total_time_ns": 0,
        "wr_highest_offset": written,
    });
    guest.volumes.iter().map(|volume| (volume.slot.clone(), one.clone())).collect()
}

/// `/nodes/{node}/{kind}/{guest}/config`.
pub(super) fn config(asking: &Asking<'_>) -> Told {
    let (_, guest) = asking.guest()?;
    let mut config = match guest.kind {
        GuestKind::Machine => machine_config(asking, guest),
        GuestKind::Container => container_config(guest),
    };
    for volume in &guest.volumes {
        config.insert(volume.slot.clone(), volume_text(guest, volume).into());
    }
    config.insert("onboot".to_owned(), u8::from(guest.starts_at_boot).into());
    if !guest.tags.is_empty() {
        config.insert("tags".to_owned(), guest.tags.join(";").into());
    }
    if guest.is_template {
        config.insert("template".to_owned(), 1.into());
    }
    if let Some(last) = guest.snapshots.last() {
        config.insert("parent".to_owned(), last.name.as_str().into());
    }
    let text = serde_json::to_vec(&config).expect("its keys are text");
    config.insert("digest".to_owned(), hex::encode(&Sha256::digest(text)[..20]).into());
    Ok(Value::Object(config))
}

fn machine_config(asking: &Asking<'_>, guest: &Guest) -> Map<String, Value> {
    let mib = guest.memory >> 20;
    let memory: Value = if asking.world.version.since(8, 4) { mib.to_string().into() } else { mib.into() };
    let mut config = object(json!({
        "name": guest.name,
        "cores": guest.cores,
        "sockets": 1,
        "cpu": "x86-64-v2-AES",
        "memory": memory,
        "ostype": guest.os.words().machine_type,
        "scsihw": "virtio-scsi-single",
        "boot": "order=scsi0;net0",
        "numa": 0,
        "smbios1": format!("uuid={}", guest.uuid),
        "vmgenid": format!("{}-0000-4000-8000-000000000000", &guest.uuid[..8]),
        "meta": format!("creation-qemu={},ctime={}", running_qemu(asking), guest.created),
        "ide2": "none,media=cdrom",
    }));
    if guest.agent.is_some() {
        config.insert("agent".to_owned(), "enabled=1,fstrim_cloned_disks=1".into());
    }
    if !guest.has_balloon {
        config.insert("balloon".to_owned(), 0.into());
    }
    for (number, nic) in guest.nics.iter().enumerate() {
        let vlan = nic.vlan.map(|vlan| format!(",tag={vlan}")).unwrap_or_default();
        let text = format!("virtio={},bridge={},firewall=1{vlan}", nic.mac, nic.bridge);
        config.insert(format!("net{number}"), text.into());
    }
    if guest.os != Os::Windows
        && let Some(nic) = guest.nics.first()
    {
        config.insert("ipconfig0".to_owned(), format!("ip={}/16", nic.address).into());
    }
    config
}

fn container_config(guest: &Guest) -> Map<String, Value> {
    let mut config = object(json!({
        "arch": "amd64",
        "hostname": guest.name,
        "cores": guest.cores,
        "memory": guest.memory >> 20,
        "swap": SWAP >> 20,
        "ostype": guest.os.words().container_type,
        "unprivileged": 1,
        "features": "nesting=1",
    }));
    for (number, nic) in guest.nics.iter().enumerate() {
        let vlan = nic.vlan.map(|vlan| format!(",tag={vlan}")).unwrap_or_default();
        let text = format!(
            "name=eth{number},bridge={},firewall=1,hwaddr={},ip={}/16{vlan},type=veth",
            nic.bridge, nic.mac, nic.address
        );
        config.insert(format!("net{number}"), text.into());
    }
    config
}

fn volume_text(guest: &Guest, volume: &crate::pve::world::Volume) -> String {
    let prefix = if guest.kind == GuestKind::Machine { "vm" } else { "subvol" };
    let number = u8::from(volume.slot != guest.volumes[0].slot);
    let mount = volume.mount.map(|path| format!(",mp={path}")).unwrap_or_default();
    let more = if guest.kind == GuestKind::Machine { ",discard=on,iothread=1" } else { "" };
    format!("{}:{prefix}-{}-disk-{number}{mount}{more},size={}G", volume.storage, guest.id, volume.gib)
}

/// `/nodes/{node}/{kind}/{guest}/snapshot`: the last entry is none, it stands for now.
pub(super) fn snapshots(asking: &Asking<'_>) -> Told {
    let (_, guest) = asking.guest()?;
    let before = std::iter::once(None).chain(guest.snapshots.iter().map(Some));
    let row = |(snapshot, before): (&Snapshot, Option<&Snapshot>)| {
        let mut row = object(json!({
            "name": snapshot.name, "description": format!("Made by hand: {}", snapshot.name), "snaptime": snapshot.taken,
        }));
        if let Some(before) = before {
            row.insert("parent".to_owned(), before.name.as_str().into());
        }
        if guest.kind == GuestKind::Machine {
            row.insert("vmstate".to_owned(), u8::from(snapshot.has_memory).into());
        }
        Value::Object(row)
    };
    let mut rows: Vec<Value> = guest.snapshots.iter().zip(before).map(row).collect();
    let mut current = object(json!({
        "name": "current", "description": "You are here!", "digest": "e2f5f35c85b2ca35e5f9ab789436b25c1d71cbad",
        "running": u8::from(guest.state() != RunState::Stopped),
    }));
    if let Some(last) = guest.snapshots.last() {
        current.insert("parent".to_owned(), last.name.as_str().into());
    }
    rows.push(Value::Object(current));
    Ok(Value::Array(rows))
}

/// Whether somebody in a guest answers the hypervisor.
pub(super) fn agent_answers(guest: &Guest) -> bool {
    match guest.agent {
        Some(AgentState::Running | AgentState::Ancient) => true,
        Some(AgentState::Dead | AgentState::Hanging) | None => false,
    }
}
