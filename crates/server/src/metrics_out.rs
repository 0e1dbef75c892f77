//! Metrics for Prometheus and its like: the server's own health, and the estate as it is now (UX-11).
//!
//! The text is written by hand, a piece at a time while it is read. A registry would hold a second copy of the estate with
//! its labels, and could not leave out what is not known just now. Nothing is ever reported as 0 because it is unknown:
//! an unknown value has no sample, and neither has what a silent source said last.

mod estate;
pub(crate) mod family;
mod health;
mod polling;
mod process;
pub(crate) mod requests;
mod text;

use muster_estate::Snapshot;

pub use family::{Family, FamilyKind, families};
pub(crate) use health::Health;
pub(crate) use text::{Exposition, Format};

use crate::feed::Feed;

/// Writes the server's own health and, if there is one, the estate.
pub(crate) fn write(health: &Health, estate: Option<&Snapshot>, format: Format, feed: &mut Feed) {
    let mut text = Exposition::new(format);
    feed.write(|out| health.write(&mut text, out));
    if let Some(snapshot) = estate {
        estate::write(snapshot, &mut text, feed);
    }
    feed.write(|out| text.end(out));
}
