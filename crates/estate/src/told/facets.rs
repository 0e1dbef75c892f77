//! Which facts of each facet may be unknown for a while, and which are no change when they differ. What is not named
//! here is compared as it stands.

mod guest;

use jiff::{SignedDuration, Timestamp};
use muster_model::{
    Facet, FilesystemFacet, HostFacet, NetworkInterfaceFacet, NodeFacet, PhysicalDiskFacet, SmartFacts, StorageFacet,
    StoragePoolFacet,
};

pub(super) use self::guest::is_told_from_inside;
use super::learn::{ignore, learn};

/// Starts that lie closer together are one: they are counted back from a duration that was rounded.
const SAME_START: SignedDuration = SignedDuration::from_secs(90);

/// What is known after a facet follows upon another of its kind, and whether it differs from what was known.
pub(super) fn settle(was: &Facet, is: &Facet) -> (Facet, bool) {
    let (mut was, mut is) = (was.clone(), is.clone());
    match (&mut was, &mut is) {
        (Facet::Host(was), Facet::Host(is)) => host(was, is),
        (Facet::Filesystem(was), Facet::Filesystem(is)) => filesystem(was, is),
        (Facet::StoragePool(was), Facet::StoragePool(is)) => pool(was, is),
        (Facet::PhysicalDisk(was), Facet::PhysicalDisk(is)) => disk(was, is),
        (Facet::NetworkInterface(was), Facet::NetworkInterface(is)) => interface(was, is),
        (Facet::Guest(was), Facet::Guest(is)) => guest::settle(was, is),
        (Facet::Node(was), Facet::Node(is)) => node(was, is),
        (Facet::Storage(was), Facet::Storage(is)) => storage(was, is),
        // Facets of two kinds have nothing in common that could be learned.
        (_, _) => {}
    }
    let differs = was != is;
    (is, differs)
}

/// Whether two moments mean the same start.
pub(crate) fn is_same_start(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() <= SAME_START
}

/// What does not run has no start, which says nothing about the next one.
fn start(was: &mut Option<Timestamp>, is: &mut Option<Timestamp>) {
    match was.zip(*is) {
        Some((before, now)) if is_same_start(before, now) => *is = *was,
        Some(_) => {}
        None => ignore(was, is),
    }
}

fn host(was: &mut HostFacet, is: &mut HostFacet) {
    learn(&mut was.hostname, &mut is.hostname);
    learn(&mut was.os.id, &mut is.os.id);
    learn(&mut was.os.version, &mut is.os.version);
    learn(&mut was.os.pretty_name, &mut is.os.pretty_name);
    learn(&mut was.os.kernel, &mut is.os.kernel);
    learn(&mut was.os.architecture, &mut is.os.architecture);
    learn(&mut was.cpu.model, &mut is.cpu.model);
    learn(&mut was.cpu.sockets, &mut is.cpu.sockets);
    learn(&mut was.cpu.cores, &mut is.cpu.cores);
    learn(&mut was.cpu.threads, &mut is.cpu.threads);
    learn(&mut was.memory.total_bytes, &mut is.memory.total_bytes);
    learn(&mut was.disk_bytes, &mut is.disk_bytes);
    learn(&mut was.memory.swap_total_bytes, &mut is.memory.swap_total_bytes);
    learn(&mut was.system.vendor, &mut is.system.vendor);
    learn(&mut was.system.product, &mut is.system.product);
    learn(&mut was.system.serial, &mut is.system.serial);
    learn(&mut was.system.board, &mut is.system.board);
    learn(&mut was.system.bios_version, &mut is.system.bios_version);
    learn(&mut was.system.bios_date, &mut is.system.bios_date);
    learn(&mut was.virtualisation, &mut is.virtualisation);
    start(&mut was.booted_at, &mut is.booted_at);
    learn(&mut was.boot_id, &mut is.boot_id);
    learn(&mut was.agent_version, &mut is.agent_version);
}

fn filesystem(was: &mut FilesystemFacet, is: &mut FilesystemFacet) {
    learn(&mut was.total_bytes, &mut is.total_bytes);
    learn(&mut was.inodes_total, &mut is.inodes_total);
}

fn pool(was: &mut StoragePoolFacet, is: &mut StoragePoolFacet) {
    learn(&mut was.layout, &mut is.layout);
    learn(&mut was.state, &mut is.state);
    learn(&mut was.total_bytes, &mut is.total_bytes);
    learn(&mut was.members, &mut is.members);
    learn(&mut was.members_expected, &mut is.members_expected);
}

fn disk(was: &mut PhysicalDiskFacet, is: &mut PhysicalDiskFacet) {
    learn(&mut was.model, &mut is.model);
    learn(&mut was.vendor, &mut is.vendor);
    learn(&mut was.serial, &mut is.serial);
    learn(&mut was.wwn, &mut is.wwn);
    learn(&mut was.firmware, &mut is.firmware);
    learn(&mut was.transport, &mut is.transport);
    learn(&mut was.size_bytes, &mut is.size_bytes);
    learn(&mut was.rotational, &mut is.rotational);
    learn(&mut was.smart, &mut is.smart);
    learn(&mut was.risk, &mut is.risk);
    condition(&mut was.condition, &mut is.condition);
}

/// Another count of errors is an event. Wear goes its way, a disk that sleeps says nothing of itself, and how warm it is
/// comes and goes: what matters of these shows in the status.
fn condition(was: &mut SmartFacts, is: &mut SmartFacts) {
    ignore(&mut was.life_left_percent, &is.life_left_percent);
    ignore(&mut was.percentage_used, &is.percentage_used);
    ignore(&mut was.available_spare_percent, &is.available_spare_percent);
    learn(&mut was.pending_sectors, &mut is.pending_sectors);
    learn(&mut was.offline_uncorrectable, &mut is.offline_uncorrectable);
    learn(&mut was.reallocated_sectors, &mut is.reallocated_sectors);
    learn(&mut was.media_errors, &mut is.media_errors);
    learn(&mut was.crc_errors, &mut is.crc_errors);
    ignore(&mut was.standby, &is.standby);
    ignore(&mut was.temperature, &is.temperature);
}

fn interface(was: &mut NetworkInterfaceFacet, is: &mut NetworkInterfaceFacet) {
    learn(&mut was.mac_address, &mut is.mac_address);
    learn(&mut was.speed_bits_per_second, &mut is.speed_bits_per_second);
    learn(&mut was.mtu_bytes, &mut is.mtu_bytes);
    learn(&mut was.up, &mut is.up);
}

fn node(was: &mut NodeFacet, is: &mut NodeFacet) {
    learn(&mut was.cluster, &mut is.cluster);
    learn(&mut was.quorate, &mut is.quorate);
    learn(&mut was.version, &mut is.version);
    learn(&mut was.subscription, &mut is.subscription);
    learn(&mut was.subscription_status, &mut is.subscription_status);
    learn(&mut was.subscription_until, &mut is.subscription_until);
    learn(&mut was.cluster_address, &mut is.cluster_address);
    learn(&mut was.certificate_fingerprint, &mut is.certificate_fingerprint);
    learn(&mut was.certificate_not_after, &mut is.certificate_not_after);
    learn(&mut was.certificate_state, &mut is.certificate_state);
    learn(&mut was.maintenance, &mut is.maintenance);
    ignore(&mut was.memory_source, &is.memory_source);
    ignore(&mut was.disk_source, &is.disk_source);
    ignore(&mut was.network_source, &is.network_source);
    learn(&mut was.ha_state, &mut is.ha_state);
    learn(&mut was.pending_updates, &mut is.pending_updates);
}

fn storage(was: &mut StorageFacet, is: &mut StorageFacet) {
    learn(&mut was.storage_type, &mut is.storage_type);
    learn(&mut was.nodes, &mut is.nodes);
    learn(&mut was.content, &mut is.content);
    learn(&mut was.enabled, &mut is.enabled);
    learn(&mut was.active, &mut is.active);
    learn(&mut was.total_bytes, &mut is.total_bytes);
    learn(&mut was.pool, &mut is.pool);
    learn(&mut was.path, &mut is.path);
    learn(&mut was.server, &mut is.server);
    learn(&mut was.pool_state, &mut is.pool_state);
}
