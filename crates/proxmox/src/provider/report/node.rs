//! A node as a record: a host, and what its cluster says of it.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use jiff::Timestamp;
use muster_model::{
    AddressWithPrefix, CpuFacts, Facet, HostFacet, MemoryFacts, Metric, NodeFacet, OperatingSystem, Record,
    ResourceKind, Status, UnknownReason, Virtualisation, is_shared_address,
};
use smol_str::SmolStr;

use super::{Builder, Naming};
use crate::{
    provider::{
        key,
        state::{Node, State},
    },
    rules::{
        certificate,
        memory::Memory,
        node_disk::{self, Candidate, NodeDisk, Space},
        traffic,
    },
    wire::{node::Subscription, storage::NodeStorageRow},
};

/// Adds a node.
pub(super) fn record(builder: &mut Builder, state: &State, node: &Node, naming: &Naming, due: Timestamp) {
    let name = &node.row.node;
    let memory = node.shown_memory(due).memory;
    let disk = disk(state, node);
    let key = key::node(name);
    let mut identity = naming.identity(&key);
    identity.hostnames = BTreeSet::from([name.to_ascii_lowercase()]);
    identity.ip_addresses = addresses(state, node);
    let place = builder.record(Record {
        key: key::native(&key),
        kind: ResourceKind::Agent,
        name: name.clone(),
        status: status(state, node),
        technology: Some(SmolStr::new_static("proxmox-pve")),
        identity,
        parent: None,
        links: Vec::new(),
        tags: BTreeSet::new(),
        facets: vec![
            Arc::new(Facet::Host(Box::new(host(node, &memory)))),
            Arc::new(Facet::Node(Box::new(facet(state, node, &memory, disk.as_ref(), due)))),
        ],
    });
    samples(builder, place, node, &memory, disk.as_ref(), due);
}

/// A node without its daemon that reports is a node with reservations.
fn status(state: &State, node: &Node) -> Status {
    let member = state.cluster.members.get(&node.row.node).and_then(|member| member.online);
    match (node.shown, member) {
        (Status::Unknown, Some(true)) => Status::Warning,
        (Status::Unknown, Some(false)) => Status::Offline,
        (shown, _) => shown,
    }
}

fn disk(state: &State, node: &Node) -> Option<NodeDisk> {
    let root = node.status.as_ref().and_then(|(_, status)| status.rootfs.as_ref());
    // As df does: what only root may fill does not count as room.
    let rootfs = root.map(|root| Space {
        used: root.used,
        total: root.used.zip(root.avail).map(|(used, avail)| used.saturating_add(avail)).or(root.total),
    });
    let listed = Space { used: node.row.disk, total: node.row.maxdisk };
    let contents: Vec<_> = node.storage.iter().map(|row| words(row.content.as_deref())).collect();
    let storages = node.storage.iter().zip(&contents).map(|(row, content)| candidate(state, row, content));
    let storages: Vec<_> = storages.collect();
    node_disk::resolve(rootfs.unwrap_or_default(), listed, &storages)
}

fn candidate<'a>(state: &'a State, row: &'a NodeStorageRow, content: &'a [String]) -> Candidate<'a> {
    Candidate {
        name: &row.storage,
        storage_type: row.kind.as_deref().unwrap_or_default(),
        content,
        path: state.storage_config.get(&row.storage).and_then(|config| config.path.as_deref()),
        shared: row.shared == Some(true),
        space: Space { used: row.used, total: row.total },
    }
}

/// A list that is separated by commas, in order.
pub(super) fn words(text: Option<&str>) -> Vec<String> {
    let words = text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
    let mut words: Vec<_> = words.map(str::to_owned).collect();
    words.sort_unstable();
    words
}

fn host(node: &Node, memory: &Memory) -> HostFacet {
    let status = node.status.as_ref().map(|(_, status)| status);
    let cpu = status.and_then(|status| status.cpuinfo.as_ref());
    let kernel = status.and_then(|status| status.current_kernel.as_ref());
    let count = |count: Option<u64>| count.and_then(|count| u32::try_from(count).ok());
    let text = |text: Option<&SmolStr>| text.map(ToString::to_string);
    let release = || status.and_then(|status| status.kversion.as_deref()?.split_whitespace().nth(1).map(str::to_owned));
    HostFacet {
        hostname: node.row.node.to_string(),
        os: OperatingSystem {
            pretty_name: version(node).map(|version| format!("Proxmox VE {version}")),
            kernel: kernel.and_then(|kernel| text(kernel.release.as_ref())).or_else(release),
            architecture: kernel.and_then(|kernel| text(kernel.machine.as_ref())),
            ..OperatingSystem::default()
        },
        cpu: CpuFacts {
            model: cpu.and_then(|cpu| text(cpu.model.as_ref())),
            sockets: cpu.and_then(|cpu| count(cpu.sockets)),
            cores: cpu.and_then(|cpu| count(cpu.cores)),
            threads: cpu.and_then(|cpu| count(cpu.cpus)),
        },
        memory: MemoryFacts {
            total_bytes: memory.total,
            swap_total_bytes: status.and_then(|status| status.swap.as_ref()?.total),
        },
        virtualisation: Virtualisation::Unknown,
        booted_at: node.started_at,
        ..HostFacet::default()
    }
}

/// The version of the node's own software, such as `9.0.6` of `pve-manager/9.0.6/0123abcd`.
fn version(node: &Node) -> Option<String> {
    let (_, status) = node.status.as_ref()?;
    status.pveversion.as_deref()?.split('/').nth(1).map(str::to_owned).filter(|version| !version.is_empty())
}

fn facet(state: &State, node: &Node, memory: &Memory, disk: Option<&NodeDisk>, due: Timestamp) -> NodeFacet {
    let name = &node.row.node;
    let member = state.cluster.members.get(name);
    let certificate = ["pveproxy-ssl.pem", "pve-ssl.pem"]
        .into_iter()
        .find_map(|wanted| node.certificates.iter().find(|row| row.filename == wanted));
    let not_after = certificate.and_then(|row| row.notafter);
    let text =
        |of: fn(&Subscription) -> Option<&SmolStr>| node.subscription.as_ref().and_then(of).map(ToString::to_string);
    NodeFacet {
        node: name.to_string(),
        cluster: state.cluster.name.as_ref().map(ToString::to_string),
        quorate: state.cluster.quorate,
        version: version(node),
        subscription: subscription(node),
        subscription_status: text(|subscription| subscription.status.as_ref()),
        subscription_until: text(|subscription| subscription.nextduedate.as_ref()),
        cluster_address: member.and_then(|member| member.ip.as_deref()?.parse().ok()),
        certificate_fingerprint: certificate.and_then(|row| row.fingerprint.as_deref()).map(str::to_ascii_uppercase),
        certificate_not_after: not_after,
        certificate_state: not_after.map(|end| certificate::state(end, due)),
        maintenance: state.cluster.maintenance.as_ref().map(|nodes| nodes.contains(name)),
        memory_source: memory.used.map(|_| memory.source),
        disk_source: disk.map(|disk| disk.source.clone()),
        network_source: node.traffic.map(|_| traffic::SOURCE.to_owned()),
        ha_state: state.cluster.agents.get(name).map(ToString::to_string),
        pending_updates: node.updates,
    }
}

/// The level in words; empty where there is none.
fn subscription(node: &Node) -> Option<String> {
    let level = node.subscription.as_ref().and_then(|subscription| subscription.level.as_deref());
    let level = level.or(node.row.level.as_deref())?;
    let word = match level {
        "c" => "community",
        "b" => "basic",
        "s" => "standard",
        "p" => "premium",
        other => other,
    };
    Some(word.to_owned())
}

/// Addresses that lead to this node and to no other.
fn addresses(state: &State, node: &Node) -> BTreeSet<IpAddr> {
    let member = state.cluster.members.get(&node.row.node).and_then(|member| member.ip.as_deref()?.parse().ok());
    let up = node.network.iter().filter(|row| row.active == Some(true));
    let own = up.flat_map(|row| [&row.cidr, &row.cidr6]).flatten().filter_map(|text| text.parse().ok());
    let own = own.map(|address: AddressWithPrefix| address.address);
    own.chain(member).filter(|address| !is_shared_address(*address)).collect()
}

fn samples(builder: &mut Builder, place: u32, node: &Node, memory: &Memory, disk: Option<&NodeDisk>, due: Timestamp) {
    let reports = node.reports() && node.listed;
    let why_not = if reports { UnknownReason::NotReported } else { UnknownReason::SourceUnreachable };
    let now = |value: Option<f64>| value.filter(|_| reports);
    builder.reading(place, Metric::Cpu, now(node.row.cpu.map(|share| share * 100.0)), why_not);
    builder.reading(place, Metric::Memory, now(memory.percent()), why_not);
    builder.reading(place, Metric::MemoryUsed, now(memory.used.map(|used| used as f64)), why_not);
    let disk = disk.map(|disk| disk.used as f64 * 100.0 / disk.total as f64);
    builder.reading(place, Metric::Disk, now(disk), why_not);
    let rates = node.traffic.filter(|traffic| reports && traffic.is_fresh(due));
    builder.reading(place, Metric::NetIn, rates.map(|traffic| traffic.received), why_not);
    builder.reading(place, Metric::NetOut, rates.map(|traffic| traffic.sent), why_not);
    let Some(status) = node.fresh_status(due) else { return };
    for (metric, load) in [Metric::Load1, Metric::Load5, Metric::Load15].into_iter().zip(&status.loadavg) {
        builder.sample(place, metric, Ok(load.0));
    }
    let swap = status.swap.as_ref().and_then(|swap| Some((swap.used?, swap.total.filter(|total| *total > 0)?)));
    if let Some((used, total)) = swap {
        builder.sample(place, Metric::Swap, Ok(used.min(total) as f64 * 100.0 / total as f64));
    }
}
