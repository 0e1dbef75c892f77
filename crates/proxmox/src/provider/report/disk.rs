//! A physical disk as a record, with what it says of itself and how likely it is to be lost.

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{
    Facet, Identity, Metric, PhysicalDiskFacet, Record, ResourceKind, SmartHealth, Status, UnknownReason,
    is_placeholder_identifier,
};
use smol_str::SmolStr;

use super::Builder;
use crate::{
    provider::{
        key,
        state::{Disk, Node},
    },
    rules::{
        disk_risk::{Level, cries_wolf, level, reasons},
        smart::{DiskHealth, health},
    },
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
        status: status(node, disk, &said),
        technology: row.kind.clone(),
        identity: Identity { serial: real(row.serial.as_ref()), wwn: real(row.wwn.as_ref()), ..Identity::default() },
        parent: Some(key::native(&key::node(name))),
        links: Vec::new(),
        tags: BTreeSet::new(),
        facets: vec![Arc::new(Facet::PhysicalDisk(facet(disk, device, &said)))],
    });
    samples(builder, place, node, &said);
}

fn status(node: &Node, disk: &Disk, said: &DiskHealth) -> Status {
    if !node.reports() {
        return Status::Unknown;
    }
    let model = disk.row.model.as_deref();
    let worries = level(&reasons(said, model));
    let at_risk = matches!(worries, Some(Level::Warning | Level::Critical));
    let verdict = match health(said.verdict.as_deref()) {
        SmartHealth::Passed => Some("passed"),
        SmartHealth::Failed => Some("failed"),
        SmartHealth::Unknown => None,
    };
    Status::of_disk(verdict, at_risk, cries_wolf(model))
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
    }
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
