//! What an operator can say about the agent. Read once, by whoever builds it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;

/// How an agent observes.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the machine's files are.
    pub roots: Roots,
    /// How long from one report to the next; stated in every report.
    pub interval: SignedDuration,
    /// Mount points to report although their type or place says no. `*` stands for any characters.
    pub include_mounts: Vec<String>,
    /// Mount points never to report or touch; wins over `include_mounts`. `*` stands for any characters.
    pub exclude_mounts: Vec<String>,
    /// Whether to report filesystems whose data is on another machine (NFS, SMB, and their like).
    pub network_filesystems: bool,
    /// How long the filesystems may take to state their use before the report goes on without them.
    pub statvfs_deadline: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            roots: Roots::default(),
            interval: SignedDuration::from_secs(10),
            include_mounts: Vec::new(),
            exclude_mounts: Vec::new(),
            network_filesystems: false,
            statvfs_deadline: Duration::from_secs(5),
        }
    }
}

/// Where the machine's files are: its own root, or another place that shows the same (a recorded tree, or the host's
/// directories mounted into a container).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// `/proc`.
    pub proc: PathBuf,
    /// `/sys`.
    pub sys: PathBuf,
    /// `/`, for `etc`, `run` and `var`.
    pub root: PathBuf,
}

impl Roots {
    /// All of them below one directory.
    pub fn below(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self { proc: root.join("proc"), sys: root.join("sys"), root }
    }

    pub(crate) fn proc(&self, path: impl AsRef<Path>) -> PathBuf {
        self.proc.join(path)
    }

    pub(crate) fn sys(&self, path: impl AsRef<Path>) -> PathBuf {
        self.sys.join(path)
    }

    pub(crate) fn file(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }
}

impl Default for Roots {
    fn default() -> Self {
        Self::below("/")
    }
}
