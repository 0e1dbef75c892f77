//! The same of guests, of which the platform knows one part and the agent inside the other.

use muster_model::{GuestAgent, GuestDisk, GuestFacet, GuestInterface, GuestReplication};

use super::start;
use crate::told::learn::{ignore, learn, learn_more};

/// A lock that is part of a move, which has a line of its own.
const MOVING: &str = "migrate";

/// Lets two words about a guest take over from each other what one of them does not know.
pub(super) fn settle(was: &mut GuestFacet, is: &mut GuestFacet) {
    learn(&mut was.cpus, &mut is.cpus);
    learn(&mut was.memory_bytes, &mut is.memory_bytes);
    learn(&mut was.disk_bytes, &mut is.disk_bytes);
    learn(&mut was.ha_state, &mut is.ha_state);
    learn(&mut was.starts_with_node, &mut is.starts_with_node);
    start(&mut was.started_at, &mut is.started_at);
    learn(&mut was.created_at, &mut is.created_at);
    if [&was.lock, &is.lock].into_iter().any(|lock| lock.as_deref() == Some(MOVING)) {
        ignore(&mut was.lock, &is.lock);
    }
    let whole = is_told_from_inside(was.agent) && is_told_from_inside(is.agent);
    inside(was, is);
    ignore(&mut was.memory_source, &is.memory_source);
    ignore(&mut was.disk_status, &is.disk_status);
    ignore(&mut was.disk_source, &is.disk_source);
    ignore(&mut was.filesystems, &is.filesystems);
    interfaces(&mut was.interfaces, &mut is.interfaces, if whole { interface } else { partly_seen });
    by_name(&mut was.disks, &mut is.disks, |disk| &disk.slot, disk);
    by_name(&mut was.replication, &mut is.replication, |job| &job.id, replication);
}

/// Whether what is known of the inside is all that there is to know.
pub(crate) fn is_told_from_inside(agent: GuestAgent) -> bool {
    match agent {
        GuestAgent::Running | GuestAgent::NotConfigured => true,
        GuestAgent::Unknown | GuestAgent::Silent => false,
    }
}

/// What the agent inside tells, where it ever told: while it is silent, the configuration speaks in its place.
fn inside(was: &mut GuestFacet, is: &mut GuestFacet) {
    let told = |facet: &GuestFacet| facet.agent == GuestAgent::Running;
    match (told(was), told(is)) {
        (true, false) => spoken(is, was),
        (false, true) => spoken(was, is),
        (true, true) | (false, false) => {}
    }
    learn(&mut was.os, &mut is.os);
    learn(&mut was.hostname, &mut is.hostname);
    learn(&mut was.agent_version, &mut is.agent_version);
    ignore(&mut was.agent, &is.agent);
}

/// Puts what one was told by the agent in place of what the other was not.
fn spoken(silent: &mut GuestFacet, told: &GuestFacet) {
    silent.agent = told.agent;
    silent.os.clone_from(&told.os);
    silent.hostname.clone_from(&told.hostname);
    silent.agent_version.clone_from(&told.agent_version);
}

/// What is plugged in by the platform is compared; what is only inside comes and goes with what runs there.
fn interfaces(
    was: &mut Vec<GuestInterface>,
    is: &mut Vec<GuestInterface>,
    each: fn(&mut GuestInterface, &mut GuestInterface),
) {
    let inner: Vec<GuestInterface> = is.iter().filter(|interface| !is_plugged(interface)).cloned().collect();
    was.retain(is_plugged);
    is.retain(is_plugged);
    by_name(was, is, |interface| &interface.name, each);
    was.extend(inner.iter().cloned());
    is.extend(inner);
}

fn is_plugged(interface: &GuestInterface) -> bool {
    interface.bridge.is_some() || interface.model.is_some()
}

fn interface(was: &mut GuestInterface, is: &mut GuestInterface) {
    learn(&mut was.guest_name, &mut is.guest_name);
    learn(&mut was.mac_address, &mut is.mac_address);
    learn(&mut was.addresses, &mut is.addresses);
    learn(&mut was.up, &mut is.up);
}

/// The same while one of them knows only the addresses that are configured.
fn partly_seen(was: &mut GuestInterface, is: &mut GuestInterface) {
    learn_more(&mut was.addresses, &mut is.addresses, |some, all| some.iter().all(|address| all.contains(address)));
    interface(was, is);
}

fn disk(was: &mut GuestDisk, is: &mut GuestDisk) {
    learn(&mut was.size_bytes, &mut is.size_bytes);
}

/// When a job last worked, and how often it has failed since, moves by itself; that it fails is told. Where a job
/// copies from is where the guest is, and where the guest moves to its copy, the job turns round: the move tells that.
fn replication(was: &mut GuestReplication, is: &mut GuestReplication) {
    if was.source.is_some() && (&was.source, &was.target) == (&is.target, &is.source) {
        ignore(&mut was.target, &is.target);
    }
    ignore(&mut was.source, &is.source);
    learn(&mut was.target, &mut is.target);
    learn(&mut was.schedule, &mut is.schedule);
    learn(&mut was.state, &mut is.state);
    learn(&mut was.rate_limit_mb_per_second, &mut is.rate_limit_mb_per_second);
    learn(&mut was.comment, &mut is.comment);
    ignore(&mut was.last_sync, &is.last_sync);
    ignore(&mut was.next_sync, &is.next_sync);
    ignore(&mut was.duration_seconds, &is.duration_seconds);
    ignore(&mut was.fail_count, &is.fail_count);
    ignore(&mut was.error, &is.error);
}

/// Compares the parts of one name with each other. An empty list is one that nobody has read.
fn by_name<T: Clone>(was: &mut Vec<T>, is: &mut Vec<T>, name: fn(&T) -> &String, settle: fn(&mut T, &mut T)) {
    learn(was, is);
    for part in is {
        if let Some(before) = was.iter_mut().find(|before| name(before) == name(part)) {
            settle(before, part);
        }
    }
}
