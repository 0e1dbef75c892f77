//! How two words about the same fact are compared when one of them may be "nobody knows".

use std::collections::BTreeSet;

use muster_model::{PoolState, ReplicationState, SmartHealth, Virtualisation};

/// A fact that may be unknown.
pub(super) trait Unknowable: Clone {
    /// Whether it says nothing.
    fn is_unknown(&self) -> bool;
}

/// Lets whoever knows nothing of a fact take over what the other one knows.
pub(super) fn learn<T: Unknowable>(was: &mut T, is: &mut T) {
    if is.is_unknown() {
        is.clone_from(was);
    } else if was.is_unknown() {
        was.clone_from(is);
    }
}

/// The same of lists of which one may be a part of the other: then whoever knows less takes over the rest.
pub(super) fn learn_more<T: Clone>(was: &mut T, is: &mut T, is_part: impl Fn(&T, &T) -> bool) {
    if is_part(is, was) {
        is.clone_from(was);
    } else if is_part(was, is) {
        was.clone_from(is);
    }
}

/// Leaves a fact out of the comparison: it says how something was found out, or moves by itself.
pub(super) fn ignore<T: Clone>(was: &mut T, is: &T) {
    was.clone_from(is);
}

impl<T: Clone> Unknowable for Option<T> {
    fn is_unknown(&self) -> bool {
        self.is_none()
    }
}

impl<T: Clone> Unknowable for Vec<T> {
    fn is_unknown(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Clone> Unknowable for BTreeSet<T> {
    fn is_unknown(&self) -> bool {
        self.is_empty()
    }
}

impl Unknowable for String {
    fn is_unknown(&self) -> bool {
        self.is_empty()
    }
}

impl Unknowable for SmartHealth {
    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

impl Unknowable for PoolState {
    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

impl Unknowable for Virtualisation {
    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

impl Unknowable for ReplicationState {
    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}
