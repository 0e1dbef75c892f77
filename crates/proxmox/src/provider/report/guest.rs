//! A guest as a record.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use muster_model::{
    Facet, GuestDiskSource, GuestFacet, GuestInterface, Identity, Metric, Record, Status, StatusDomain, UnknownReason,
    is_shared_address,
};
use smol_str::SmolStr;

use super::{Builder, Naming};
use crate::{
    provider::{
        guests::metadata,
        key::{self, GuestKey, GuestKind},
        state::{Guest, State},
    },
    rules::{container_kind, guest_addresses::join, memory::Memory},
};

/// How long a status speaks for now.
const FRESH: SignedDuration = SignedDuration::from_secs(90);

/// Adds a guest.
pub(super) fn record(
    builder: &mut Builder,
    state: &State,
    key: GuestKey,
    guest: &Guest,
    naming: &Naming,
    due: Timestamp,
) {
    let memory = guest.shown_memory(due);
    let text = key.to_string();
    let interfaces = interfaces(guest);
    let parent = guest.row.node.as_ref().filter(|node| state.nodes.contains_key(*node));
    let place = builder.record(Record {
        key: key::native(&text),
        kind: key.kind.resource_kind(),
        name: guest.row.name.clone().unwrap_or_else(|| SmolStr::new(&text)),
        status: status(guest),
        technology: Some(match key.kind {
            GuestKind::Qemu => SmolStr::new_static("qemu"),
            GuestKind::Lxc => container_kind::technology(guest.image, guest.config.as_ref().map(|config| config.image)),
        }),
        identity: identity(guest, &interfaces, naming.identity(&text)),
        parent: parent.map(|node| key::native(&key::node(node))),
        links: Vec::new(),
        tags: tags(guest.row.tags.as_deref()),
        facets: std::iter::once(Arc::new(Facet::Guest(Box::new(facet(state, key, guest, interfaces, &memory)))))
            .chain(guest.protection.clone())
            .collect(),
    });
    samples(builder, place, key, guest, &memory, due);
}

/// What its node says of it; unknown while its node says nothing.
fn status(guest: &Guest) -> Status {
    let word = guest.row.status.as_deref().filter(|_| guest.listed);
    word.map_or(Status::Unknown, |word| Status::from_word(StatusDomain::Guest, word))
}

fn interfaces(guest: &Guest) -> Vec<GuestInterface> {
    let configured = guest.config.as_ref().map(|config| config.interfaces.as_slice()).unwrap_or_default();
    let observed = metadata(guest).map(|metadata| metadata.interfaces.as_slice()).unwrap_or_default();
    join(configured, observed)
}

/// Only what is plugged into the platform tells a guest from others: networks inside of it are everywhere the same.
fn identity(guest: &Guest, interfaces: &[GuestInterface], named: Identity) -> Identity {
    let plugged = interfaces.iter().filter(|interface| interface.name.starts_with("net"));
    let plugged: Vec<_> = plugged.collect();
    let addresses = plugged.iter().flat_map(|interface| &interface.addresses).map(|address| address.address);
    let hostname = hostname(guest).map(|name| name.to_ascii_lowercase());
    Identity {
        dmi_uuid: guest.config.as_ref().and_then(|config| config.uuid.clone()),
        hostnames: hostname.into_iter().collect(),
        ip_addresses: addresses.filter(|address| !is_shared_address(*address)).collect(),
        mac_addresses: plugged.iter().filter_map(|interface| interface.mac_address).collect(),
        ..named
    }
}

fn hostname(guest: &Guest) -> Option<String> {
    let told = metadata(guest).and_then(|metadata| metadata.hostname.clone());
    let told = told.or_else(|| guest.config.as_ref()?.hostname.clone())?;
    Some(told.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Tags are separated by `;`, on older versions by `,` or a space too.
fn tags(text: Option<&str>) -> BTreeSet<SmolStr> {
    let tags = text.unwrap_or_default().split([';', ',', ' ']).map(str::trim);
    tags.filter(|tag| !tag.is_empty()).map(SmolStr::new).collect()
}

/// A text without outer white space, unless it is empty.
fn trimmed(text: Option<&SmolStr>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn facet(state: &State, key: GuestKey, guest: &Guest, interfaces: Vec<GuestInterface>, memory: &Memory) -> GuestFacet {
    let config = guest.config.as_ref();
    let os = metadata(guest).and_then(|metadata| metadata.os.clone());
    GuestFacet {
        native_id: key.vmid.to_string(),
        node: guest.node().to_string(),
        cpus: guest.row.maxcpu.filter(|cpus| *cpus > 0.0),
        memory_bytes: memory.total,
        disk_bytes: guest.row.maxdisk.filter(|size| *size > 0),
        pool: trimmed(guest.row.pool.as_ref()),
        lock: trimmed(guest.row.lock.as_ref()),
        ha_state: ha_state(state, key, guest),
        starts_with_node: config.and_then(|config| config.starts_with_node),
        started_at: guest.started_at,
        created_at: config.and_then(|config| config.created_at),
        os: os.or_else(|| config.and_then(|config| config.os_type.clone())),
        hostname: hostname(guest),
        agent: guest.agent,
        agent_version: metadata(guest).and_then(|metadata| metadata.version.clone()),
        memory_source: memory.used.map(|_| memory.source),
        disk_status: guest.disks.status.filter(|_| key.kind == GuestKind::Qemu),
        disk_source: disk_source(key, guest),
        interfaces,
        disks: config.map(|config| config.disks.clone()).unwrap_or_default(),
        filesystems: guest.filesystems.clone(),
        replication: guest.replication.clone(),
    }
}

fn ha_state(state: &State, key: GuestKey, guest: &Guest) -> Option<String> {
    let sid = match key.kind {
        GuestKind::Qemu => format!("vm:{}", key.vmid),
        GuestKind::Lxc => format!("ct:{}", key.vmid),
    };
    trimmed(guest.row.hastate.as_ref()).or_else(|| trimmed(state.cluster.services.get(sid.as_str())))
}

fn samples(builder: &mut Builder, place: u32, key: GuestKey, guest: &Guest, memory: &Memory, due: Timestamp) {
    let why_not = if guest.listed { UnknownReason::NotReported } else { UnknownReason::SourceUnreachable };
    let runs = guest.listed && guest.runs();
    // What is off uses nothing; how full its disks are, nobody can tell.
    let off = (guest.listed && guest.is_off()).then_some(0.0);
    let cpu = guest.row.cpu.filter(|_| runs).map(|share| share * 100.0);
    builder.reading(place, Metric::Cpu, off.or(cpu), why_not);
    builder.reading(place, Metric::Memory, memory.percent(), why_not);
    builder.reading(place, Metric::MemoryUsed, memory.used.map(|used| used as f64), why_not);
    builder.reading(place, Metric::Disk, disk(key, guest, runs), why_not);
    let metrics = [Metric::NetIn, Metric::NetOut, Metric::DiskRead, Metric::DiskWrite];
    for (metric, rate) in metrics.into_iter().zip(guest.rates) {
        let rate = if guest.listed { rate } else { Err(why_not) };
        builder.sample(place, metric, off.map_or(rate, Ok));
    }
    let fresh = guest.status.as_ref().filter(|(at, _)| runs && due.duration_since(*at) <= FRESH);
    let Some((_, status)) = fresh else { return };
    let pressures = [
        (Metric::PressureCpu, status.pressurecpusome),
        (Metric::PressureMemory, status.pressurememorysome),
        (Metric::PressureIo, status.pressureiosome),
    ];
    for (metric, share) in pressures.into_iter().filter_map(|(metric, share)| Some((metric, share?))) {
        builder.sample(place, metric, Ok(share.clamp(0.0, 100.0)));
    }
}

fn disk_source(key: GuestKey, guest: &Guest) -> Option<GuestDiskSource> {
    disk(key, guest, guest.listed && guest.runs())?;
    Some(match key.kind {
        GuestKind::Qemu => GuestDiskSource::GuestAgent,
        GuestKind::Lxc => GuestDiskSource::ClusterResources,
    })
}

/// How full its disks are: a container's by the platform, a virtual machine's by the agent inside.
fn disk(key: GuestKey, guest: &Guest, runs: bool) -> Option<f64> {
    match key.kind {
        GuestKind::Qemu => guest.disks.usage.filter(|_| runs)?.percent(),
        GuestKind::Lxc => {
            let (used, total) = guest.row.disk.zip(guest.row.maxdisk.filter(|total| *total > 0)).filter(|_| runs)?;
            Some(used.min(total) as f64 * 100.0 / total as f64)
        }
    }
}
