//! A physical disk as a record, with what it says of itself. What that means is judged where all its sources meet.

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{
    Facet, Identity, Metric, PhysicalDiskFacet, Record, ResourceKind, SmartFacts, Status, UnknownReason,
    is_placeholder_identifier,
};
use smol_str::SmolStr;

use super::Builder;
use crate::{
    provider::{
        key,
        state::{Disk, Node},
    },
    rules::smart::{DiskHealth, health},
};

/// Adds a disk.
pub(super) fn record(builder: &mut Builder, name: &SmolStr, node: &Node, disk: &Disk) {
    let row = &disk.row;
    let said = disk.health();
    let device = row.devpath.strip_prefix("/dev/").unwrap_or(&row.devpath);
    let place = builder.record(Record {
        key: key::native(&key::disk(name, &row.devpath)),
        kind: ResourceKind::PhysicalDisk,
        name: SmolStr::new(device),
        status: if node.reports() { Status::Online } else { Status::Unknown },
        technology: row.kind.clone(),
        identity: Identity { serial: real(row.serial.as_ref()), wwn: real(row.wwn.as_ref()), ..Identity::default() },
        parent: Some(key::native(&key::node(name))),
        links: Vec::new(),
        tags: BTreeSet::new(),
        facets: vec![Arc::new(Facet::PhysicalDisk(facet(disk, device, &said).into()))],
    });
    samples(builder, place, node, &said);
}

/// An identifier, unless it is one that vendors leave in place of a real one.
fn real(text: Option<&SmolStr>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !is_placeholder_identifier(text))
}

fn facet(disk: &Disk, device: &str, said: &DiskHealth) -> PhysicalDiskFacet {
    let row = &disk.row;
    let text = |text: Option<&SmolStr>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let rotational = match (row.kind.as_deref(), row.rpm) {
        (Some("hdd"), _) => Some(true),
        (Some("ssd" | "nvme"), _) | (_, Some(0)) => Some(false),
        (_, Some(rpm)) if rpm > 0 => Some(true),
        (_, Some(_) | None) => None,
    };
    PhysicalDiskFacet {
        device: device.to_owned(),
        model: text(row.model.as_ref()).filter(|model| !is_placeholder_identifier(model)),
        vendor: text(row.vendor.as_ref()).filter(|vendor| !is_placeholder_identifier(vendor)),
        serial: real(row.serial.as_ref()),
        wwn: real(row.wwn.as_ref()),
        firmware: None,
        transport: row.kind.as_deref().filter(|kind| matches!(*kind, "nvme" | "usb")).map(str::to_owned),
        size_bytes: row.size.filter(|size| *size > 0),
        rotational,
        smart: health(said.verdict.as_deref()),
        condition: condition(said),
        risk: None,
    }
}

fn condition(said: &DiskHealth) -> SmartFacts {
    let life_left = said.life_left.map(|left| left.clamp(0.0, 100.0).round() as u8);
    let mut condition = SmartFacts { life_left_percent: life_left, ..SmartFacts::default() };
    said.values.iter().for_each(|(metric, value)| condition.note(*metric, *value));
    condition
}

fn samples(builder: &mut Builder, place: u32, node: &Node, said: &DiskHealth) {
    let why_not = UnknownReason::SourceUnreachable;
    let now = |value: f64| if node.reports() { Ok(value) } else { Err(why_not) };
    for (metric, value) in &said.values {
        builder.sample(place, *metric, now(*value));
    }
    // The list knows the life that is left of disks that do not say it themselves.
    if let Some(left) = said.life_left.filter(|_| said.value(Metric::SmartPercentageUsed).is_none()) {
        builder.sample(place, Metric::SmartPercentageUsed, now(100.0 - left));
    }
}
