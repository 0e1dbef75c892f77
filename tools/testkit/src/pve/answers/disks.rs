//! Disks of a node, what they say of themselves, and pools of ZFS.

use serde_json::{Value, json};

use super::{Asking, Told, resources::object};
use crate::pve::world::{Disk, DiskKind, Pool, link};

/// `/nodes/{node}/disks/list`.
pub(super) fn list(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    asking.audit_disks(&node.name)?;
    let is_measured = !asking.asked.flag("skipsmart");
    Ok(node.disks.iter().map(|disk| row(disk, is_measured)).collect())
}

fn row(disk: &Disk, is_measured: bool) -> Value {
    let (kind, rpm, vendor) = match disk.kind {
        DiskKind::Hdd => ("hdd", 7200, "ATA"),
        DiskKind::Ssd => ("ssd", 0, "ATA"),
        DiskKind::Nvme => ("nvme", 0, "unknown"),
    };
    let mut row = object(json!({
        "devpath": disk.path, "by_id_link": format!("/dev/disk/by-id/{}", link(disk)), "vendor": vendor, "model": disk.model, "serial": disk.serial, "wwn": disk.wwn,
        "size": disk.size, "rpm": rpm, "type": kind, "gpt": u8::from(disk.used.is_some()), "osdid": -1,
        "osdid-list": null, "health": if is_measured { disk.health() } else { "UNKNOWN" },
        "wearout": if is_measured { wearout(disk) } else { "N/A".into() },
    }));
    if let Some(used) = disk.used {
        row.insert("used".to_owned(), used.into());
    }
    Value::Object(row)
}

/// Percent of life that is left: as text for disks of SATA, as a number for those of NVMe.
fn wearout(disk: &Disk) -> Value {
    match (disk.kind, disk.worn) {
        (_, None) | (DiskKind::Hdd, Some(_)) => "N/A".into(),
        (DiskKind::Ssd, Some(worn)) => (100 - worn).to_string().into(),
        (DiskKind::Nvme, Some(worn)) => (100 - worn).into(),
    }
}

/// `/nodes/{node}/disks/smart`.
pub(super) fn smart(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    asking.need("/", &["Sys.Audit"])?;
    let wanted = asking.asked.parameter("disk").unwrap_or_default();
    let Some(disk) = node.disks.iter().find(|disk| disk.path == wanted) else {
        return Err(asking.fail(500, &format!("unable to find disk '{wanted}'")));
    };
    let hours = disk.hours + u64::try_from((asking.now - node.started(asking.now)) / 3600).unwrap_or_default();
    Ok(match disk.kind {
        DiskKind::Hdd | DiskKind::Ssd => json!({
            "type": "ata", "health": disk.health(), "attributes": attributes(disk, hours),
        }),
        DiskKind::Nvme => json!({
            "type": "text", "health": disk.health(), "wearout": 100 - disk.worn.unwrap_or_default(),
            "text": nvme_text(disk, hours),
        }),
    })
}

fn attributes(disk: &Disk, hours: u64) -> Vec<Value> {
    let (moved, waiting) = disk.bad_sectors();
    let attribute = |id: u8, name: &str, value: u8, threshold: u8, raw: String| {
        let fail = if value <= threshold && threshold > 0 { "FAILING_NOW" } else { "-" };
        json!({
            "id": format!("{id:>3}"), "name": name, "flags": "-O--CK", "value": value, "normalized": value,
            "worst": value, "threshold": threshold, "fail": fail, "raw": raw,
        })
    };
    let mut all = vec![
        attribute(5, "Reallocated_Sector_Ct", if disk.fails { 4 } else { 100 }, 10, moved.to_string()),
        attribute(
            9,
            "Power_On_Hours",
            97,
            0,
            if disk.kind == DiskKind::Ssd { format!("{hours}h+12m+30.5s") } else { hours.to_string() },
        ),
        attribute(12, "Power_Cycle_Count", 100, 0, "190".to_owned()),
        attribute(
            194,
            "Temperature_Celsius",
            100 - disk.temperature,
            0,
            format!("{} (Min/Max 20/55)", disk.temperature),
        ),
        attribute(197, "Current_Pending_Sector", 100, 0, waiting.to_string()),
        attribute(198, "Offline_Uncorrectable", 100, 0, waiting.to_string()),
        attribute(199, "UDMA_CRC_Error_Count", 200, 0, "0".to_owned()),
    ];
    if let Some(worn) = disk.worn {
        all.push(attribute(233, "Media_Wearout_Indicator", 100 - worn, 0, "0".to_owned()));
    }
    all
}

fn nvme_text(disk: &Disk, hours: u64) -> String {
    format!(
        "\nSMART/Health Information (NVMe Log 0x02, NSID 0xffffffff)\nCritical Warning:                   0x00\n\
         Temperature:                        {} Celsius\nAvailable Spare:                    100%\n\
         Available Spare Threshold:          10%\nPercentage Used:                    {}%\n\
         Data Units Read:                    1,299,288 [665 GB]\nData Units Written:                 5,592,478 [2.86 TB]\n\
         Power Cycles:                       98\nPower On Hours:                     {}\n\
         Unsafe Shutdowns:                   21\nMedia and Data Integrity Errors:    0\n\
         Error Information Log Entries:      0\n",
        disk.temperature,
        disk.worn.unwrap_or_default(),
        grouped(hours),
    )
}

/// A number with a comma after every three digits.
fn grouped(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1000), number % 1000) }
}

/// `/nodes/{node}/disks/zfs`.
pub(super) fn pools(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    asking.need("/", &["Sys.Audit"])?;
    let row = |pool: &Pool| {
        let used = crate::pve::wave::whole(pool.used.at(asking.now)).min(pool.size);
        json!({
            "name": pool.name, "health": pool.state(), "size": pool.size, "alloc": used, "free": pool.size - used,
            "frag": 5, "dedup": 1.0,
        })
    };
    Ok(node.pools.iter().map(row).collect())
}

/// `/nodes/{node}/disks/zfs/{name}`.
pub(super) fn pool(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    asking.need("/", &["Sys.Audit"])?;
    let wanted = asking.place.name.unwrap_or_default();
    let Some(pool) = node.pools.iter().find(|pool| pool.name == wanted) else {
        return Err(asking.fail(500, &format!("cannot open '{wanted}': no such pool")));
    };
    let last = pool.devices.len().saturating_sub(1);
    let device = |(place, name): (usize, &String)| {
        let is_missing = pool.is_degraded && place == last;
        let (state, errors, said) =
            if is_missing { ("UNAVAIL", (3, 1100), "was /dev/sdb1") } else { ("ONLINE", (0, 0), "") };
        json!({"name": name, "state": state, "read": errors.0, "write": errors.1, "cksum": 0, "msg": said, "leaf": 1})
    };
    let state = pool.state();
    let inner = |name: &str, children: Value| json!({"name": name, "state": state, "read": 0, "write": 0, "cksum": 0, "msg": "", "leaf": 0, "children": children});
    let devices: Value = pool.devices.iter().enumerate().map(device).collect();
    let mut detail = object(json!({
        "name": pool.name, "state": state, "errors": "No known data errors", "leaf": 0,
        "scan": "scrub repaired 0B in 00:12:34 with 0 errors on Sun Nov  9 00:24:35 2025",
        "children": [inner(pool.name, json!([inner("mirror-0", devices)]))],
    }));
    if pool.is_degraded {
        detail.extend(object(json!({
            "status": "One or more devices could not be used because the label is missing or invalid.  Sufficient \
                       replicas exist for the pool to continue functioning in a degraded state.",
            "action": "Replace the device using 'zpool replace'.",
            "see": "https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-4J",
        })));
    }
    Ok(Value::Object(detail))
}

impl Asking<'_> {
    fn audit_disks(&self, node: &str) -> Result<(), Box<super::Answer>> {
        if self.may(&format!("/nodes/{node}"), "Sys.Audit") { Ok(()) } else { self.need("/", &["Sys.Audit"]) }
    }
}
