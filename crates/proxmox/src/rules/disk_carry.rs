//! Carries the use of a guest's disks over one failure of the agent inside. Once: what was carried is never
//! carried again.

use jiff::{SignedDuration, Timestamp};
use muster_model::DiskStatus;

/// How old evidence of an agent may be.
const EVIDENCE_AGE: SignedDuration = SignedDuration::from_mins(10);

/// Use of all disks of a guest, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DiskUse {
    pub(crate) total: u64,
    pub(crate) used: u64,
}

impl DiskUse {
    /// Use in percent.
    pub(crate) fn percent(self) -> Option<f64> {
        (self.total > 0).then(|| self.used.min(self.total) as f64 * 100.0 / self.total as f64)
    }

    fn is_sane(self) -> bool {
        self.total > 0 && self.used <= self.total
    }
}

/// What is known of a guest's disks at a moment: their use, or why not, or both when it was carried over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct GuestDisks {
    pub(crate) usage: Option<DiskUse>,
    /// Absent where the agent told it just now.
    pub(crate) status: Option<DiskStatus>,
}

/// What a guest was like at the look before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PreviousDisks {
    pub(crate) disks: GuestDisks,
    pub(crate) seen_at: Timestamp,
    /// Whether anything is known that only an agent can have told.
    pub(crate) metadata_known: bool,
}

/// The disks to show: what was found, or the value before together with why it is that.
pub(crate) fn carry(current: GuestDisks, previous: Option<&PreviousDisks>, now: Timestamp) -> GuestDisks {
    let carried = || {
        let previous = previous.filter(|previous| has_evidence(previous, now))?;
        let usage = previous.disks.usage.filter(|usage| usage.is_sane())?;
        let allowed = current.usage.is_none() && !previous.disks.status.is_some_and(is_carried);
        let status = carried_as(current.status?).filter(|_| allowed)?;
        Some(GuestDisks { usage: Some(usage), status: Some(status) })
    };
    carried().unwrap_or(current)
}

/// Whether an agent spoke recently. What the status was called then does not matter.
pub(crate) fn has_evidence(previous: &PreviousDisks, now: Timestamp) -> bool {
    let own_disks = previous.disks.usage.is_some() && !previous.disks.status.is_some_and(is_carried);
    now.duration_since(previous.seen_at) <= EVIDENCE_AGE && (previous.metadata_known || own_disks)
}

/// What a reason is called once a value was carried over it; absent for reasons that nothing is carried over.
fn carried_as(status: DiskStatus) -> Option<DiskStatus> {
    use DiskStatus as D;
    match status {
        D::VmStopped | D::AgentDisabled | D::NoAgent => None,
        D::NoStatus => Some(D::PrevNoStatus),
        D::AgentNotRunning => Some(D::PrevAgentNotRunning),
        D::AgentTimeout => Some(D::PrevAgentTimeout),
        D::PermissionDenied => Some(D::PrevPermissionDenied),
        D::AgentError => Some(D::PrevAgentError),
        D::NoFilesystems => Some(D::PrevNoFilesystems),
        D::SpecialFilesystemsOnly => Some(D::PrevSpecialFilesystemsOnly),
        D::PrevNoStatus
        | D::PrevAgentNotRunning
        | D::PrevAgentTimeout
        | D::PrevPermissionDenied
        | D::PrevAgentError
        | D::PrevNoFilesystems
        | D::PrevSpecialFilesystemsOnly => None,
    }
}

fn is_carried(status: DiskStatus) -> bool {
    <&str>::from(status).starts_with("prev-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const USE: DiskUse = DiskUse { total: 100, used: 40 };

    #[test]
    fn one_failure_is_bridged_and_the_second_is_not() {
        //
        let first = carry(failed(DiskStatus::AgentTimeout), Some(&previous(Some(USE), None)), at(60));
        assert_eq!(first, GuestDisks { usage: Some(USE), status: Some(DiskStatus::PrevAgentTimeout) });
        let before = PreviousDisks { disks: first, seen_at: at(60), metadata_known: true };
        let second = carry(failed(DiskStatus::AgentTimeout), Some(&before), at(120));
        assert_eq!(second, failed(DiskStatus::AgentTimeout));
    }

    #[test]
    fn some_reasons_are_the_truth() {
        //
        for status in [DiskStatus::VmStopped, DiskStatus::AgentDisabled, DiskStatus::NoAgent] {
            assert_eq!(carry(failed(status), Some(&previous(Some(USE), None)), at(60)), failed(status));
        }
    }

    #[test]
    fn every_other_reason_has_a_name_once_carried() {
        // `prev-<reason>`
        use DiskStatus as D;
        let reasons = [
            D::NoStatus,
            D::AgentNotRunning,
            D::AgentTimeout,
            D::PermissionDenied,
            D::AgentError,
            D::NoFilesystems,
            D::SpecialFilesystemsOnly,
        ];
        for status in reasons {
            let carried = carry(failed(status), Some(&previous(Some(USE), None)), at(60)).status.unwrap();
            assert_eq!(<&str>::from(carried), format!("prev-{}", <&str>::from(status)));
        }
    }

    #[test]
    fn values_that_make_no_sense_are_not_carried() {
        //
        for usage in [DiskUse { total: 0, used: 0 }, DiskUse { total: 10, used: 11 }] {
            let shown = carry(failed(DiskStatus::AgentError), Some(&previous(Some(usage), None)), at(60));
            assert_eq!(shown.usage, None);
        }
        let told = GuestDisks { usage: Some(DiskUse { total: 100, used: 70 }), status: None };
        assert_eq!(carry(told, Some(&previous(Some(USE), None)), at(60)), told);
    }

    #[test]
    fn evidence_is_good_for_ten_minutes() {
        //
        let known = PreviousDisks { disks: GuestDisks::default(), seen_at: at(0), metadata_known: true };
        assert!(has_evidence(&known, at(540)));
        assert!(!has_evidence(&known, at(660)));
        let silent = PreviousDisks { metadata_known: false, ..known };
        assert!(!has_evidence(&silent, at(1)));
        let carried = GuestDisks { usage: Some(USE), status: Some(DiskStatus::PrevAgentTimeout) };
        assert!(!has_evidence(&PreviousDisks { disks: carried, ..silent }, at(1)));
        let told = GuestDisks { usage: Some(USE), status: None };
        assert!(has_evidence(&PreviousDisks { disks: told, ..silent }, at(1)));
    }

    fn failed(status: DiskStatus) -> GuestDisks {
        GuestDisks { usage: None, status: Some(status) }
    }

    fn previous(usage: Option<DiskUse>, status: Option<DiskStatus>) -> PreviousDisks {
        PreviousDisks { disks: GuestDisks { usage, status }, seen_at: at(0), metadata_known: true }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}
