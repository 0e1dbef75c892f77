//! What udev has found out about a block device, from its database below `/run/udev/data`. Absent in containers and on
//! machines without udev; then the caller makes do with sysfs.

use std::collections::BTreeMap;

use crate::{read::Files, words};

/// A device's properties, such as `ID_SERIAL_SHORT`.
#[derive(Debug, Default)]
pub(crate) struct Properties(BTreeMap<String, String>);

impl Properties {
    /// Of the block device with the given number, written `8:0`.
    pub(crate) fn of_block(files: &Files<'_>, device_number: &str) -> Self {
        let path = files.roots.file("run/udev/data").join(format!("b{device_number}"));
        files.bytes(&path).map(|content| Self::parse(&content)).unwrap_or_default()
    }

    /// Parses lines such as `E:ID_BUS=ata`; other lines are links and tags.
    pub(crate) fn parse(content: &[u8]) -> Self {
        let property = |line: &[u8]| {
            let line = line.strip_prefix(b"E:")?;
            let equals = line.iter().position(|byte| *byte == b'=')?;
            Some((words::lossy(&line[..equals]), words::lossy(&line[equals + 1..])))
        };
        Self(words::lines(content).filter_map(property).collect())
    }

    /// A property that is there and not blank.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A property in which udev has written unusual characters as `\x20`.
    pub(crate) fn decoded(&self, name: &str) -> Option<String> {
        Some(unescape(self.get(name)?)).filter(|text| !text.is_empty())
    }
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = rest.strip_prefix(b"\\x").and_then(|tail| tail.split_at_checked(2));
        let decoded =
            escaped.and_then(|(hex, tail)| Some((u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok()?, tail)));
        let (byte, tail) = decoded.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = tail;
    }
    words::lossy(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_of_a_recorded_disk() {
        let database: String =
            include_str!("../tests/fixtures/linux/udev_sda.txt").lines().map(|line| format!("E:{line}\n")).collect();
        let properties = Properties::parse(format!("S:disk/by-diskseq/15\nI:12242736\n{database}").as_bytes());
        assert_eq!(properties.get("ID_SERIAL_SHORT"), Some("WD-WX11A0000000"));
        assert_eq!(properties.decoded("ID_MODEL_ENC").as_deref(), Some("QEMU-HDD-0"));
        assert_eq!(properties.get("ID_SCSI_SERIAL"), None);
        assert_eq!(unescape(r"a\x20b\xzz\x4"), r"a b\xzz\x4");
    }
}
