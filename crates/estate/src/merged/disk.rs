//! One physical disk out of what its platform, the agent on its host and whoever else say of it.
//!
//! The strongest current source's word is filled field by field from the next: so a disk behind an adapter, of which
//! the platform knows next to nothing, has the condition that the agent read from it. That they are one disk was decided
//! before.

use muster_model::{PhysicalDiskFacet, RiskLevel, SmartFacts, SmartHealth, SourceFreshness, SourceId, Status};

use super::risk;
use crate::resource::Member;

/// The disk of a row; `None` where no source describes it as one.
pub(crate) fn merge(members: &[Member], freshness: impl Fn(&SourceId) -> SourceFreshness) -> Option<PhysicalDiskFacet> {
    let told = members.iter().filter_map(|member| {
        let disk = member.record.facets.iter().find_map(|facet| facet.as_disk())?;
        Some((freshness(&member.source), disk))
    });
    let mut told: Vec<_> = told.collect();
    // Current sources first; among equally current ones the order of precedence stays.
    told.sort_by_key(|(freshness, _)| *freshness);
    let mut told = told.into_iter().map(|(freshness, disk)| awake(as_of_now(disk.clone(), freshness)));
    let mut merged = told.next()?;
    told.for_each(|disk| fill(&mut merged, disk));
    let condition = &mut merged.condition;
    let unused = condition.percentage_used.map(|used| 100_u8.saturating_sub(used));
    condition.life_left_percent = condition.life_left_percent.or(unused);
    merged.risk = risk::judge(&merged);
    Some(merged)
}

/// A disk's status where its sources' word is that it is there; a worse word of theirs stands.
pub(crate) fn status(word: Status, disk: &PhysicalDiskFacet) -> Status {
    let level = disk.risk.as_ref().map(|risk| risk.level);
    let at_risk = matches!(level, Some(RiskLevel::Warning | RiskLevel::Critical));
    let judged = Status::of_disk(disk.smart, at_risk, risk::cries_wolf(disk.model.as_deref()));
    match (word, judged) {
        (Status::Online, judged) => judged,
        (Status::Warning, Status::Offline) => Status::Offline,
        (Status::Warning | Status::Offline | Status::Unknown, _) => word,
    }
}

/// Whether it sleeps and how warm it is holds for the moment: whoever has fallen silent does not know.
fn as_of_now(mut disk: PhysicalDiskFacet, freshness: SourceFreshness) -> PhysicalDiskFacet {
    if freshness != SourceFreshness::Online {
        disk.condition.standby = false;
        disk.condition.temperature = None;
    }
    disk
}

/// A disk that sleeps tells nothing of its condition.
fn awake(mut disk: PhysicalDiskFacet) -> PhysicalDiskFacet {
    if disk.condition.standby {
        disk.condition = SmartFacts { standby: true, ..SmartFacts::default() };
    }
    disk
}

fn fill(disk: &mut PhysicalDiskFacet, other: PhysicalDiskFacet) {
    let PhysicalDiskFacet {
        device,
        model,
        vendor,
        serial,
        wwn,
        firmware,
        transport,
        size_bytes,
        rotational,
        smart,
        condition,
        risk: _,
    } = other;
    if disk.device.is_empty() {
        disk.device = device;
    }
    disk.model = disk.model.take().or(model);
    disk.vendor = disk.vendor.take().or(vendor);
    disk.serial = disk.serial.take().or(serial);
    disk.wwn = disk.wwn.take().or(wwn);
    disk.firmware = disk.firmware.take().or(firmware);
    disk.transport = disk.transport.take().or(transport);
    disk.size_bytes = disk.size_bytes.or(size_bytes);
    disk.rotational = disk.rotational.or(rotational);
    disk.smart = verdict(disk.smart, smart);
    fill_condition(&mut disk.condition, condition);
}

/// Whoever says that the disk fails is believed.
fn verdict(one: SmartHealth, other: SmartHealth) -> SmartHealth {
    match (one, other) {
        (SmartHealth::Failed, _) | (_, SmartHealth::Failed) => SmartHealth::Failed,
        (SmartHealth::Passed, _) | (_, SmartHealth::Passed) => SmartHealth::Passed,
        (SmartHealth::Unknown, SmartHealth::Unknown) => SmartHealth::Unknown,
    }
}

fn fill_condition(condition: &mut SmartFacts, other: SmartFacts) {
    let SmartFacts {
        standby: _,
        life_left_percent,
        percentage_used,
        available_spare_percent,
        pending_sectors,
        offline_uncorrectable,
        reallocated_sectors,
        media_errors,
        crc_errors,
        temperature,
    } = other;
    condition.life_left_percent = condition.life_left_percent.or(life_left_percent);
    condition.percentage_used = condition.percentage_used.or(percentage_used);
    condition.available_spare_percent = condition.available_spare_percent.or(available_spare_percent);
    condition.pending_sectors = condition.pending_sectors.or(pending_sectors);
    condition.offline_uncorrectable = condition.offline_uncorrectable.or(offline_uncorrectable);
    condition.reallocated_sectors = condition.reallocated_sectors.or(reallocated_sectors);
    condition.media_errors = condition.media_errors.or(media_errors);
    condition.crc_errors = condition.crc_errors.or(crc_errors);
    condition.temperature = condition.temperature.or(temperature);
}
