//! What a guest's configuration says: pure readers of the platform's property strings. They never fail; what makes no
//! sense is left out. The provider calls them with the flat map that the wire has.

mod container;
mod disk;
mod machine;
mod network;
mod property;
mod size;

use std::collections::BTreeMap;

use jiff::Timestamp;
use muster_model::{AddressWithPrefix, GuestDisk, GuestInterface};

pub(crate) use container::container;
pub(crate) use machine::machine;

/// What is known of a guest by its configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Configured {
    /// Changes with every edit.
    pub(crate) digest: Option<String>,
    /// Whether an agent inside is configured; containers have none.
    pub(crate) agent: Option<bool>,
    /// The platform's word for the operating system, such as `l26`.
    pub(crate) os_type: Option<String>,
    /// The name that a container gives itself.
    pub(crate) hostname: Option<String>,
    /// Whether it starts with its node.
    pub(crate) starts_with_node: Option<bool>,
    /// UUID of the firmware, lower-case with dashes.
    pub(crate) uuid: Option<String>,
    /// When it was made.
    pub(crate) created_at: Option<Timestamp>,
    /// Interfaces in the order of their numbers, with declared addresses.
    pub(crate) interfaces: Vec<GuestInterface>,
    /// Disks in order of their slots; drives without a medium are left out.
    pub(crate) disks: Vec<GuestDisk>,
    /// Whether a container was made from an application image.
    pub(crate) image: bool,
}

/// A flat configuration.
pub(crate) type Entries<'a> = BTreeMap<&'a str, &'a str>;

/// The numbered entries of a kind, such as `net0` and `net11` of `net`, in order of their numbers.
fn numbered<'a>(entries: &Entries<'a>, prefix: &str, below: u32) -> Vec<(u32, &'a str, &'a str)> {
    let number = |key: &str| {
        let digits = key.strip_prefix(prefix)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        digits.parse::<u32>().ok().filter(|number| plain && *number < below)
    };
    let mut found: Vec<_> = entries.iter().filter_map(|(key, value)| Some((number(key)?, *key, *value))).collect();
    found.sort_unstable();
    found
}

/// Whether a switch is on; absent when it says neither.
fn switch(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "on" | "yes" | "true" => Some(true),
        "0" | "off" | "no" | "false" => Some(false),
        _ => None,
    }
}

/// An address that somebody wrote down; words such as `dhcp` are none.
fn address(value: &str) -> Option<AddressWithPrefix> {
    value.parse().ok().filter(crate::rules::guest_addresses::is_reachable)
}
