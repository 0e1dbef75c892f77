//! How long each resolution is kept, and may be. Configuration, interface and command line take the limits from here.

use std::{fmt, ops::RangeInclusive};

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

    /// How long a resolution may be kept: whole days at least, since what is too old goes in whole days.
    pub fn limits(tier: Tier) -> RangeInclusive<SignedDuration> {
        let most = match tier {
            Tier::Raw | Tier::Minute => 3650,
            Tier::TenMinutes => 7300,
            Tier::Hour => 36_500,
        };
        SignedDuration::from_hours(24)..=SignedDuration::from_hours(24 * most)
    }

    /// Checks limits and order.
    ///
    /// # Errors
    /// Names the finest resolution that is wrong: it is kept too short or too long, or not as long as a finer one.
    pub fn check(&self) -> Result<(), InvalidRetention> {
        let mut finer = None;
        for tier in Tier::ALL {
            let kept = self.of(tier);
            if !Self::limits(tier).contains(&kept) {
                return Err(InvalidRetention::outside(tier));
            }
            if let Some(finer) = finer.filter(|finer| kept < self.of(*finer)) {
                return Err(InvalidRetention { tier, why: Unfit::ShorterThan(finer) });
            }
            finer = Some(tier);
        }
        Ok(())
    }
}

/// A retention that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct InvalidRetention {
    /// Whose.
    pub tier: Tier,
    why: Unfit,
}

impl InvalidRetention {
    /// What to say of a resolution that is outside its limits, or whose length cannot be read at all.
    pub fn outside(tier: Tier) -> Self {
        Self { tier, why: Unfit::Limits(tier) }
    }
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    Limits(Tier),
    ShorterThan(Tier),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limits(tier) => {
                let limits = Retention::limits(*tier);
                let days = |span: &SignedDuration| span.as_hours() / 24;
                write!(f, "must be a span from {}d to {}d, such as 90d", days(limits.start()), days(limits.end()))
            }
            Self::ShorterThan(finer) => {
                write!(f, "must be at least as long as that of {}, which it takes over from", finer.words())
            }
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

    /// What it holds, in words.
    fn words(self) -> &'static str {
        match self {
            Self::Raw => "every sample",
            Self::Minute => "sums by the minute",
            Self::TenMinutes => "sums by ten minutes",
            Self::Hour => "sums by the hour",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_kept_is_named() {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let standard = Retention::default();
        assert_eq!(standard.check(), Ok(()));
        let check = |retention: Retention, tier, said: &str| {
            let error = retention.check().unwrap_err();
            assert_eq!((error.tier, error.to_string().as_str()), (tier, said));
        };
        let said = "must be a span from 1d to 3650d, such as 90d";
        check(Retention { raw: SignedDuration::from_hours(23), ..standard }, Tier::Raw, said);
        check(Retention { minute: days(3651), ..standard }, Tier::Minute, said);
        let said = "must be a span from 1d to 36500d, such as 90d";
        check(Retention { hour: days(36_501), ..standard }, Tier::Hour, said);
        let said = "must be at least as long as that of every sample, which it takes over from";
        check(Retention { raw: days(91), ..standard }, Tier::Minute, said);
        assert_eq!(Retention { raw: days(90), hour: days(36_500), ..standard }.check(), Ok(()));
    }
}
