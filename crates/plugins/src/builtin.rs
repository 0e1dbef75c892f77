//! The plugins that are there from the start (CC-2, CC-3): documents like any other, read by the same code.

use crate::Plugin;

/// File name and text of each.
const DOCUMENTS: &[(&str, &str)] = &[
    ("computers.json", include_str!("../builtin/computers.json")),
    ("network-devices.json", include_str!("../builtin/network-devices.json")),
    ("printers.json", include_str!("../builtin/printers.json")),
];

/// Reads and compiles them, by name.
pub(crate) fn plugins() -> impl Iterator<Item = Plugin> {
    DOCUMENTS.iter().map(|(_, text)| Plugin::parse(text.as_bytes()).expect("built-in plugins are without fault"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_under_its_own_name() {
        // CC-2
        for ((file, _), plugin) in DOCUMENTS.iter().zip(plugins()) {
            assert_eq!(*file, format!("{}.json", plugin.document().name));
            assert!(plugin.document().example.is_some() && plugin.document().description.is_some(), "{file}");
        }
    }
}
