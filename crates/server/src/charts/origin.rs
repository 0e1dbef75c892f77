//! Where the columns of several answers came from.

use muster_api::history::{HistorySource, HistoryTier};
use muster_history::{ManyAnswer, Tier};

use crate::subject;

/// Where columns came from.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin(Option<Found>);

#[derive(Debug, Clone)]
struct Found {
    tier: Tier,
    from_memory: bool,
    in_memory: bool,
    archive_error: Option<String>,
}

impl Origin {
    /// Adds where an answer came from.
    pub(super) fn note(&mut self, answer: &ManyAnswer) {
        let ManyAnswer { tier, from_memory, in_memory, archive_error, .. } = answer;
        let (tier, from_memory, in_memory) = (*tier, *from_memory, *in_memory);
        self.0 = Some(match self.0.take() {
            None => Found { tier, from_memory, in_memory, archive_error: archive_error.clone() },
            Some(found) => Found {
                tier: found.tier.max(tier),
                from_memory: found.from_memory && from_memory,
                in_memory: found.in_memory || in_memory,
                archive_error: found.archive_error.or_else(|| archive_error.clone()),
            },
        });
    }

    /// The coarsest resolution.
    pub(super) fn tier(&self) -> HistoryTier {
        subject::tier(self.0.as_ref().map_or(Tier::Raw, |found| found.tier))
    }

    /// Where they were read. Nothing is read from memory.
    pub(super) fn source(&self) -> HistorySource {
        self.0.as_ref().map_or(HistorySource::Memory, |found| subject::source(found.from_memory, found.in_memory))
    }

    /// Why a store elsewhere did not tell all that it knows.
    pub(super) fn archive_error(&self) -> Option<String> {
        self.0.as_ref()?.archive_error.clone()
    }
}
