//! Why the use of a virtual machine's disks is unknown, by what came of asking the agent inside.

use muster_model::DiskStatus;

/// A call that failed, as the platform put it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CallFailure {
    /// Status of the answer; absent when there was none.
    pub(crate) status: Option<u16>,
    /// Whether nobody answered in time.
    pub(crate) timed_out: bool,
    /// The platform's own words.
    pub(crate) text: String,
}

impl CallFailure {
    /// Whether the words contain one of these, in any case.
    pub(crate) fn says(&self, phrases: &[&str]) -> bool {
        let text = self.text.to_ascii_lowercase();
        phrases.iter().any(|phrase| text.contains(phrase))
    }
}

/// The reason that a failed call stands for.
pub(crate) fn of_failure(failure: &CallFailure) -> DiskStatus {
    if failure.says(&["agent is not running", "agent not running", "no qemu guest agent"]) {
        return DiskStatus::AgentNotRunning;
    }
    if failure.timed_out || failure.says(&["timeout", "timed out", "deadline exceeded"]) {
        return DiskStatus::AgentTimeout;
    }
    match failure.status {
        Some(500) => DiskStatus::AgentNotRunning,
        Some(403) => DiskStatus::PermissionDenied,
        Some(401) if failure.says(&["permission", "forbidden", "not allowed"]) => DiskStatus::PermissionDenied,
        Some(_) | None => DiskStatus::AgentError,
    }
}

/// What keeps the agent from being asked at all; absent when it can be.
pub(crate) fn before_asking(running: bool, configured: Option<bool>, status: Option<bool>) -> Option<DiskStatus> {
    match (running, configured, status) {
        (false, _, _) => Some(DiskStatus::VmStopped),
        (true, Some(false), _) => Some(DiskStatus::NoAgent),
        (true, _, Some(false)) => Some(DiskStatus::AgentDisabled),
        (true, Some(true), _) | (true, None, Some(true)) => None,
        (true, None, None) => Some(DiskStatus::NoStatus),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_codes_stand_for_reasons() {
        // R-77, in the order of its checks
        let check = |status: Option<u16>, text: &str, expected| {
            let failure = CallFailure { status, timed_out: false, text: text.into() };
            assert_eq!(of_failure(&failure), expected, "{text}");
        };
        check(Some(500), "QEMU guest agent is not running", DiskStatus::AgentNotRunning);
        check(Some(500), "No QEMU guest agent configured", DiskStatus::AgentNotRunning);
        check(Some(500), "VM 100 qga command 'guest-get-fsinfo' failed - got timeout", DiskStatus::AgentTimeout);
        check(None, "context deadline exceeded", DiskStatus::AgentTimeout);
        check(Some(500), "anything else", DiskStatus::AgentNotRunning);
        check(Some(403), "Permission check failed (/vms/100, VM.Monitor)", DiskStatus::PermissionDenied);
        check(Some(401), "permission denied", DiskStatus::PermissionDenied);
        check(Some(401), "no ticket", DiskStatus::AgentError);
        check(Some(596), "", DiskStatus::AgentError);
        check(None, "connection reset", DiskStatus::AgentError);
    }

    #[test]
    fn no_answer_is_a_timeout_whatever_is_said() {
        //
        let failure = CallFailure { status: None, timed_out: true, text: String::new() };
        assert_eq!(of_failure(&failure), DiskStatus::AgentTimeout);
    }

    #[test]
    fn an_agent_is_not_always_asked() {
        //
        assert_eq!(before_asking(false, Some(true), Some(true)), Some(DiskStatus::VmStopped));
        assert_eq!(before_asking(true, Some(false), None), Some(DiskStatus::NoAgent));
        assert_eq!(before_asking(true, Some(true), Some(false)), Some(DiskStatus::AgentDisabled));
        assert_eq!(before_asking(true, None, None), Some(DiskStatus::NoStatus));
        assert_eq!(before_asking(true, Some(true), None), None);
        assert_eq!(before_asking(true, None, Some(true)), None);
    }
}
