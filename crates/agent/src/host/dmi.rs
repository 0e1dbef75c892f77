//! What the firmware says of the machine, from `/sys/class/dmi/id`. Some files are for root alone; what cannot be read is
//! simply not known. Values that vendors leave in place of real ones are dropped.

use muster_model::{SystemFacts, is_placeholder_identifier};

use crate::read::Files;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Dmi {
    pub(crate) facts: SystemFacts,
    /// System UUID, lower-case with dashes.
    pub(crate) uuid: Option<String>,
    /// Everything that names a maker, for telling hypervisors.
    pub(crate) makers: Vec<String>,
}

impl Dmi {
    /// Reads the attributes.
    pub(crate) fn read(files: &Files<'_>) -> Self {
        let raw = |name: &str| files.attribute(&files.roots.sys("class/dmi/id").join(name));
        let fact = |name: &str| raw(name).filter(|text| !is_placeholder(text));
        let facts = SystemFacts {
            vendor: fact("sys_vendor"),
            product: fact("product_name"),
            serial: fact("product_serial").or_else(|| fact("chassis_serial")),
            board: fact("board_name"),
            bios_version: fact("bios_version"),
            bios_date: fact("bios_date"),
        };
        let makers = ["product_name", "sys_vendor", "board_vendor", "bios_vendor"].into_iter().filter_map(raw);
        Self { facts, uuid: fact("product_uuid").and_then(|uuid| canonical_uuid(&uuid)), makers: makers.collect() }
    }
}

/// Beside the identifiers that no vendor sets, the descriptions that none sets.
fn is_placeholder(text: &str) -> bool {
    const DESCRIPTIONS: &[&str] =
        &["SYSTEM MANUFACTURER", "SYSTEM PRODUCT NAME", "SYSTEM VERSION", "INVALID", "NOT SET"];
    is_placeholder_identifier(text) || DESCRIPTIONS.contains(&text.trim().to_ascii_uppercase().as_str())
}

fn canonical_uuid(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let dashed = text.bytes().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    (text.len() == 36 && dashed).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_facts() {
        //
        for text in ["To be filled by O.E.M.", "System manufacturer", "System Product Name", "Default string", "0"] {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("X11SSH-F"));
    }

    #[test]
    fn a_uuid_has_one_spelling() {
        let canonical = |text: &str| canonical_uuid(text);
        assert_eq!(
            canonical("8F2C1D4E-5B6A-4C3D-9E8F-001B21AA55CC").as_deref(),
            Some("8f2c1d4e-5b6a-4c3d-9e8f-001b21aa55cc")
        );
        for text in ["", "8f2c1d4e5b6a4c3d9e8f001b21aa55cc", "8f2c1d4e-5b6a-4c3d-9e8f-001b21aa55cg"] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
