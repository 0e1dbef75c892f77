//! On which nodes a Ceph cluster runs: by the word of the platform that reports both.
//!
//! A pure function of the rows. A parent is one thing, and a Ceph cluster runs on several nodes, so that it has none.

use std::{collections::HashMap, sync::Arc};

use muster_model::{Evidence, EvidenceKind, ResourceId, ResourceKind, SourceId};

use crate::{id_map::IdMap, relationship::Relationship, row::Row};

/// Adds the relations between Ceph clusters and the nodes that they name, by both of their ends.
pub(crate) fn relate(rows: &[Arc<Row>], by_end: &mut IdMap<Vec<Relationship>>) {
    let clusters: Vec<&Row> = rows.iter().map(|row| &**row).filter(|row| row.kind == ResourceKind::Ceph).collect();
    if clusters.is_empty() {
        return;
    }
    let nodes = nodes(rows);
    for cluster in clusters {
        for (source, name) in named(cluster) {
            let Some(node) = nodes.get(&(source, name)) else { continue };
            add(by_end, &Relationship::named(cluster, *node, evidence(name)));
        }
    }
}

/// Both ends hold the relation, each once, though several connections may tell it.
fn add(by_end: &mut IdMap<Vec<Relationship>>, relation: &Relationship) {
    for end in [relation.source_id, relation.target_id] {
        let known = by_end.entry(end).or_default();
        if !known.iter().any(|other| other.id == relation.id) {
            known.push(relation.clone());
        }
    }
}

/// The nodes that a cluster says it runs on, by who says so.
fn named(cluster: &Row) -> impl Iterator<Item = (&SourceId, &str)> {
    let told = cluster.facets.iter().filter_map(|entry| Some((&entry.source, entry.facet.as_ceph()?)));
    told.flat_map(|(source, ceph)| ceph.nodes.iter().map(move |node| (source, node.as_str())))
}

fn nodes(rows: &[Arc<Row>]) -> HashMap<(&SourceId, &str), ResourceId> {
    let hosts = rows.iter().filter(|row| row.kind == ResourceKind::Agent);
    let told = hosts.flat_map(|row| row.facets.iter().map(move |entry| (row.id, entry)));
    told.filter_map(|(id, entry)| Some(((&entry.source, entry.facet.as_node()?.node.as_str()), id))).collect()
}

fn evidence(node: &str) -> Evidence {
    Evidence { kind: EvidenceKind::SameSource, value: node.into() }
}
