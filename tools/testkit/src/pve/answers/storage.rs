//! Storages of a node, and what lies in them.

use serde_json::{Value, json};

use super::{Asking, Told, resources::object};
use crate::pve::world::{GuestKind, Storage, StorageKind};

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// `/nodes/{node}/storage`.
pub(super) fn list(asking: &Asking<'_>) -> Told {
    let (place, _) = asking.node()?;
    let row = |storage: &Storage| {
        let is_active = !storage.unreachable.contains(&place);
        let used = if is_active { storage.used(place, asking.now) } else { 0 };
        let total = if is_active { storage.size } else { 0 };
        let mut row = object(json!({
            "storage": storage.name, "type": storage.kind.word(), "content": storage.kind.content(),
            "active": u8::from(is_active), "enabled": 1, "shared": u8::from(storage.kind.is_shared()),
            "total": total, "used": used, "avail": total - used,
        }));
        if is_active {
            #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
            let part = used as f64 / total as f64;
            row.insert("used_fraction".to_owned(), part.into());
        }
        Value::Object(row)
    };
    Ok(asking.storages().map(row).collect())
}

/// `/nodes/{node}/storage/{name}/content`: backups are left out without a word for whoever may not have them.
pub(super) fn content(asking: &Asking<'_>) -> Told {
    let (place, _) = asking.node()?;
    let storage = asking.storage()?;
    if storage.unreachable.contains(&place) {
        return Err(asking.fail(500, &format!("storage '{}' is not online", storage.name)));
    }
    let wanted = asking.asked.parameter("content");
    let is_wanted = |content: &str| wanted.is_none_or(|wanted| wanted == content);
    let mut rows = Vec::new();
    if matches!(storage.kind, StorageKind::Pbs) && is_wanted("backup") {
        rows.extend(backups(asking, storage));
    }
    let path = format!("/storage/{}", storage.name);
    if storage.kind.content().contains("iso") && is_wanted("iso") && asking.may(&path, "Datastore.Audit") {
        let volume = format!("{}:iso/debian-13.1.0-amd64-netinst.iso", storage.name);
        rows.push(
            json!({"volid": volume, "content": "iso", "format": "iso", "size": 821_035_008, "ctime": 1_757_500_000}),
        );
    }
    Ok(Value::Array(rows))
}

/// Two nights of every guest that may be seen and is not left out, and what was made beside them.
fn backups(asking: &Asking<'_>, storage: &Storage) -> Vec<Value> {
    let path = format!("/storage/{}", storage.name);
    let may_all = asking.may(&path, "Datastore.Allocate");
    let may_space = asking.may(&path, "Datastore.AllocateSpace");
    let midnight = asking.now - asking.now.rem_euclid(DAY);
    let mut rows = Vec::new();
    for guest in asking.world.guests.values().filter(|guest| !guest.is_template) {
        let may_own = may_space && asking.may(&format!("/vms/{}", guest.id), "VM.Backup");
        if !may_all && !may_own {
            continue;
        }
        let kind = if guest.kind == GuestKind::Machine { "vm" } else { "ct" };
        let nights = [midnight, midnight - DAY].map(|day| day + 2 * 60 * 60).into_iter().filter(|at| *at <= asking.now);
        let nights = nights.filter(|_| !asking.world.excluded.contains(&guest.id));
        let others = asking.world.backups.iter().filter(|(of, _)| *of == guest.id).map(|(_, at)| *at);
        for night in nights.chain(others) {
            let at = jiff::Timestamp::from_second(night).expect("it is near now").strftime("%Y-%m-%dT%H:%M:%SZ");
            rows.push(json!({
                "volid": format!("{}:backup/{kind}/{}/{at}", storage.name, guest.id),
                "content": "backup",
                "format": format!("pbs-{kind}"),
                "subtype": guest.kind.word(),
                "size": guest.root_size(),
                "ctime": night,
                "vmid": guest.id,
                "notes": guest.name,
                "verification": {"state": "ok", "upid": "UPID:pbs:00000001:00000001:00000001:00000001:verify:main:root@pam:"},
            }));
        }
    }
    rows
}
