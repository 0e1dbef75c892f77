//! The estate at a glance: how it is, what is wrong, and what cannot be seen.
//!
//! The route asks the [`Cache`], which computes an answer at most once a publication from one immutable snapshot. Nothing
//! here reads a store or decides about health: that is the estate's.

mod blindness;
mod cache;
mod fullest;
mod health;

use muster_api::overview::Overview;
use muster_estate::Snapshot;

pub(crate) use cache::Cache;

use crate::inventory::resource::Detail;

/// What stands on the page of a snapshot, for a caller who may see so much.
fn overview(snapshot: &Snapshot, detail: Detail) -> Overview {
    let (worst, worst_total) = health::worst(snapshot);
    Overview {
        revision: snapshot.revision(),
        updated_at: snapshot.updated_at(),
        total: count(snapshot.len()),
        by_status: health::by_status(snapshot.rows().iter().map(|row| row.status)),
        kinds: health::kinds(snapshot),
        systems: health::by_status(snapshot.systems().iter().map(|system| system.status)),
        worst,
        worst_total,
        blindness: blindness::of(snapshot, detail),
        fullest: match detail {
            Detail::Facts => None,
            Detail::Everything => Some(fullest::of(snapshot)),
        },
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
