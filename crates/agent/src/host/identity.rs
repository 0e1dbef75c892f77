//! The machine id: one per installation, cloned with it.

use crate::read::Files;

/// The machine id, lower-case; none when it is missing, not yet written, or no id at all.
pub(crate) fn machine_id(files: &Files<'_>) -> Option<String> {
    ["etc/machine-id", "var/lib/dbus/machine-id"]
        .into_iter()
        .find_map(|path| files.attribute(&files.roots.file(path)).and_then(|text| valid(&text)))
}

fn valid(text: &str) -> Option<String> {
    let id = text.to_ascii_lowercase();
    let hexadecimal = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let blank = id.bytes().all(|byte| byte == b'0');
    (hexadecimal && !blank).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_real_id_identifies() {
        assert_eq!(valid("34CAA21E9C574287A53D415E31E72342").as_deref(), Some("34caa21e9c574287a53d415e31e72342"));
        for text in ["", "uninitialized", "00000000000000000000000000000000", "34caa21e"] {
            assert_eq!(valid(text), None, "{text}");
        }
    }
}
