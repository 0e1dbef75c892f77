//! A cluster from a seed.
//!
//! Everything begins before the simulator does, at times that do not depend on when it was started.

use std::{collections::BTreeSet, net::Ipv4Addr};

use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};

use super::{
    Replication, World,
    ceph::{Ceph, OSDS_OF_NODE},
    guest::{Guest, GuestKind, Nic, Os, Snapshot, Volume},
    hardware::{Disk, DiskKind, Pool, link},
    life::{Life, RunState},
    names::{POOLS, PURPOSES, TAGS},
    node::Node,
    storage::{Storage, StorageKind},
};
use crate::pve::{action::AgentState, version::Version, wave::Wave};

/// When the first node was started: 2025-11-01. A clock that stands before that begins 30 days after the start.
const BEGINNING: i64 = 1_761_955_200;

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// The number of the first guest.
const FIRST_GUEST: u32 = 100;

/// One guest in so many is a template, the last of them.
const TEMPLATE_EVERY: usize = 50;

const GIB: u64 = 1 << 30;

/// How large a cluster is to be, and which one of that size.
#[derive(Debug, Clone)]
pub(crate) struct Size {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) version: Version,
    pub(crate) nodes: usize,
    pub(crate) guests: usize,
    pub(crate) seed: u64,
    pub(crate) site: Option<u8>,
    pub(crate) is_standalone: bool,
    pub(crate) has_ceph: bool,
}

impl World {
    /// The cluster of a size.
    pub(crate) fn generate(size: &Size, now: i64) -> Self {
        let Size { name, domain, version, nodes, guests, seed, site, is_standalone, has_ceph } = size.clone();
        let beginning = BEGINNING.min(now - 30 * DAY);
        let mut rng = StdRng::from_seed(Sha256::digest(format!("{name}/{seed}/world")).into());
        let own_site = rng.random_range(1..=250);
        let site = site.unwrap_or(own_site);
        let per_node = guests.div_ceil(nodes);
        let nodes: Vec<Node> = (0..nodes).map(|place| node(place, site, per_node, beginning, &mut rng)).collect();
        let guests = (0..guests).map(|place| {
            let made = Birth { id: FIRST_GUEST + u32::try_from(place).expect("few guests"), site, created: beginning };
            let mut guest = made.guest(place % nodes.len(), &mut rng);
            guest.is_template = place % TEMPLATE_EVERY == TEMPLATE_EVERY - 1;
            let stopped = guest.is_template || rng.random_bool(0.1);
            let state = if stopped { RunState::Stopped } else { RunState::Running };
            guest.life = Life::new(beginning + rng.random_range(DAY..20 * DAY), guest.node(), state);
            (guest.id, guest)
        });
        let guests: std::collections::BTreeMap<u32, Guest> = guests.collect();
        let replications = if nodes.len() > 1 { replications(&guests, nodes.len()) } else { Vec::new() };
        let mut storages = storages(per_node, &mut rng);
        let ceph = has_ceph.then(|| ceph(nodes.len(), &mut rng));
        storages.extend(ceph.as_ref().map(on_ceph));
        Self {
            name,
            domain,
            version,
            seed,
            is_standalone,
            is_quorate: true,
            nodes,
            guests,
            storages,
            replications,
            ceph,
            excluded: BTreeSet::new(),
            backs_up: true,
            backups: Vec::new(),
            tasks: Vec::new(),
            authority: None,
            events: 0,
        }
    }

    /// Another guest under the number of one that is gone, on its node.
    pub(super) fn reborn(&self, old: &Guest, now: i64) -> Guest {
        let seed = Sha256::digest(format!("{}/{}/{now}", self.seed, old.id));
        let mut rng = StdRng::from_seed(seed.into());
        let site = self.nodes[old.node()].address[1];
        let mut guest = Birth { id: old.id, site, created: now }.guest(old.node(), &mut rng);
        guest.life = Life::new(now, old.node(), RunState::Running);
        guest.snapshots.clear();
        guest
    }
}

/// Under which number a guest is made, where and when.
struct Birth {
    id: u32,
    site: u8,
    created: i64,
}

impl Birth {
    fn guest(&self, node: usize, rng: &mut StdRng) -> Guest {
        let kind = if rng.random_ratio(1, 4) { GuestKind::Container } else { GuestKind::Machine };
        let os = match (kind, rng.random_range(0..10)) {
            (GuestKind::Machine, 0..=2) => Os::Windows,
            (GuestKind::Machine, 3..=6) | (GuestKind::Container, 0..=5) => Os::Debian,
            (GuestKind::Machine, _) => Os::Ubuntu,
            (GuestKind::Container, _) => Os::Alpine,
        };
        let purpose = PURPOSES[rng.random_range(0..PURPOSES.len())];
        let has_agent = kind == GuestKind::Machine && rng.random_ratio(4, 5);
        Guest {
            id: self.id,
            kind,
            name: format!("{purpose}-{}", self.id),
            os,
            uuid: uuid(rng),
            created: self.created,
            seed: rng.random(),
            cores: 1 << rng.random_range(0..4),
            memory: GIB << rng.random_range(0..4),
            volumes: volumes(kind, rng),
            nics: self.nics(rng),
            agent: has_agent.then_some(AgentState::Running),
            has_balloon: kind == GuestKind::Machine && rng.random_ratio(9, 10),
            ballooned: None,
            is_template: false,
            is_highly_available: rng.random_ratio(1, 8),
            starts_at_boot: rng.random_ratio(3, 4),
            pool: POOLS[rng.random_range(0..POOLS.len())],
            tags: TAGS[rng.random_range(0..TAGS.len())],
            snapshots: snapshots(rng.random_range(0..4_u8).saturating_sub(1), self.created),
            cpu: wave(0.02..0.5, rng),
            used: wave(0.3..0.6, rng),
            full: wave(0.2..0.6, rng),
            net_in: wave(2e3..2e6, rng),
            net_out: wave(2e3..2e6, rng),
            disk_read: wave(1e3..2e6, rng),
            disk_write: wave(5e3..2e6, rng),
            life: Life::new(self.created, node, RunState::Running),
        }
    }

    fn nics(&self, rng: &mut StdRng) -> Vec<Nic> {
        let count = if rng.random_ratio(1, 6) { 2 } else { 1 };
        let nic = |number: u8, rng: &mut StdRng| {
            let [high, low] = u16::try_from(self.id % 50_000).expect("it is below").to_be_bytes();
            Nic {
                mac: mac(rng),
                bridge: if number == 0 { "vmbr0" } else { "vmbr1" },
                vlan: (number == 0 && rng.random_ratio(1, 2)).then(|| 100 + u16::from(number)),
                address: Ipv4Addr::new(10, self.site, high + 1 + 100 * number, low),
            }
        };
        (0..count).map(|number| nic(number, rng)).collect()
    }
}

/// One a week from the beginning on.
fn snapshots(count: u8, created: i64) -> Vec<Snapshot> {
    let snapshot = |number| Snapshot {
        name: format!("before-update-{number}"),
        taken: created + i64::from(number) * 7 * DAY,
        has_memory: false,
    };
    (1..=count).map(snapshot).collect()
}

fn volumes(kind: GuestKind, rng: &mut StdRng) -> Vec<Volume> {
    let storage = if rng.random_ratio(1, 4) { "nas" } else { "local-zfs" };
    let sizes = [8, 16, 32, 64, 100];
    let gib = sizes[rng.random_range(0..sizes.len())];
    let slot = if kind == GuestKind::Machine { "scsi0" } else { "rootfs" };
    let mut volumes = vec![Volume { slot: slot.to_owned(), storage, gib, mount: None }];
    if rng.random_ratio(1, 5) {
        let (slot, mount) = if kind == GuestKind::Machine { ("scsi1", None) } else { ("mp0", Some("/srv")) };
        volumes.push(Volume { slot: slot.to_owned(), storage: "local-zfs", gib: gib * 2, mount });
    }
    volumes
}

fn node(place: usize, site: u8, guests: usize, beginning: i64, rng: &mut StdRng) -> Node {
    let number = u8::try_from(place + 1).expect("few nodes");
    let (cores, model, vendor) = [
        (8, "AMD EPYC 7232P 8-Core Processor", "AuthenticAMD"),
        (16, "AMD EPYC 7302P 16-Core Processor", "AuthenticAMD"),
        (24, "Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz", "GenuineIntel"),
    ][rng.random_range(0..3)];
    // A node has room for its guests and for some of another one that is down.
    let memory = (64 * GIB).max((guests as u64 * 6 * GIB).next_power_of_two());
    let started = beginning + rng.random_range(0..DAY);
    Node {
        name: format!("pve{number}"),
        address: [10, site, 0, 10 + number],
        seed: rng.random(),
        threads: cores * 2,
        cores,
        sockets: 1,
        cpu_model: model,
        cpu_vendor: vendor,
        memory,
        swap: 8 * GIB,
        root: 94 * GIB,
        root_used: wave(8e9..20e9, rng),
        own_cpu: wave(0.01..0.03, rng),
        own_memory: wave(4e9..6e9, rng),
        net_in: wave(1e6..2e7, rng),
        net_out: wave(1e6..2e7, rng),
        disks: disks(rng),
        pools: Vec::new(),
        certificate: None,
        skew: 0,
        silent_since: None,
        turns: vec![started],
    }
    .with_pools(guests, rng)
}

impl Node {
    fn with_pools(self, guests: usize, rng: &mut StdRng) -> Self {
        let links = |kind: DiskKind| {
            let of_kind = self.disks.iter().filter(|disk| disk.kind == kind);
            of_kind.map(|disk| format!("/dev/disk/by-id/{}", link(disk))).collect::<Vec<_>>()
        };
        let size = pool_size(guests);
        let fill = |part: std::ops::Range<f64>, rng: &mut StdRng| {
            let wave = wave(part, rng);
            Wave { base: wave.base * super::guest::as_f64(size), swing: 0.02, ..wave }
        };
        let rpool =
            Pool { name: "rpool", size, used: fill(0.2..0.5, rng), devices: links(DiskKind::Nvme), is_degraded: false };
        let tank = Pool {
            name: "tank",
            size: 8_000_000_000_000,
            used: fill(0.1..0.2, rng),
            devices: links(DiskKind::Hdd),
            is_degraded: false,
        };
        Self { pools: vec![rpool, tank], ..self }
    }
}

/// Bytes of the pool that guests of a node lie on.
fn pool_size(guests: usize) -> u64 {
    (1_900_000_000_000_u64).max(guests as u64 * 80 * GIB)
}

fn disks(rng: &mut StdRng) -> Vec<Disk> {
    let mut disk = |path: &str, kind, model, size, worn, used| Disk {
        path: path.to_owned(),
        kind,
        model,
        serial: format!("S{:010X}", rng.random_range(0..1_u64 << 40)),
        wwn: match kind {
            DiskKind::Nvme => format!("eui.{:016x}", rng.random::<u64>()),
            DiskKind::Hdd | DiskKind::Ssd => format!("0x5{:015x}", rng.random_range(0..1_u64 << 60)),
        },
        size,
        worn,
        used,
        fails: false,
        temperature: rng.random_range(28..45),
        hours: rng.random_range(500..30_000),
    };
    vec![
        disk("/dev/nvme0n1", DiskKind::Nvme, "SAMSUNG MZQL21T9HCJR-00A07", 1_920_383_410_176, Some(4), Some("ZFS")),
        disk("/dev/nvme1n1", DiskKind::Nvme, "SAMSUNG MZQL21T9HCJR-00A07", 1_920_383_410_176, Some(31), Some("ZFS")),
        disk("/dev/sda", DiskKind::Hdd, "ST8000NM000A-2KE101", 8_001_563_222_016, None, Some("ZFS")),
        disk("/dev/sdb", DiskKind::Hdd, "ST8000NM000A-2KE101", 8_001_563_222_016, None, Some("ZFS")),
        disk("/dev/sdc", DiskKind::Ssd, "INTEL SSDSC2BB080G6", 80_026_361_856, Some(3), None),
    ]
}

fn storages(guests: usize, rng: &mut StdRng) -> Vec<Storage> {
    let mut storage = |name, kind, size: u64, part: std::ops::Range<f64>| {
        let part = wave(part, rng);
        let used = Wave { base: part.base * super::guest::as_f64(size), swing: 0.02, ..part };
        Storage { name, kind, size, used, unreachable: BTreeSet::new() }
    };
    vec![
        storage("local", StorageKind::Dir, 94 * GIB, 0.1..0.3),
        storage("local-zfs", StorageKind::Zfs, pool_size(guests) / 100 * 96, 0.2..0.5),
        storage("nas", StorageKind::Nfs, 20_000_000_000_000, 0.3..0.7),
        storage("pbs", StorageKind::Pbs, 40_000_000_000_000, 0.3..0.6),
    ]
}

fn ceph(nodes: usize, rng: &mut StdRng) -> Ceph {
    let size = nodes as u64 * u64::from(OSDS_OF_NODE) * 2_000_000_000_000;
    let part = wave(0.3..0.6, rng);
    Ceph {
        fsid: uuid(rng),
        size,
        used: Wave { base: part.base * super::guest::as_f64(size), swing: 0.02, ..part },
        read: wave(1e5..1e8, rng),
        written: wave(1e5..1e8, rng),
        down: 0,
    }
}

/// The storage that guests use of it: a third of the room, since everything is kept three times.
fn on_ceph(ceph: &Ceph) -> Storage {
    let used = Wave { base: ceph.used.base / 3.0, ..ceph.used };
    Storage { name: "ceph-vm", kind: StorageKind::Rbd, size: ceph.size / 3, used, unreachable: BTreeSet::new() }
}

fn replications(guests: &std::collections::BTreeMap<u32, Guest>, nodes: usize) -> Vec<Replication> {
    let local =
        guests.values().filter(|guest| !guest.is_template && guest.volumes.iter().all(|v| v.storage == "local-zfs"));
    let copied = local.take(3);
    copied.map(|guest| Replication { guest: guest.id, target: (guest.node() + 1) % nodes, failing: None }).collect()
}

fn wave(base: std::ops::Range<f64>, rng: &mut StdRng) -> Wave {
    Wave {
        base: rng.random_range(base),
        swing: rng.random_range(0.1..0.5),
        period: rng.random_range(600.0..7200.0),
        phase: rng.random(),
    }
}

/// A MAC address with the prefix that the vendor gives to guests, in upper case.
fn mac(rng: &mut impl Rng) -> String {
    let [one, two, three] = [rng.random::<u8>(), rng.random::<u8>(), rng.random::<u8>()];
    format!("BC:24:11:{one:02X}:{two:02X}:{three:02X}")
}

/// A random identifier of version 4.
fn uuid(rng: &mut impl Rng) -> String {
    let bits: u128 = rng.random();
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let text = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}
