//! Ceph as a record. It runs on several nodes, so that it has a parent only where there is but one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use muster_model::{Facet, Metric, Record, ResourceKind, Status, UnknownReason};
use smol_str::{SmolStr, format_smolstr};

use super::{Builder, Naming};
use crate::{
    provider::{
        key,
        state::{Node, State},
    },
    rules::ceph::{facet, health, traffic},
    wire::ceph::CephStatus,
};

/// Adds Ceph, where there is one.
pub(super) fn record(builder: &mut Builder, state: &State, naming: &Naming, due: Timestamp) {
    let Some((seen, is_fresh)) = state.ceph.last(due) else { return };
    let text = seen.fsid.as_ref().map_or_else(|| SmolStr::new_static("ceph"), |fsid| format_smolstr!("ceph/{fsid}"));
    let facet = facet(seen, &state.node_names());
    let name =
        naming.cluster.as_ref().map_or_else(|| SmolStr::new_static("Ceph"), |name| format_smolstr!("Ceph {name}"));
    let place = builder.record(Record {
        key: key::native(&text),
        kind: ResourceKind::Ceph,
        name,
        status: if is_fresh { health(seen) } else { Status::Unknown },
        technology: Some(SmolStr::new_static("ceph")),
        identity: naming.identity(&text),
        parent: only(&state.nodes).map(|node| key::native(&key::node(node))),
        links: Vec::new(),
        tags: BTreeSet::new(),
        facets: vec![Arc::new(Facet::Ceph(Box::new(facet)))],
    });
    samples(builder, place, seen, is_fresh);
}

fn only(nodes: &BTreeMap<SmolStr, Node>) -> Option<&SmolStr> {
    nodes.first_key_value().map(|(name, _)| name).filter(|_| nodes.len() == 1)
}

/// Room with all copies, as the disks have it; traffic of clients only.
fn samples(builder: &mut Builder, place: u32, seen: &CephStatus, is_fresh: bool) {
    let why_not = if is_fresh { UnknownReason::NotReported } else { UnknownReason::SourceUnreachable };
    let map = seen.pgmap.as_ref().filter(|_| is_fresh);
    let number = |number: Option<u64>| number.map(|number| number as f64);
    let total = map.and_then(|map| number(map.bytes_total.filter(|total| *total > 0)));
    let used = map.and_then(|map| number(map.bytes_used));
    let share = used.zip(total).map(|(used, total)| (used * 100.0 / total).min(100.0));
    builder.reading(place, Metric::Usage, share, why_not);
    builder.reading(place, Metric::Used, used, why_not);
    builder.reading(place, Metric::Avail, map.and_then(|map| number(map.bytes_avail)), why_not);
    builder.reading(place, Metric::Total, total, why_not);
    let [read, written] = map.map(traffic).unwrap_or_default();
    builder.reading(place, Metric::DiskRead, read, why_not);
    builder.reading(place, Metric::DiskWrite, written, why_not);
}
