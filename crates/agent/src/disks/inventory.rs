//! Which physical disks a machine has and what they are, from `/sys/block` and udev's database.

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use muster_model::{PhysicalDiskFacet, SmartFacts, SmartHealth, is_placeholder_identifier};

use crate::{
    read::{Files, ReadError},
    udev::Properties,
    words,
};

/// Devices that restate others, live in memory or in a file, are on another machine, or take removable media.
const NOT_DISKS: &[&str] = &["loop", "ram", "zram", "dm-", "md", "zd", "sr", "fd", "nbd", "rbd", "drbd"];

/// How a disk is attached, by what stands in the path of its device. The first match counts: a USB bridge also looks
/// like SCSI.
const TRANSPORTS: &[(&str, &str)] = &[
    ("/usb", "usb"),
    ("/nvme", "nvme"),
    ("/virtio", "virtio"),
    ("/ata", "sata"),
    ("/end_device-", "sas"),
    ("/mmc_host/", "mmc"),
    ("/vbd-", "xen"),
];

/// One disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DiskFacts {
    pub(crate) facet: PhysicalDiskFacet,
    /// Where its controller is, so that a temperature sensor can find its disk.
    pub(crate) device_path: Option<PathBuf>,
}

/// Names of the devices that may be physical disks, sorted.
pub(super) fn names(files: &Files<'_>) -> Result<Vec<OsString>, ReadError> {
    let path = files.roots.sys("block");
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(ReadError::Io { path, cause }),
    };
    let is_disk = |name: &OsString| !NOT_DISKS.iter().any(|prefix| name.as_bytes().starts_with(prefix.as_bytes()));
    let mut names: Vec<OsString> = entries.flatten().map(|entry| entry.file_name()).filter(is_disk).collect();
    names.sort();
    Ok(names)
}

/// What the named devices are. Left out are those without a medium, hidden paths to a disk that stands there already,
/// and second paths to the same disk.
pub(super) fn read(files: &Files<'_>, names: &[OsString]) -> Vec<DiskFacts> {
    let mut disks: Vec<DiskFacts> = Vec::new();
    for disk in names.iter().filter_map(|name| disk(files, name)) {
        let second_path = |other: &DiskFacts| same_disk(&other.facet, &disk.facet);
        if !disks.iter().any(second_path) {
            disks.push(disk);
        }
    }
    disks
}

fn same_disk(one: &PhysicalDiskFacet, two: &PhysicalDiskFacet) -> bool {
    one.serial.is_some() && one.serial == two.serial && one.wwn.is_some() && one.wwn == two.wwn
}

fn disk(files: &Files<'_>, name: &OsStr) -> Option<DiskFacts> {
    let block = files.roots.sys("block").join(name);
    let sectors: u64 = files.number(&block.join("size"))?;
    let hidden = files.number::<u8>(&block.join("hidden")) == Some(1);
    if sectors == 0 || hidden {
        return None;
    }
    let text = |path: &str| files.attribute(&block.join(path));
    let udev = text("dev").map(|number| Properties::of_block(files, &number)).unwrap_or_default();
    let device_path = fs::canonicalize(block.join("device")).ok();
    let transport = device_path.as_deref().and_then(transport);
    let facet = PhysicalDiskFacet {
        device: words::lossy(name.as_bytes()),
        model: udev.decoded("ID_MODEL_ENC").or_else(|| text("device/model")),
        vendor: text("device/vendor").filter(|vendor| vendor != "ATA" && !vendor.starts_with("0x")),
        serial: serial(files, &block, &udev),
        wwn: wwn(&udev, text("wwid").or_else(|| text("device/wwid"))),
        firmware: text("device/firmware_rev").or_else(|| text("device/rev")),
        transport: transport.map(str::to_owned),
        size_bytes: sectors.checked_mul(512),
        rotational: files
            .number::<u8>(&block.join("queue/rotational"))
            .map(|flag| flag == 1)
            .filter(|_| !is_virtual(transport)),
        smart: SmartHealth::Unknown,
        condition: SmartFacts::default(),
        risk: None,
    };
    Some(DiskFacts { facet, device_path })
}

/// A SCSI disk's own serial first: there `ID_SERIAL_SHORT` is its world-wide name.
fn serial(files: &Files<'_>, block: &Path, udev: &Properties) -> Option<String> {
    let from_udev =
        ["ID_SCSI_SERIAL", "ID_SERIAL_SHORT"].into_iter().find_map(|name| udev.get(name)).map(str::to_owned);
    let attribute = |path: &str| files.attribute(&block.join(path));
    from_udev
        .or_else(|| attribute("device/serial"))
        .or_else(|| attribute("serial"))
        .or_else(|| unit_serial_page(&files.bytes(&block.join("device/vpd_pg80")).ok()?))
        .filter(|serial| !is_placeholder_identifier(serial))
}

/// The SCSI page "unit serial number": four bytes of header, the last two of them the length of the text.
fn unit_serial_page(page: &[u8]) -> Option<String> {
    let (header, text) = page.split_at_checked(4)?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    Some(words::lossy(text.get(..length)?)).filter(|serial| !serial.is_empty())
}

/// One spelling for both origins: udev writes `0x5001…`, sysfs `naa.5001…`.
fn wwn(udev: &Properties, wwid: Option<String>) -> Option<String> {
    let from_udev = udev.get("ID_WWN_WITH_EXTENSION").or_else(|| udev.get("ID_WWN")).map(str::to_owned);
    let wwn = from_udev.or(wwid)?.to_ascii_lowercase();
    Some(wwn.strip_prefix("naa.").map_or_else(|| wwn.clone(), |number| format!("0x{number}")))
}

fn transport(device: &Path) -> Option<&'static str> {
    let path = device.to_string_lossy();
    TRANSPORTS.iter().find(|(part, _)| path.contains(part)).map(|(_, transport)| *transport)
}

/// Whether a hypervisor made the disk up; then what it says of spinning means nothing.
fn is_virtual(transport: Option<&str>) -> bool {
    matches!(transport, Some("virtio" | "xen"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wwn_has_one_spelling() {
        let udev = Properties::parse(b"E:ID_WWN=0x50014EE2B0000000\n");
        let none = Properties::default();
        assert_eq!(wwn(&udev, None), wwn(&none, Some("naa.50014ee2b0000000".into())));
        assert_eq!(wwn(&none, Some("eui.0025385b71b08b3b".into())).as_deref(), Some("eui.0025385b71b08b3b"));
    }

    #[test]
    fn a_scsi_serial_wins_over_the_name_that_udev_calls_serial() {
        let udev = Properties::parse(b"E:ID_SERIAL_SHORT=35000c500a1b2c3d4\nE:ID_SCSI_SERIAL=ZA1234\n");
        let files = Files { roots: &crate::Roots::below("/nonexistent"), kernel: &crate::LiveKernel };
        assert_eq!(serial(&files, Path::new("/nonexistent"), &udev).as_deref(), Some("ZA1234"));
    }

    #[test]
    fn the_unit_serial_page_is_as_long_as_it_says() {
        assert_eq!(unit_serial_page(b"\x00\x80\x00\x06 S1234xx").as_deref(), Some("S1234"));
        assert_eq!(unit_serial_page(b"\x00\x80\x00\x09S1"), None);
        assert_eq!(unit_serial_page(b"\x00\x80"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_give_no_more_than_they_hold(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let serial = unit_serial_page(&bytes);
            prop_assert!(serial.is_none_or(|text| !text.is_empty() && text.chars().count() <= bytes.len() - 4));
            let udev = Properties::parse(&[b"E:ID_WWN=", bytes.as_slice()].concat());
            prop_assert!(wwn(&udev, None).is_none_or(|wwn| wwn == wwn.to_ascii_lowercase() && !wwn.starts_with("naa.")));
        }
    }
}
