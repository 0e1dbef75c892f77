//! Words that guests are named with, and what they run.

use super::Os;

/// What a guest is for.
pub(super) const PURPOSES: [&str; 16] = [
    "web", "db", "mail", "dns", "cache", "queue", "build", "wiki", "git", "proxy", "backup", "monitor", "auth",
    "files", "print", "app",
];

/// Tags that guests may have.
pub(super) const TAGS: [&[&str]; 4] = [&[], &["prod"], &["prod", "web"], &["test"]];

/// Pools that guests may be in.
pub(super) const POOLS: [Option<&str>; 4] = [None, None, Some("production"), Some("staging")];

/// What the agent says of a system: identifier, name, name with version, version, version number, kernel.
pub(crate) struct OsWords {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) pretty: &'static str,
    pub(crate) version: &'static str,
    pub(crate) version_id: &'static str,
    pub(crate) kernel: &'static str,
    /// How a configuration names it: of a machine, of a container.
    pub(crate) machine_type: &'static str,
    pub(crate) container_type: &'static str,
}

impl Os {
    /// The words for it.
    pub(crate) fn words(self) -> OsWords {
        match self {
            Self::Debian => OsWords {
                id: "debian",
                name: "Debian GNU/Linux",
                pretty: "Debian GNU/Linux 13 (trixie)",
                version: "13 (trixie)",
                version_id: "13",
                kernel: "6.12.48+deb13-amd64",
                machine_type: "l26",
                container_type: "debian",
            },
            Self::Ubuntu => OsWords {
                id: "ubuntu",
                name: "Ubuntu",
                pretty: "Ubuntu 24.04.3 LTS",
                version: "24.04.3 LTS (Noble Numbat)",
                version_id: "24.04",
                kernel: "6.8.0-87-generic",
                machine_type: "l26",
                container_type: "ubuntu",
            },
            Self::Alpine => OsWords {
                id: "alpine",
                name: "Alpine Linux",
                pretty: "Alpine Linux v3.22",
                version: "3.22.2",
                version_id: "3.22.2",
                kernel: "6.12.55-0-virt",
                machine_type: "l26",
                container_type: "alpine",
            },
            Self::Windows => OsWords {
                id: "mswindows",
                name: "Microsoft Windows",
                pretty: "Windows Server 2022 Standard",
                version: "Microsoft Windows Server 2022",
                version_id: "2022",
                kernel: "20348",
                machine_type: "win11",
                container_type: "unmanaged",
            },
        }
    }
}
