//! The names that a row derives from what its sources say. Every surface shows these; none makes up its own
//!

use muster_model::{Record, ResourceId, ResourceKind, SourceKind};
use smol_str::{SmolStr, ToSmolStr, format_smolstr};

use crate::{
    clues::{platform_key, usable_hostname},
    resource::Member,
};

/// Whose name for a host counts as the platform's own, first to last.
const PLATFORM_ORDER: [SourceKind; 8] = [
    SourceKind::Proxmox,
    SourceKind::Agent,
    SourceKind::Docker,
    SourceKind::Pbs,
    SourceKind::Pmg,
    SourceKind::Truenas,
    SourceKind::Kubernetes,
    SourceKind::Vmware,
];

/// The derived names of a resource.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) name: SmolStr,
    pub(crate) display_name: SmolStr,
    pub(crate) hostname: Option<SmolStr>,
    pub(crate) platform_id: SmolStr,
    pub(crate) primary_id: SmolStr,
    pub(crate) sort_name: SmolStr,
}

impl Names {
    /// Derives the names from the records that speak for a resource, strongest first.
    pub(crate) fn derive(id: ResourceId, members: &[Member]) -> Self {
        let name = first(members, |record| trimmed(&record.name)).unwrap_or_default();
        let hostname = first(members, identity_hostname).or_else(|| first(members, facet_hostname));
        let id_text = || id.to_smolstr();
        let display_name = non_empty(&name).or_else(|| hostname.clone()).unwrap_or_else(id_text);
        let platform_id = platform_name(id.kind(), members).or_else(|| non_empty(&name)).unwrap_or_else(id_text);
        let primary_id = primary_id(id, members);
        let sort_name = lower_case(&display_name);
        Self { name, display_name, hostname, platform_id, primary_id, sort_name }
    }
}

fn first(members: &[Member], name: impl Fn(&Record) -> Option<SmolStr>) -> Option<SmolStr> {
    members.iter().find_map(|member| name(&member.record))
}

fn platform_name(kind: ResourceKind, members: &[Member]) -> Option<SmolStr> {
    if kind != ResourceKind::Agent {
        return None;
    }
    let names = PLATFORM_ORDER.iter().flat_map(|kind| members.iter().filter(|member| member.source.kind() == *kind));
    names.into_iter().find_map(|member| match member.source.kind() {
        SourceKind::Agent => facet_hostname(&member.record),
        SourceKind::Proxmox
        | SourceKind::Docker
        | SourceKind::Pbs
        | SourceKind::Pmg
        | SourceKind::Truenas
        | SourceKind::Kubernetes
        | SourceKind::Vmware => trimmed(&member.record.name),
    })
}

fn primary_id(id: ResourceId, members: &[Member]) -> SmolStr {
    let is_node = |member: &&Member| id.kind() == ResourceKind::Agent && member.source.kind() == SourceKind::Proxmox;
    match members.iter().find(is_node) {
        // The source's own key tells nodes of one cluster apart, and not those of two.
        Some(node) => match platform_key(&node.record.identity) {
            Some(key) => format_smolstr!("node:{key}"),
            None => format_smolstr!("node:{}/{}", node.source, node.record.key),
        },
        None => format_smolstr!("{}:{id}", id.kind()),
    }
}

/// The most complete of a record's host names.
fn identity_hostname(record: &Record) -> Option<SmolStr> {
    let names = record.identity.hostnames.iter().filter_map(|name| usable_hostname(name));
    names.max_by(|one, other| one.len().cmp(&other.len()).then_with(|| other.cmp(one)))
}

fn facet_hostname(record: &Record) -> Option<SmolStr> {
    record.facets.iter().find_map(|facet| trimmed(&facet.as_host()?.hostname))
}

fn trimmed(text: &str) -> Option<SmolStr> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}

fn non_empty(text: &SmolStr) -> Option<SmolStr> {
    (!text.is_empty()).then(|| text.clone())
}

fn lower_case(text: &SmolStr) -> SmolStr {
    let is_lower = text.chars().all(|c| c.is_ascii() && !c.is_ascii_uppercase());
    if is_lower { text.clone() } else { text.to_lowercase().into() }
}
