//! Backups that lie in a storage: whose each is, and the newest of each guest.

use std::collections::HashMap;

use jiff::Timestamp;
use muster_model::{BackupCopy, BackupVerification, ResourceKind};

use crate::wire::backup::BackupRow;

/// A guest: its kind and number.
pub(crate) type Owner = (ResourceKind, u32);

/// What a backup server says of the size of a backup that is still being made.
const UNKNOWN_SIZE: u64 = 1;

/// The backups of one storage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Copies {
    by_guest: HashMap<Owner, OfGuest>,
    pub(crate) count: u32,
    pub(crate) newest_at: Option<Timestamp>,
    pub(crate) failed_verifications: u32,
}

/// The backups of one guest in one storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfGuest {
    pub(crate) count: u32,
    pub(crate) newest: BackupCopy,
    /// When they were taken, as far as that is known.
    taken: Vec<Timestamp>,
}

impl OfGuest {
    /// How many are of the guest that was made then. What is older is of another guest that had its number before.
    pub(crate) fn count_since(&self, created: Option<Timestamp>) -> u32 {
        let older = self.taken.iter().filter(|taken| created.is_some_and(|created| **taken < created)).count();
        self.count.saturating_sub(u32::try_from(older).unwrap_or(u32::MAX))
    }

    /// The newest one, where it is of the guest that was made then.
    pub(crate) fn newest_since(&self, created: Option<Timestamp>) -> Option<&BackupCopy> {
        let is_older = self.newest.taken_at.zip(created).is_some_and(|(taken, created)| taken < created);
        (!is_older).then_some(&self.newest)
    }
}

impl Copies {
    /// The backups of a list. What is no guest's is counted and nobody's.
    pub(crate) fn of(storage: &str, rows: &[BackupRow]) -> Self {
        let mut copies = Self::default();
        for row in rows {
            copies.count = copies.count.saturating_add(1);
            copies.newest_at = copies.newest_at.max(row.ctime);
            let copy = copy(storage, row);
            copies.failed_verifications += u32::from(copy.verification == BackupVerification::Failed);
            if let Some(guest) = guest(row) {
                copies.add(guest, copy);
            }
        }
        copies
    }

    /// What it holds of a guest.
    pub(crate) fn guest(&self, guest: Owner) -> Option<&OfGuest> {
        self.by_guest.get(&guest)
    }

    /// Of how many guests it holds any.
    pub(crate) fn guests(&self) -> u32 {
        u32::try_from(self.by_guest.len()).unwrap_or(u32::MAX)
    }

    fn add(&mut self, guest: Owner, copy: BackupCopy) {
        let taken = copy.taken_at;
        match self.by_guest.get_mut(&guest) {
            Some(known) => {
                known.taken.extend(taken);
                known.count = known.count.saturating_add(1);
                if copy.taken_at >= known.newest.taken_at {
                    known.newest = copy;
                }
            }
            None => {
                self.by_guest.insert(guest, OfGuest { count: 1, newest: copy, taken: taken.into_iter().collect() });
            }
        }
    }
}

fn copy(storage: &str, row: &BackupRow) -> BackupCopy {
    let verified = row.verification.as_ref().and_then(|verification| verification.state.as_deref());
    BackupCopy {
        storage: storage.to_owned(),
        volume: row.volid.to_string(),
        taken_at: row.ctime,
        size_bytes: row.size.filter(|size| *size > UNKNOWN_SIZE),
        verification: match verified {
            Some("ok") => BackupVerification::Ok,
            Some("failed") => BackupVerification::Failed,
            Some(_) | None => BackupVerification::None,
        },
        protected: row.protected == Some(true),
        encrypted: row.encrypted.as_deref().is_some_and(|key| !matches!(key, "" | "0")),
    }
}

/// Whose it is; older versions tell it only by the name: `local:backup/vzdump-qemu-100-2024_01_31-02_00_05.vma.zst`.
fn guest(row: &BackupRow) -> Option<Owner> {
    let name = row.volid.rsplit('/').next().unwrap_or_default();
    let mut parts = name.strip_prefix("vzdump-").unwrap_or_default().split('-');
    let (named_kind, named_id) = (parts.next(), parts.next().and_then(|id| id.parse().ok()));
    let word = row.subtype.as_deref().or(row.format.as_deref().filter(|format| format.starts_with("pbs-")));
    let kind = match word.or(named_kind)? {
        "qemu" | "pbs-vm" => ResourceKind::Vm,
        "lxc" | "pbs-ct" => ResourceKind::SystemContainer,
        _ => return None,
    };
    Some((kind, row.vmid.or(named_id)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_each_guest_is_found() {
        let copies = read(
            r#"[{"volid":"pbs:backup/vm/103/a","subtype":"qemu","vmid":"103","ctime":200,"size":5000},
                {"volid":"pbs:backup/vm/103/b","format":"pbs-vm","vmid":103,"ctime":100,"protected":1,
                 "verification":{"state":"failed"}},
                {"volid":"pbs:backup/ct/105/c","subtype":"lxc","vmid":105,"ctime":300,"size":1,"encrypted":"1"}]"#,
        );
        let machine = copies.guest(qemu(103)).unwrap();
        assert_eq!((machine.count, machine.newest.volume.as_str()), (2, "pbs:backup/vm/103/a"));
        assert_eq!((machine.newest.size_bytes, machine.newest.protected), (Some(5000), false));
        let container = &copies.guest((ResourceKind::SystemContainer, 105)).unwrap().newest;
        assert_eq!((container.size_bytes, container.encrypted), (None, true), "1 is no size");
        assert_eq!((copies.count, copies.guests(), copies.failed_verifications), (3, 2, 1));
        assert_eq!(copies.newest_at.map(Timestamp::as_second), Some(300));
    }

    #[test]
    fn copies_from_before_a_guest_was_made_are_not_its_own() {
        let copies = read(
            r#"[{"volid":"pbs:backup/vm/103/a","subtype":"qemu","vmid":103,"ctime":200},
                {"volid":"pbs:backup/vm/103/b","subtype":"qemu","vmid":103,"ctime":100}]"#,
        );
        let machine = copies.guest(qemu(103)).unwrap();
        let since = |second: i64| {
            let created = Timestamp::from_second(second).ok();
            (machine.count_since(created), machine.newest_since(created).is_some())
        };
        assert_eq!((since(100), since(150), since(201)), ((2, true), (1, true), (0, false)));
        assert_eq!(machine.count_since(None), 2);
    }

    #[test]
    fn older_versions_name_the_guest_in_the_volume_only() {
        let copies = read(r#"[{"volid":"local:backup/vzdump-qemu-100-2023_08_28-12_00_00.vma.zst","ctime":5}]"#);
        assert_eq!(copies.guest(qemu(100)).unwrap().count, 1);
    }

    #[test]
    fn what_is_nobodys_is_only_counted() {
        let copies =
            read(r#"[{"volid":"pbs:backup/host/nas/x","format":"pbs-host"},{"volid":"local:backup/notes.txt"}]"#);
        assert_eq!((copies.count, copies.guests()), (2, 0));
    }

    fn qemu(vmid: u32) -> Owner {
        (ResourceKind::Vm, vmid)
    }

    fn read(rows: &str) -> Copies {
        Copies::of("pbs", &serde_json::from_str::<Vec<BackupRow>>(rows).unwrap())
    }
}
