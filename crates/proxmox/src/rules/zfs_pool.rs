//! A ZFS pool with its devices: its state, what was found by checking it, and on which disks of its node it lies.

use muster_model::{PoolState, ZfsDevice, ZfsPoolFacet};
use smol_str::SmolStr;

use super::zfs_match;
use crate::wire::disk::{DiskRow, ZfsDetail, ZfsDevice as DeviceRow, ZfsRow};

/// How many devices are shown one by one; beyond that they are only counted.
const MOST_SHOWN: usize = 300;
/// How deep a tree is followed. Real ones have three levels.
const DEEPEST: u8 = 8;
/// What ZFS says of data without damage.
const NO_ERRORS: &str = "No known data errors";

/// The state of a pool: its health, what is being done to it right now, and whether data is lost although every device
/// works.
pub(crate) fn state(row: &ZfsRow, detail: Option<&ZfsDetail>) -> PoolState {
    let health = row.health.as_deref().map_or(PoolState::Unknown, zfs_match::state);
    let scan = detail.and_then(|detail| detail.scan.as_deref()).unwrap_or_default();
    match health {
        PoolState::Healthy | PoolState::Degraded if scan.starts_with("resilver in progress") => PoolState::Recovering,
        PoolState::Healthy | PoolState::Checking if detail.is_some_and(|detail| errors(detail).is_some()) => {
            PoolState::Degraded
        }
        PoolState::Healthy if scan.starts_with("scrub in progress") => PoolState::Checking,
        PoolState::Healthy
        | PoolState::Checking
        | PoolState::Recovering
        | PoolState::Degraded
        | PoolState::Failed
        | PoolState::Inactive
        | PoolState::Unknown => health,
    }
}

/// What ZFS says of data that is damaged for good.
fn errors(detail: &ZfsDetail) -> Option<String> {
    let text = detail.errors.as_deref()?.trim();
    (!text.is_empty() && text != NO_ERRORS).then(|| text.to_owned())
}

/// Whether a pool is asked for its devices more often than others.
pub(crate) fn is_restless(row: &ZfsRow, detail: Option<&ZfsDetail>) -> bool {
    state(row, detail) != PoolState::Healthy
}

/// A pool to be shown. Without the details nothing is known of its devices.
pub(crate) fn facet<'a>(
    node: &str,
    row: &ZfsRow,
    detail: Option<&ZfsDetail>,
    disks: impl Iterator<Item = &'a DiskRow>,
) -> ZfsPoolFacet {
    let text = |of: fn(&ZfsDetail) -> Option<&SmolStr>| {
        let text = detail.and_then(of).map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty())
    };
    let disks: Vec<&DiskRow> = disks.collect();
    let mut devices = Vec::new();
    let tops = detail.map(|detail| tops(&row.name, detail)).unwrap_or_default();
    let total = tops.into_iter().map(|device| add(device, 0, &disks, &mut devices)).sum();
    ZfsPoolFacet {
        pool: row.name.to_string(),
        node: node.to_owned(),
        state: state(row, detail),
        health: row.health.as_ref().map(ToString::to_string),
        status: text(|detail| detail.status.as_ref()),
        action: text(|detail| detail.action.as_ref()),
        scan: text(|detail| detail.scan.as_ref()),
        data_errors: detail.and_then(errors),
        size_bytes: row.size.filter(|size| *size > 0),
        fragmentation_percent: row.frag.filter(|share| (0.0..=100.0).contains(share)).map(|share| share.round() as u32),
        devices,
        devices_total: total,
    }
}

/// The groups of a pool. The first entry repeats the pool itself; its parts stand for it.
fn tops<'a>(pool: &str, detail: &'a ZfsDetail) -> Vec<&'a DeviceRow> {
    let parts = detail.children.iter().flat_map(|device| {
        let is_pool = device.name == pool && !device.children.is_empty();
        if is_pool { device.children.iter().collect() } else { vec![device] }
    });
    parts.collect()
}

/// Adds a device and its parts, and says how many these are.
fn add(row: &DeviceRow, depth: u8, disks: &[&DiskRow], shown: &mut Vec<ZfsDevice>) -> u32 {
    if shown.len() < MOST_SHOWN {
        shown.push(device(row, depth, disks));
    }
    if depth >= DEEPEST {
        return 1;
    }
    row.children.iter().map(|part| add(part, depth + 1, disks, shown)).fold(1, u32::saturating_add)
}

fn device(row: &DeviceRow, depth: u8, disks: &[&DiskRow]) -> ZfsDevice {
    let text =
        |text: &Option<SmolStr>| text.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    ZfsDevice {
        name: row.name.to_string(),
        depth,
        state: text(&row.state),
        read_errors: row.read,
        write_errors: row.write,
        checksum_errors: row.cksum,
        message: text(&row.msg),
        disk: if row.children.is_empty() { disk(&row.name, disks) } else { None },
    }
}

/// The only disk of the node that a device can lie on, by its path, its link or its world-wide name.
fn disk(device: &str, disks: &[&DiskRow]) -> Option<String> {
    let mut found = disks.iter().filter(|disk| lies_on(device, disk));
    let (only, more) = (found.next()?, found.next());
    let name = only.devpath.strip_prefix("/dev/").unwrap_or(&only.devpath);
    more.is_none().then(|| name.to_owned())
}

fn lies_on(device: &str, disk: &DiskRow) -> bool {
    let link = device.rsplit('/').next().unwrap_or(device);
    let link = without_partition(link);
    let by_link =
        disk.by_id_link.as_deref().and_then(|known| known.rsplit('/').next()).is_some_and(|known| known == link);
    let path = if device.starts_with('/') { device.to_owned() } else { format!("/dev/{device}") };
    by_link || is_part_of(&path, &disk.devpath) || by_wwn(link, disk) || by_serial(link, disk)
}

/// A link such as `ata-X_S1-part3` without its partition.
fn without_partition(link: &str) -> &str {
    match link.rsplit_once("-part") {
        Some((whole, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        Some(_) | None => link,
    }
}

/// `/dev/sda3` lies on `/dev/sda`, `/dev/nvme0n1p3` on `/dev/nvme0n1`.
fn is_part_of(path: &str, disk: &str) -> bool {
    let Some(rest) = path.strip_prefix(disk) else { return false };
    let number = if disk.ends_with(|c: char| c.is_ascii_digit()) { rest.strip_prefix('p') } else { Some(rest) };
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    rest.is_empty() || number.is_some_and(is_number)
}

fn by_wwn(link: &str, disk: &DiskRow) -> bool {
    let Some(wwn) = disk.wwn.as_deref().filter(|wwn| wwn.len() > 8) else { return false };
    link.strip_prefix("wwn-").or_else(|| link.strip_prefix("nvme-")).is_some_and(|named| named == wwn)
}

/// Links of disks end with the serial number, those of a namespace of NVMe with its number after it.
fn by_serial(link: &str, disk: &DiskRow) -> bool {
    let Some(serial) = disk.serial.as_deref().map(str::trim).filter(|serial| serial.len() >= 6) else { return false };
    let known_bus = ["ata-", "nvme-", "scsi-", "usb-"].iter().any(|bus| link.starts_with(bus));
    let named = link.strip_suffix("_1").filter(|_| link.starts_with("nvme-")).unwrap_or(link);
    known_bus && [link, named].iter().any(|link| link.strip_suffix(serial).is_some_and(|rest| rest.ends_with('_')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_to_a_pool_shows_in_its_state() {
        // R-92
        let check = |health: &str, scan: &str, expected| {
            let detail: ZfsDetail = serde_json::from_value(serde_json::json!({"scan": scan})).unwrap();
            assert_eq!(state(&row(health), Some(&detail)), expected, "{health} {scan}");
        };
        check("ONLINE", "scrub repaired 0B in 00:12:34 with 0 errors", PoolState::Healthy);
        check("ONLINE", "scrub in progress since Sun Apr 14 00:24:01 2024", PoolState::Checking);
        check("DEGRADED", "resilver in progress since Sun Apr 14", PoolState::Recovering);
        check("DEGRADED", "", PoolState::Degraded);
        check("SUSPENDED", "resilver in progress", PoolState::Failed);
        assert_eq!(state(&row("ONLINE"), None), PoolState::Healthy);
    }

    #[test]
    fn a_pool_that_lost_data_is_not_healthy() {
        // R-92
        let check = |health: &str, errors: &str, expected| {
            let detail: ZfsDetail =
                serde_json::from_value(serde_json::json!({"scan": "scrub in progress", "errors": errors})).unwrap();
            assert_eq!(state(&row(health), Some(&detail)), expected, "{health} {errors}");
        };
        check("ONLINE", "No known data errors", PoolState::Checking);
        check("ONLINE", " ", PoolState::Checking);
        check("ONLINE", "Permanent errors have been detected in the following files:", PoolState::Degraded);
        check("FAULTED", "3 data errors, use '-v' for a list", PoolState::Failed);
    }

    #[test]
    fn a_tree_is_listed_in_order_and_without_the_pool_itself() {
        let detail = r#"{"errors":"No known data errors","children":[
            {"name":"tank","state":"DEGRADED","children":[{"name":"mirror-0","state":"DEGRADED","children":[
                {"name":"/dev/disk/by-id/ata-A","state":"ONLINE","read":"0"},{"name":"sdb","state":"UNAVAIL","write":7}]}]},
            {"name":"cache","children":[{"name":"nvme0n1p4","state":"ONLINE"}]}]}"#;
        let detail = serde_json::from_str(detail).unwrap();
        let found = facet("pve1", &row("DEGRADED"), Some(&detail), std::iter::empty());
        let shown: Vec<_> = found.devices.iter().map(|device| (device.depth, device.name.as_str())).collect();
        let expected = [(0, "mirror-0"), (1, "/dev/disk/by-id/ata-A"), (1, "sdb"), (0, "cache"), (1, "nvme0n1p4")];
        assert_eq!(shown, expected);
        assert_eq!(
            (found.devices_total, found.devices[2].write_errors, found.devices[3].state.as_ref()),
            (5, Some(7), None)
        );
        assert_eq!(found.data_errors, None);
    }

    #[test]
    fn devices_lead_to_disks_where_that_is_certain() {
        let disks: Vec<DiskRow> = serde_json::from_str(
            r#"[{"devpath":"/dev/sda","serial":"WD-WX11A1","wwn":"0x50014ee2b1234567"},
                {"devpath":"/dev/sdaa","serial":"unknown"},
                {"devpath":"/dev/nvme0n1","serial":"S4EWNX0","wwn":"eui.0025385b01234567",
                 "by_id_link":"/dev/disk/by-id/nvme-Maker_Model_S4EWNX0"}]"#,
        )
        .unwrap();
        let disks: Vec<&DiskRow> = disks.iter().collect();
        let check = |device: &str, expected: Option<&str>| {
            assert_eq!(disk(device, &disks).as_deref(), expected, "{device}");
        };
        check("/dev/sda", Some("sda"));
        check("sda3", Some("sda"));
        check("/dev/sdaa1", Some("sdaa"));
        check("nvme0n1p3", Some("nvme0n1"));
        check("/dev/disk/by-id/wwn-0x50014ee2b1234567-part1", Some("sda"));
        check("/dev/disk/by-id/ata-WDC_WD40EFRX-68N32N0_WD-WX11A1-part1", Some("sda"));
        check("/dev/disk/by-id/nvme-Maker_Model_S4EWNX0_1-part3", Some("nvme0n1"));
        check("/dev/disk/by-id/nvme-eui.0025385b01234567-part3", Some("nvme0n1"));
        check("/dev/disk/by-partuuid/0123", None);
        check("mirror-0", None);
        check("9876543210", None);
    }

    fn row(health: &str) -> ZfsRow {
        serde_json::from_value(serde_json::json!({"name": "tank", "health": health})).unwrap()
    }
}
