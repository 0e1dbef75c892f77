//! Everything by which a resource can be found: what the search and the text filter of lists look through.

use muster_api::search::SearchField;
use muster_estate::{Row, Snapshot};

use crate::problem::ApiError;

/// The longest text that is searched for, in characters.
const TEXT_CHARACTERS: usize = 200;

/// Refuses a text that is too long to search for.
pub(crate) fn check_length(text: &str) -> Result<(), ApiError> {
    if text.chars().count() > TEXT_CHARACTERS {
        return Err(ApiError::query("q", format!("use at most {TEXT_CHARACTERS} characters")));
    }
    Ok(())
}

/// Hands every text by which a row can be found to `see`, what people use most first. Ends early once `see` says so.
pub(crate) fn any(row: &Row, mut see: impl FnMut(SearchField, &str) -> bool) -> bool {
    use SearchField as F;
    let identity = &row.identity;
    let hardware = [&identity.wwn, &identity.machine_id, &identity.dmi_uuid];
    see(F::Name, &row.display_name)
        || see(F::Name, &row.name)
        || row.hostname.iter().any(|name| see(F::Hostname, name))
        || identity.hostnames.iter().any(|name| see(F::Hostname, name))
        || identity.ip_addresses.iter().any(|address| see(F::Address, &address.to_string()))
        || identity.mac_addresses.iter().any(|mac| see(F::Mac, &mac.to_string()))
        || identity.serial.iter().any(|serial| see(F::Serial, serial))
        || row.tags.iter().any(|tag| see(F::Tag, tag))
        || see(F::PlatformId, &row.platform_id)
        || row.sources.iter().any(|part| see(F::PlatformId, part.key.as_str()))
        || hardware.into_iter().flatten().any(|id| see(F::HardwareId, id))
        || see(F::Id, &row.id.to_string())
}

/// What a row belongs to.
pub(crate) fn parent<'a>(snapshot: &'a Snapshot, row: &Row) -> Option<&'a Row> {
    snapshot.get(row.parent?).map(|parent| &**parent)
}

/// Whether a text contains another that is in lower case. Without allocating for the plain ASCII that nearly all are.
pub(crate) fn contains_lower(value: &str, lower: &str) -> bool {
    if !value.is_ascii() {
        return value.to_lowercase().contains(lower);
    }
    let (value, lower) = (value.as_bytes(), lower.as_bytes());
    value.windows(lower.len().max(1)).any(|window| window.eq_ignore_ascii_case(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_in_any_case() {
        assert!(contains_lower("NAS-01", "nas"));
        assert!(contains_lower("Größe", "größe"));
        assert!(!contains_lower("na", "nas"));
        assert!(!contains_lower("", "nas"));
    }
}
