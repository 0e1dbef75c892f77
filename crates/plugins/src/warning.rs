//! What was taken, and may still not be what the sender meant (CC-7).

use std::fmt;

use jiff::SignedDuration;

/// Warnings that one answer carries.
const MOST_WARNINGS: usize = 100;

/// One warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A field that the plugin does not declare; it was passed over.
    UnknownField {
        /// JSON pointer into the submission.
        pointer: String,
        /// The declared field that was probably meant.
        did_you_mean: Option<String>,
    },
    /// A time that has not come yet: the clock there, or the one here, is wrong.
    FutureTime {
        /// JSON pointer into the submission.
        pointer: String,
        /// How far ahead of this server's clock.
        ahead: SignedDuration,
    },
    /// A text that is longer than what is kept of it.
    Truncated {
        /// JSON pointer into the submission.
        pointer: String,
        /// Characters that were kept.
        kept: usize,
    },
    /// A secondary identity that another asset has as well. Told by whoever knows the other assets.
    SecondaryIdentityElsewhere {
        /// JSON pointer into the submission.
        pointer: String,
        /// Identity of the other asset.
        other: String,
    },
    /// There are more warnings than an answer carries.
    More(usize),
}

impl Warning {
    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownField { .. } => "unknown_field",
            Self::FutureTime { .. } => "clock_skew",
            Self::Truncated { .. } => "truncated",
            Self::SecondaryIdentityElsewhere { .. } => "secondary_identity",
            Self::More(_) => "more",
        }
    }

    /// JSON pointer into the submission; the whole of it for [`Warning::More`].
    pub fn pointer(&self) -> &str {
        match self {
            Self::UnknownField { pointer, .. }
            | Self::FutureTime { pointer, .. }
            | Self::Truncated { pointer, .. }
            | Self::SecondaryIdentityElsewhere { pointer, .. } => pointer,
            Self::More(_) => "",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField { pointer, did_you_mean: None } => {
                write!(f, "{pointer} is not declared by the plugin and was passed over")
            }
            Self::UnknownField { pointer, did_you_mean: Some(meant) } => {
                write!(f, "{pointer} is not declared by the plugin and was passed over; did you mean `{meant}`?")
            }
            Self::FutureTime { pointer, ahead } => {
                write!(f, "{pointer} is {} s in the future; check the clocks", ahead.as_secs())
            }
            Self::Truncated { pointer, kept } => write!(f, "{pointer} is long; its first {kept} characters were kept"),
            Self::SecondaryIdentityElsewhere { pointer, other } => {
                write!(f, "{pointer} is also that of `{other}`; one of the two may have been replaced or renamed")
            }
            Self::More(count) => write!(f, "{count} more warnings are not listed"),
        }
    }
}

/// By pointer, and no more than an answer carries.
pub(crate) fn bounded(mut warnings: Vec<Warning>) -> Vec<Warning> {
    warnings.sort_by(|one, other| one.pointer().cmp(other.pointer()).then(one.code().cmp(other.code())));
    let surplus = warnings.len().saturating_sub(MOST_WARNINGS);
    if surplus > 0 {
        warnings.truncate(MOST_WARNINGS);
        warnings.push(Warning::More(surplus));
    }
    warnings
}
