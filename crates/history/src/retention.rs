//! How long each resolution is kept.

use jiff::SignedDuration;

use crate::query::Tier;

/// How far back each resolution is kept. A coarser one is kept at least as long as a finer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Every sample.
    pub raw: SignedDuration,
    /// Buckets of a minute.
    pub minute: SignedDuration,
    /// Buckets of ten minutes.
    pub ten_minutes: SignedDuration,
    /// Buckets of an hour.
    pub hour: SignedDuration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        Self { raw: days(7), minute: days(90), ten_minutes: days(2 * 365), hour: days(10 * 365) }
    }
}

impl Retention {
    /// How far back one resolution is kept.
    pub fn of(&self, tier: Tier) -> SignedDuration {
        match tier {
            Tier::Raw => self.raw,
            Tier::Minute => self.minute,
            Tier::TenMinutes => self.ten_minutes,
            Tier::Hour => self.hour,
        }
    }
}

impl Tier {
    /// Every tier, finest first.
    pub const ALL: [Self; 4] = [Self::Raw, Self::Minute, Self::TenMinutes, Self::Hour];

    /// How much time one of its buckets covers; `None` where every sample is kept.
    pub fn width(self) -> Option<SignedDuration> {
        match self {
            Self::Raw => None,
            Self::Minute => Some(SignedDuration::from_mins(1)),
            Self::TenMinutes => Some(SignedDuration::from_mins(10)),
            Self::Hour => Some(SignedDuration::from_hours(1)),
        }
    }
}
