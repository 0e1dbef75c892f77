//! What the host is: gathered from all that names or describes it.

use std::time::Duration;

use muster_model::{CpuFacts, OperatingSystem, SystemFacts, Virtualisation};

use super::{
    cpu_facts::CpuInfo,
    dmi::Dmi,
    identity,
    virtualisation::{self, Clues},
};
use crate::{read::Files, words};

/// How long facts are kept. Reading `/proc/cpuinfo` interrupts every CPU, and a release is upgraded once a year.
pub(crate) const LIFETIME: Duration = Duration::from_secs(600);

/// Facts that only an operator changes.
#[derive(Debug, Clone)]
pub(crate) struct HostFacts {
    pub(crate) os: OperatingSystem,
    pub(crate) cpu: CpuFacts,
    pub(crate) system: SystemFacts,
    pub(crate) virtualisation: Virtualisation,
    pub(crate) machine_id: Option<String>,
    /// Absent in a container, which sees the firmware of the machine around it.
    pub(crate) dmi_uuid: Option<String>,
    /// Absent in a container, likewise.
    pub(crate) serial: Option<String>,
}

impl HostFacts {
    /// Gathers them. What cannot be read is absent: none of it is worth an issue, since it may be unreadable for ever.
    pub(crate) fn read(files: &Files<'_>) -> Self {
        let cpu = CpuInfo::parse(&files.bytes(&files.roots.proc("cpuinfo")).unwrap_or_default());
        let dmi = Dmi::read(files);
        let clues = Clues { makers: &dmi.makers, cpu_model: cpu.facts.model.as_deref(), hypervisor: cpu.hypervisor };
        let virtualisation = virtualisation::detect(files, &clues);
        let own_hardware = !is_container(&virtualisation);
        Self {
            os: operating_system(files),
            cpu: cpu.facts,
            machine_id: identity::machine_id(files),
            dmi_uuid: dmi.uuid.filter(|_| own_hardware),
            serial: dmi.facts.serial.clone().filter(|_| own_hardware),
            system: dmi.facts,
            virtualisation,
        }
    }

    /// Whether the agent runs in a container.
    pub(crate) fn in_container(&self) -> bool {
        is_container(&self.virtualisation)
    }
}

fn is_container(virtualisation: &Virtualisation) -> bool {
    match virtualisation {
        Virtualisation::Container { .. } => true,
        Virtualisation::Unknown | Virtualisation::None | Virtualisation::Machine { .. } => false,
    }
}

/// The host's name as the kernel has it; absent when nobody has set one.
pub(crate) fn hostname(files: &Files<'_>) -> Option<String> {
    let name = files.attribute(&files.roots.proc("sys/kernel/hostname"))?;
    (name != "(none)").then_some(name)
}

fn operating_system(files: &Files<'_>) -> OperatingSystem {
    let paths = ["etc/os-release", "usr/lib/os-release"];
    let release = paths.into_iter().find_map(|path| files.bytes(&files.roots.file(path)).ok()).unwrap_or_default();
    OperatingSystem {
        id: release_value(&release, b"ID="),
        version: release_value(&release, b"VERSION_ID="),
        pretty_name: release_value(&release, b"PRETTY_NAME="),
        kernel: files.attribute(&files.roots.proc("sys/kernel/osrelease")),
        architecture: Some(files.kernel.architecture()).filter(|text| !text.is_empty()),
    }
}

/// A value of os-release, which is quoted as a shell would have it.
fn release_value(release: &[u8], name: &[u8]) -> Option<String> {
    let quoted = words::lossy(words::lines(release).find_map(|line| line.strip_prefix(name))?);
    let inner = ['"', '\''].into_iter().find_map(|quote| quoted.strip_prefix(quote)?.strip_suffix(quote));
    let mut value = String::new();
    let mut characters = inner.unwrap_or(&quoted).chars();
    while let Some(character) = characters.next() {
        value.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    Some(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn os_release_is_quoted_like_shell() {
        let recorded = include_bytes!("../../tests/fixtures/linux/os-release.txt");
        assert_eq!(release_value(recorded, b"ID=").as_deref(), Some("debian"));
        assert_eq!(release_value(recorded, b"VERSION_ID=").as_deref(), Some("13"));
        assert_eq!(release_value(recorded, b"PRETTY_NAME=").as_deref(), Some("Debian GNU/Linux 13 (trixie)"));
        assert_eq!(
            release_value(br#"PRETTY_NAME="a \"b\" \\ \$c""#, b"PRETTY_NAME=").as_deref(),
            Some(r#"a "b" \ $c"#)
        );
        assert_eq!(release_value(b"ID='arch'", b"ID=").as_deref(), Some("arch"));
        assert_eq!(release_value(b"ID=\"\"", b"ID="), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(content in prop::collection::vec(any::<u8>(), 0..100)) {
            release_value(&content, b"");
        }
    }
}
