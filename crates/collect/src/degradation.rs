//! What is wrong with a connection in one word, and when that is worth a line in the log: when it begins, when it
//! becomes something else, when it ends; never with each look.

use std::collections::BTreeSet;

use muster_model::IssueClass;

use crate::FailureCategory;

/// What is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Degradation {
    /// Nothing, or nothing is known yet.
    #[default]
    None,
    /// Parts cannot be read, for these reasons.
    Partial(BTreeSet<IssueClass>),
    /// Nothing can be read.
    Failing(FailureCategory),
}

/// What to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// It begins.
    Begins,
    /// It is something else now.
    Changes,
    /// It is over.
    Ends,
}

impl Degradation {
    /// What to say when this comes after `before`; usually nothing.
    pub(crate) fn notice(&self, before: &Self) -> Option<Notice> {
        match (before, self) {
            (before, now) if before == now => None,
            (_, Self::None) => Some(Notice::Ends),
            (Self::None, Self::Partial(_) | Self::Failing(_)) => Some(Notice::Begins),
            (Self::Partial(_) | Self::Failing(_), Self::Partial(_) | Self::Failing(_)) => Some(Notice::Changes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_told() {
        let failing = Degradation::Failing;
        let partial = |classes: &[IssueClass]| Degradation::Partial(classes.iter().copied().collect());
        let check = |before: &Degradation, now: Degradation, expected| {
            assert_eq!(now.notice(before), expected, "{before:?} to {now:?}");
        };
        let unreachable = failing(FailureCategory::Unreachable);
        check(&Degradation::None, Degradation::None, None);
        check(&Degradation::None, unreachable.clone(), Some(Notice::Begins));
        check(&unreachable, unreachable.clone(), None);
        check(&unreachable, failing(FailureCategory::Unauthorised), Some(Notice::Changes));
        check(&unreachable, partial(&[IssueClass::TimedOut]), Some(Notice::Changes));
        check(&partial(&[IssueClass::TimedOut]), partial(&[IssueClass::TimedOut]), None);
        check(&partial(&[IssueClass::TimedOut]), partial(&[IssueClass::PermissionDenied]), Some(Notice::Changes));
        check(&partial(&[IssueClass::TimedOut]), Degradation::None, Some(Notice::Ends));
    }
}
