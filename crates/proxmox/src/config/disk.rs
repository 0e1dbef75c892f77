//! Disks: `<storage>:<volume>,size=32G,…`, or an absolute path of the node.

use muster_model::GuestDisk;

use super::{property::Properties, size};

/// The disk behind an entry; absent for drives of removable media and empty ones.
pub(super) fn disk(slot: &str, value: &str) -> Option<GuestDisk> {
    let properties = Properties::of(value);
    if properties.get("media") == Some("cdrom") {
        return None;
    }
    let volume = properties.first.or_else(|| properties.get("file")).or_else(|| properties.get("volume"))?;
    let (storage, volume) = if volume == "none" {
        return None;
    } else if volume.starts_with('/') {
        (None, volume)
    } else {
        let (storage, volume) = volume.split_once(':')?;
        (Some(storage.to_owned()), volume)
    };
    let size_bytes = properties.get("size").and_then(size::bytes).filter(|size| *size > 0);
    Some(GuestDisk { slot: slot.to_owned(), storage, volume: Some(volume.to_owned()), size_bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_has_a_storage_and_a_size() {
        let found = disk("scsi0", "local-zfs:vm-101-disk-0,discard=on,iothread=1,size=32G,ssd=1").unwrap();
        assert_eq!((found.storage.as_deref(), found.volume.as_deref()), (Some("local-zfs"), Some("vm-101-disk-0")));
        assert_eq!(found.size_bytes, Some(32 << 30));
    }

    #[test]
    fn a_path_of_the_node_has_no_storage() {
        let found = disk("scsi1", "/dev/disk/by-id/ata-X,size=4T").unwrap();
        assert_eq!((found.storage, found.size_bytes), (None, Some(4 << 40)));
    }

    #[test]
    fn drives_of_removable_media_are_no_disks() {
        for value in ["none,media=cdrom", "local:iso/debian.iso,media=cdrom", "none", "", "nonsense"] {
            assert_eq!(disk("ide2", value), None, "{value}");
        }
    }

    #[test]
    fn the_volume_may_have_a_key() {
        assert_eq!(disk("scsi0", "file=local:vm-1,size=1G").unwrap().storage.as_deref(), Some("local"));
    }
}
