//! Reads one file and says, when it cannot, what that means: for a sample, a reason to be unknown; for a report, an
//! issue. Every section reads through here.

use std::{
    io,
    path::{Path, PathBuf},
};

use muster_model::{Issue, IssueClass, UnknownReason};

use crate::{config::Roots, kernel::Kernel, words};

/// The machine's files.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    pub(crate) roots: &'a Roots,
    pub(crate) kernel: &'a dyn Kernel,
}

impl Files<'_> {
    /// The content of a file.
    pub(crate) fn bytes(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        self.kernel.read(path).map_err(|cause| ReadError::Io { path: path.to_owned(), cause })
    }

    /// The content of an attribute: one short text without outer white space; nothing where there is none to read.
    pub(crate) fn attribute(&self, path: &Path) -> Option<String> {
        let content = self.kernel.read(path).ok()?;
        Some(words::lossy(&content)).filter(|text| !text.is_empty())
    }

    /// Whether a device is suspended. To ask a sleeping disk for anything wakes it.
    pub(crate) fn sleeps(&self, device: &Path) -> bool {
        self.attribute(&device.join("power/runtime_status")).is_some_and(|status| status == "suspended")
    }

    /// An attribute that is a number.
    pub(crate) fn number<T: std::str::FromStr>(&self, path: &Path) -> Option<T> {
        words::number(self.kernel.read(path).ok()?.trim_ascii())
    }
}

/// Why a file told nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// It could not be read.
    #[error("reading {}", .path.display())]
    Io {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    /// It was read and made no sense.
    #[error("reading {}: expected {expected}", .path.display())]
    Malformed { path: PathBuf, expected: &'static str },
}

impl ReadError {
    /// What it means for a sample that rests on the file.
    pub(crate) fn reason(&self) -> UnknownReason {
        match self {
            Self::Io { cause, .. } => reason_of(cause),
            Self::Malformed { .. } => UnknownReason::Malformed,
        }
    }

    /// What it means for the report.
    pub(crate) fn issue(&self, section: &str) -> Issue {
        let (class, message) = match self {
            Self::Io { cause, .. } => (class_of(cause), format!("{self}: {cause}; {}", remedy(cause))),
            Self::Malformed { .. } => {
                (IssueClass::Malformed, format!("{self}; the kernel or container runtime writes an unknown format"))
            }
        };
        Issue { class, section: section.to_owned(), message }
    }
}

/// Why a value is unknown after a failed system call.
pub(crate) fn reason_of(error: &io::Error) -> UnknownReason {
    match error.kind() {
        io::ErrorKind::PermissionDenied => UnknownReason::PermissionDenied,
        io::ErrorKind::NotFound | io::ErrorKind::Unsupported => UnknownReason::NotSupported,
        io::ErrorKind::TimedOut => UnknownReason::TimedOut,
        _ => UnknownReason::SourceUnreachable,
    }
}

fn class_of(error: &io::Error) -> IssueClass {
    match error.kind() {
        io::ErrorKind::PermissionDenied => IssueClass::PermissionDenied,
        io::ErrorKind::TimedOut => IssueClass::TimedOut,
        _ => IssueClass::Unavailable,
    }
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "let the agent's user read it, or run the agent as root",
        io::ErrorKind::NotFound => "check that /proc and /sys are mounted where the agent runs",
        _ => "the kernel log may say more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_keeps_its_reason() {
        // D-9
        let check = |kind: io::ErrorKind, reason, class| {
            let error = ReadError::Io { path: "/proc/stat".into(), cause: kind.into() };
            assert_eq!(error.reason(), reason);
            let issue = error.issue("cpu");
            assert_eq!((issue.class, issue.section.as_str()), (class, "cpu"));
            assert!(issue.message.starts_with("reading /proc/stat: "), "{}", issue.message);
        };
        check(io::ErrorKind::PermissionDenied, UnknownReason::PermissionDenied, IssueClass::PermissionDenied);
        check(io::ErrorKind::NotFound, UnknownReason::NotSupported, IssueClass::Unavailable);
        check(io::ErrorKind::TimedOut, UnknownReason::TimedOut, IssueClass::TimedOut);
        check(io::ErrorKind::StaleNetworkFileHandle, UnknownReason::SourceUnreachable, IssueClass::Unavailable);
        let malformed = ReadError::Malformed { path: "/proc/stat".into(), expected: "a line `cpu`" };
        assert_eq!(malformed.reason(), UnknownReason::Malformed);
        assert_eq!(malformed.issue("cpu").class, IssueClass::Malformed);
    }
}
