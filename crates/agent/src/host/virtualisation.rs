//! Whether the machine is itself a guest, and of what.

use muster_model::Virtualisation;

use crate::{read::Files, words};

/// Makers in firmware strings, and the technology that they stand for.
const HYPERVISORS: &[(&str, &str)] = &[
    ("KVM", "kvm"),
    ("OpenStack", "kvm"),
    ("KubeVirt", "kvm"),
    ("Amazon EC2", "amazon"),
    ("QEMU", "qemu"),
    ("VMware", "vmware"),
    ("VMW", "vmware"),
    ("innotek GmbH", "virtualbox"),
    ("VirtualBox", "virtualbox"),
    ("Xen", "xen"),
    ("Bochs", "bochs"),
    ("Parallels", "parallels"),
    ("BHYVE", "bhyve"),
    ("Hyper-V", "hyper-v"),
    ("Virtual Machine", "hyper-v"),
    ("Apple Virtualization", "apple"),
    ("Google Compute Engine", "google"),
    ("QNX", "qnx"),
];

/// What is known apart from container marks.
pub(crate) struct Clues<'a> {
    /// Firmware strings that name a maker.
    pub(crate) makers: &'a [String],
    /// CPU model; an emulated one names its emulator.
    pub(crate) cpu_model: Option<&'a str>,
    /// Whether the CPU says that a hypervisor runs it.
    pub(crate) hypervisor: Option<bool>,
}

/// Judges by container marks first: a container also sees the firmware of the machine around it.
pub(crate) fn detect(files: &Files<'_>, clues: &Clues<'_>) -> Virtualisation {
    if let Some(technology) = container(files) {
        return Virtualisation::Container { technology };
    }
    let made_by_hypervisor = clues.makers.iter().map(String::as_str).chain(clues.cpu_model).find_map(hypervisor);
    match (made_by_hypervisor, clues.hypervisor) {
        (Some(technology), Some(true) | None) => Virtualisation::Machine { technology: technology.to_owned() },
        (None, Some(true)) => Virtualisation::Machine { technology: "other".to_owned() },
        (_, Some(false)) => Virtualisation::None,
        (None, None) => Virtualisation::Unknown,
    }
}

fn hypervisor(maker: &str) -> Option<&'static str> {
    HYPERVISORS.iter().find(|(name, _)| maker.contains(name)).map(|(_, technology)| *technology)
}

fn container(files: &Files<'_>) -> Option<String> {
    let marked = |path: &str, technology: &str| files.roots.file(path).exists().then(|| technology.to_owned());
    files
        .attribute(&files.roots.file("run/systemd/container"))
        .or_else(|| environment_of_init(files))
        .or_else(|| marked(".dockerenv", "docker"))
        .or_else(|| marked("run/.containerenv", "podman"))
}

/// Container managers tell their init `container=<technology>`; only root may look.
fn environment_of_init(files: &Files<'_>) -> Option<String> {
    let environment = files.bytes(&files.roots.proc("1/environ")).ok()?;
    let technology = environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(b"container="))?;
    Some(words::lossy(technology)).filter(|technology| !technology.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Roots, kernel::LiveKernel};

    #[test]
    fn machines_are_told_by_firmware_and_cpu() {
        let tree = tempfile::tempdir().unwrap();
        let roots = Roots::below(tree.path());
        let files = Files { roots: &roots, kernel: &LiveKernel };
        let check = |makers: &[&str], cpu_model, hypervisor, expected| {
            let makers: Vec<String> = makers.iter().map(|maker| String::from(*maker)).collect();
            assert_eq!(detect(&files, &Clues { makers: &makers, cpu_model, hypervisor }), expected, "{makers:?}");
        };
        let machine = |technology: &str| Virtualisation::Machine { technology: technology.into() };
        check(&["Standard PC (i440FX)", "QEMU"], None, Some(true), machine("qemu"));
        check(&["VMware7,1", "VMware, Inc."], None, Some(true), machine("vmware"));
        check(&["X11SSH-F", "Supermicro"], Some("QEMU TCG CPU version 2.5+"), Some(true), machine("qemu"));
        check(&["X11SSH-F", "Supermicro"], Some("Xeon"), Some(true), machine("other"));
        check(&["X11SSH-F", "Supermicro"], Some("Xeon"), Some(false), Virtualisation::None);
        check(&[], None, None, Virtualisation::Unknown);
    }
}
