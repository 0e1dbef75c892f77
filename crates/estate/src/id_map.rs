//! Maps keyed by resource id. An id carries 64 bits of a SHA-256, so hashing it again would be wasted work.
//!
//! Used by the registry and the published index; refuses to be a general hasher: it is good only for keys that are
//! already spread evenly.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
};

use muster_model::ResourceId;

/// A map keyed by resource id.
pub(crate) type IdMap<V> = HashMap<ResourceId, V, BuildHasherDefault<DigestHasher>>;

/// A set of resource ids.
pub(crate) type IdSet = HashSet<ResourceId, BuildHasherDefault<DigestHasher>>;

/// Takes the digest that an id carries as its hash, with the kind mixed in.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = self.0.rotate_left(17) ^ digest;
    }

    fn write_isize(&mut self, discriminant: isize) {
        self.0 ^= discriminant.unsigned_abs() as u64;
    }
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn ids_of_one_digest_and_different_kind_stay_apart() {
        let ids: Vec<_> = ResourceKind::ALL.iter().map(|kind| ResourceId::mint(*kind, "same")).collect();
        let map: IdMap<usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        assert_eq!(map.len(), ids.len());
        assert!(ids.iter().enumerate().all(|(at, id)| map[id] == at));
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    }
}
