//! One synthetic host: its own record and those of what belongs to it.

use std::{collections::BTreeSet, net::Ipv4Addr, sync::Arc};

use muster_model::{
    AddressWithPrefix, CpuFacts, Facet, FilesystemFacet, HostFacet, Identity, InterfaceKind, MacAddress, MemoryFacts,
    Metric, NativeKey, NetworkInterfaceFacet, OperatingSystem, PhysicalDiskFacet, Record, ResourceKind, SmartHealth,
    Status, Virtualisation,
};
use rand::{RngExt, rngs::StdRng};
use smol_str::{SmolStr, format_smolstr};

/// A host, four filesystems, two disks and three interfaces.
pub const RESOURCES_PER_HOST: usize = 10;

const ROLES: [&str; 8] = ["web", "db", "cache", "build", "mail", "nas", "edge", "queue"];
const MOUNTS: [&str; 4] = ["/", "/boot", "/var", "/srv"];
const INTERFACES: [&str; 3] = ["eno1", "eno2", "bond0"];

/// The host's number within the estate.
#[derive(Debug, Clone, Copy)]
pub(super) struct HostNumber(pub(super) usize);

impl HostNumber {
    fn name(self) -> SmolStr {
        format_smolstr!("{}{:05}", ROLES[self.0 % ROLES.len()], self.0)
    }

    fn bytes(self) -> [u8; 4] {
        u32::try_from(self.0).expect("a test estate is small").to_be_bytes()
    }

    fn address(self) -> Ipv4Addr {
        let [_, b, c, d] = self.bytes();
        Ipv4Addr::new(10, b, c, d)
    }

    fn mac(self, interface: u8) -> MacAddress {
        let [_, b, c, d] = self.bytes();
        format!("ac:1f:{interface:02x}:{b:02x}:{c:02x}:{d:02x}").parse().expect("six bytes in hexadecimal")
    }
}

/// The records that a host's agent reports; the host itself comes first.
pub(super) fn records(host: HostNumber, rng: &mut StdRng) -> Vec<Arc<Record>> {
    let mut records = vec![host_record(host, rng)];
    records.extend(MOUNTS.iter().map(|mount| filesystem(mount, rng)));
    records.extend((0..2).map(|disk| physical_disk(disk, rng)));
    records.extend((0..).zip(INTERFACES).map(|(number, name)| interface(host, number, name)));
    records.into_iter().map(Arc::new).collect()
}

/// The same host as a Proxmox VE connection sees it.
pub(super) fn as_node(host: &Record) -> Record {
    let identity = Identity { cluster_name: Some("lab".into()), ..host.identity.clone() };
    Record {
        key: key(&format!("node/{}", host.name)),
        identity,
        tags: ["node".into()].into(),
        facets: vec![],
        ..host.clone()
    }
}

/// The same record for a source that reports many hosts: keys carry the host.
pub(super) fn prefixed(record: &Record, host: HostNumber) -> Record {
    let prefix = |own: &NativeKey| key(&format!("{}/{own}", host.name()));
    Record { key: prefix(&record.key), parent: record.parent.as_ref().map(prefix), ..record.clone() }
}

/// What is measured of a kind of resource.
pub(super) fn measured(kind: ResourceKind) -> &'static [Metric] {
    use Metric as M;
    if kind == ResourceKind::Agent {
        &[M::Cpu, M::Memory, M::MemoryUsed, M::Disk, M::DiskRead, M::DiskWrite, M::NetIn, M::NetOut, M::Load1]
    } else if kind == ResourceKind::Storage {
        &[M::Usage, M::Used, M::Avail, M::Total]
    } else if kind == ResourceKind::PhysicalDisk {
        &[M::Disk, M::DiskRead, M::DiskWrite, M::SmartTemp]
    } else {
        &[M::NetIn, M::NetOut]
    }
}

fn host_record(host: HostNumber, rng: &mut StdRng) -> Record {
    let name = host.name();
    let identity = Identity {
        machine_id: Some(format!("{:032x}", rng.random::<u128>())),
        dmi_uuid: Some(uuid_text(rng.random())),
        hostnames: BTreeSet::from([name.to_string(), format!("{name}.lab.example")]),
        ip_addresses: [host.address().into()].into(),
        mac_addresses: [host.mac(0), host.mac(1)].into(),
        ..Identity::default()
    };
    let facet = HostFacet {
        hostname: name.to_string(),
        os: OperatingSystem {
            id: Some("debian".into()),
            version: Some("13".into()),
            pretty_name: Some("Debian GNU/Linux 13 (trixie)".into()),
            kernel: Some("6.12.48+deb13-amd64".into()),
            architecture: Some("x86_64".into()),
        },
        cpu: CpuFacts { model: None, sockets: Some(1), cores: Some(8), threads: Some(16) },
        memory: MemoryFacts { total_bytes: Some(64 << 30), swap_total_bytes: Some(0) },
        virtualisation: Virtualisation::None,
        boot_id: Some(uuid_text(rng.random())),
        ..HostFacet::default()
    };
    Record {
        name,
        technology: Some("linux".into()),
        identity,
        parent: None,
        ..blank(ResourceKind::Agent, "host", Facet::Host(facet.into()))
    }
}

fn filesystem(mount: &str, rng: &mut StdRng) -> Record {
    let facet = FilesystemFacet {
        mountpoint: mount.into(),
        device: "/dev/mapper/vg0".into(),
        fs_type: "ext4".into(),
        total_bytes: Some(rng.random_range(1..200_u64) << 30),
        ..FilesystemFacet::default()
    };
    let record = blank(ResourceKind::Storage, &format!("fs:{mount}"), Facet::Filesystem(facet));
    Record { name: mount.into(), technology: Some("ext4".into()), ..record }
}

fn physical_disk(number: u8, rng: &mut StdRng) -> Record {
    let (device, serial) = (format!("nvme{number}n1"), format!("S{:015X}", rng.random::<u64>() >> 4));
    let facet = PhysicalDiskFacet {
        device: device.clone(),
        serial: Some(serial.clone()),
        size_bytes: Some(1 << 40),
        rotational: Some(false),
        smart: SmartHealth::Passed,
        ..PhysicalDiskFacet::default()
    };
    let record = blank(ResourceKind::PhysicalDisk, &format!("disk:{serial}"), Facet::PhysicalDisk(facet.into()));
    Record { name: device.into(), identity: Identity { serial: Some(serial), ..Identity::default() }, ..record }
}

fn interface(host: HostNumber, number: u8, name: &str) -> Record {
    let is_bond = name.starts_with("bond");
    let facet = NetworkInterfaceFacet {
        name: name.into(),
        interface_kind: if is_bond { InterfaceKind::Bond } else { InterfaceKind::Physical },
        mac_address: Some(host.mac(number)),
        addresses: if is_bond { vec![AddressWithPrefix { address: host.address().into(), prefix: 8 }] } else { vec![] },
        speed_bits_per_second: Some(10_000_000_000),
        mtu_bytes: Some(1500),
        up: Some(true),
        master: (!is_bond).then(|| "bond0".into()),
    };
    let record = blank(ResourceKind::NetworkEndpoint, &format!("net:{name}"), Facet::NetworkInterface(facet));
    Record { name: name.into(), ..record }
}

fn blank(kind: ResourceKind, key_text: &str, facet: Facet) -> Record {
    Record {
        key: key(key_text),
        kind,
        name: SmolStr::default(),
        status: Status::Online,
        technology: None,
        identity: Identity::default(),
        parent: Some(key("host")),
        links: vec![],
        tags: BTreeSet::new(),
        facets: vec![Arc::new(facet)],
    }
}

fn key(text: &str) -> NativeKey {
    NativeKey::new(text).expect("synthetic keys are not empty")
}

fn uuid_text(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
