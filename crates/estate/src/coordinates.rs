//! White space is never identity: trims what sources say before it is compared, minted from or shown.
//!
//! Source ids and native keys trim themselves; this module cares for the free texts of an identity.

use std::borrow::Cow;

use muster_model::Identity;

/// The identity without outer white space; copied only when there is any.
pub(crate) fn trimmed(identity: &Identity) -> Cow<'_, Identity> {
    let texts = [
        &identity.enrolment_key,
        &identity.machine_id,
        &identity.dmi_uuid,
        &identity.serial,
        &identity.wwn,
        &identity.cluster_name,
        &identity.platform_key,
    ];
    let clean = texts.into_iter().flatten().chain(&identity.hostnames).all(|text| is_clean(text));
    if clean { Cow::Borrowed(identity) } else { Cow::Owned(trim_all(identity)) }
}

fn trim_all(identity: &Identity) -> Identity {
    let Identity {
        enrolment_key,
        machine_id,
        dmi_uuid,
        serial,
        wwn,
        cluster_name,
        platform_key,
        hostnames,
        ip_addresses,
        mac_addresses,
    } = identity;
    Identity {
        enrolment_key: trim(enrolment_key.as_ref()),
        machine_id: trim(machine_id.as_ref()),
        dmi_uuid: trim(dmi_uuid.as_ref()),
        serial: trim(serial.as_ref()),
        wwn: trim(wwn.as_ref()),
        cluster_name: trim(cluster_name.as_ref()),
        platform_key: trim(platform_key.as_ref()),
        hostnames: hostnames.iter().filter_map(|name| trim(Some(name))).collect(),
        ip_addresses: ip_addresses.clone(),
        mac_addresses: mac_addresses.clone(),
    }
}

/// A text that is nothing but white space says nothing.
fn trim(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn is_clean(text: &str) -> bool {
    !text.is_empty() && text.trim().len() == text.len()
}
