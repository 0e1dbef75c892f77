//! Temperatures, from `/sys/class/hwmon`. Any chip is accepted; which of its values speaks for what is decided here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use muster_model::UnknownReason;

use crate::read::Files;

/// One chip.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chip {
    /// The driver's name, such as `coretemp`.
    name: String,
    /// What it sits on.
    device: Option<PathBuf>,
    temperatures: Vec<Temperature>,
}

#[derive(Debug, Clone, PartialEq)]
struct Temperature {
    label: Option<String>,
    celsius: f64,
}

/// Drivers that measure the CPU, best first, each with the labels that speak for the whole of it; then any of its
/// values.
const CPU_DRIVERS: &[(&str, &[&str])] = &[
    ("coretemp", &["Package id", "Core"]),
    ("k10temp", &["Tdie", "Tctl"]),
    ("zenpower", &["Tdie", "Tctl"]),
    ("cpu_thermal", &[]),
    ("soc_thermal", &[]),
    ("rp1_adc", &[]),
];

/// A zone of the firmware, often a constant: better than nothing, and than nothing else.
const LAST_RESORT: &str = "acpitz";

/// All chips, in order of their directory. A machine without sensors has none. What sits on a sleeping device is not read:
/// that would wake it.
pub(crate) fn chips(files: &Files<'_>) -> Vec<Chip> {
    let Ok(entries) = fs::read_dir(files.roots.sys("class/hwmon")) else { return Vec::new() };
    let mut directories: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    directories.sort();
    directories.iter().filter_map(|directory| chip(files, directory)).collect()
}

fn chip(files: &Files<'_>, directory: &Path) -> Option<Chip> {
    let name = files.attribute(&directory.join("name"))?;
    let device = fs::canonicalize(directory.join("device")).ok();
    if device.as_deref().is_some_and(|device| files.sleeps(device)) {
        return Some(Chip { name, device, temperatures: Vec::new() });
    }
    let mut inputs: Vec<String> = fs::read_dir(directory)
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_suffix("_input")?.to_owned()).filter(|input| input.starts_with("temp")))
        .collect();
    inputs.sort();
    let temperatures = inputs.iter().filter_map(|input| temperature(files, directory, input)).collect();
    Some(Chip { name, device, temperatures })
}

fn temperature(files: &Files<'_>, directory: &Path, input: &str) -> Option<Temperature> {
    let millidegrees: i64 = files.number(&directory.join(format!("{input}_input")))?;
    let label = files.attribute(&directory.join(format!("{input}_label")));
    let celsius = millidegrees as f64 / 1000.0;
    is_plausible(celsius, label.is_some()).then_some(Temperature { label, celsius })
}

/// Inputs to which nothing is connected read far below zero, far above what silicon survives, or exactly zero.
fn is_plausible(celsius: f64, labelled: bool) -> bool {
    celsius > -40.0 && celsius < 150.0 && (labelled || celsius != 0.0)
}

/// The temperature of the CPU: the warmest package, of the best driver there is.
pub(crate) fn cpu_temperature(chips: &[Chip]) -> Result<f64, UnknownReason> {
    let by_driver = CPU_DRIVERS.iter().find_map(|(driver, labels)| {
        let values = || chips.iter().filter(|chip| chip.name == *driver).flat_map(|chip| &chip.temperatures);
        labels
            .iter()
            .find_map(|label| warmest(values().filter(|value| value.is_labelled(label))))
            .or_else(|| warmest(values()))
    });
    let by_board =
        || warmest(chips.iter().flat_map(|chip| &chip.temperatures).filter(|value| value.is_labelled("CPU")));
    let by_firmware =
        || warmest(chips.iter().filter(|chip| chip.name == LAST_RESORT).flat_map(|chip| &chip.temperatures));
    by_driver.or_else(by_board).or_else(by_firmware).ok_or(UnknownReason::NotSupported)
}

/// The temperature of the disk with the given name and controller, where one of its own sensors states it. A value of
/// zero or below is no measurement.
pub(crate) fn disk_temperature(chips: &[Chip], name: &str, controller: Option<&Path>) -> Result<f64, UnknownReason> {
    let own = |chip: &&Chip| match chip.name.as_str() {
        "nvme" => chip.is_on(controller) || chip.is_controller_of(name),
        "drivetemp" => chip.is_on(controller),
        _ => false,
    };
    let chip = chips.iter().find(own).ok_or(UnknownReason::NotSupported)?;
    let composite = chip.temperatures.iter().find(|value| value.is_labelled("Composite"));
    let value = composite.or_else(|| chip.temperatures.first()).filter(|value| value.celsius > 0.0);
    value.map(|value| value.celsius).ok_or(UnknownReason::NotReported)
}

fn warmest<'a>(values: impl Iterator<Item = &'a Temperature>) -> Option<f64> {
    values.map(|value| value.celsius).max_by(f64::total_cmp)
}

impl Chip {
    fn is_on(&self, device: Option<&Path>) -> bool {
        self.device.is_some() && self.device.as_deref() == device
    }

    /// With multipath, a namespace `nvme0n1` hangs on its subsystem instead of the controller `nvme0`.
    fn is_controller_of(&self, disk: &str) -> bool {
        let controller = self.device.as_deref().and_then(|device| device.file_name()?.to_str());
        controller.and_then(|controller| disk.strip_prefix(controller)).is_some_and(|rest| rest.starts_with('n'))
    }
}

impl Temperature {
    fn is_labelled(&self, start: &str) -> bool {
        self.label.as_ref().is_some_and(|label| label.starts_with(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_speaks_for_its_cores_and_real_drivers_before_the_firmware() {
        let coretemp = chip("coretemp", &[(Some("Package id 0"), 47.0), (Some("Core 0"), 49.0)]);
        let cores = chip("coretemp", &[(Some("Core 0"), 45.0), (Some("Core 4"), 49.0)]);
        let board = chip("nct6798", &[(Some("SYSTIN"), 33.0), (Some("CPUTIN"), 41.5)]);
        let firmware = chip("acpitz", &[(None, 27.8)]);
        let check = |chips: &[&Chip], expected| {
            let chips: Vec<Chip> = chips.iter().copied().cloned().collect();
            assert_eq!(cpu_temperature(&chips), expected);
        };
        check(&[&firmware, &board, &coretemp], Ok(47.0));
        check(&[&firmware, &board, &cores], Ok(49.0));
        check(&[&firmware, &board], Ok(41.5));
        check(&[&firmware], Ok(27.8));
        check(&[], Err(UnknownReason::NotSupported));
    }

    #[test]
    fn the_offset_of_some_processors_is_avoided() {
        let both = chip("k10temp", &[(Some("Tctl"), 85.0), (Some("Tdie"), 58.0), (Some("Tccd1"), 60.0)]);
        assert_eq!(cpu_temperature(&[both]), Ok(58.0));
    }

    #[test]
    fn inputs_to_which_nothing_is_connected() {
        for celsius in [-61.0, -40.0, 150.0, 0.0] {
            assert!(!is_plausible(celsius, false), "{celsius}");
        }
        assert!(is_plausible(0.0, true));
        assert!(is_plausible(-12.0, false));
    }

    #[test]
    fn a_namespace_finds_its_controller() {
        let mut nvme = chip("nvme", &[(Some("Composite"), 41.0)]);
        nvme.device = Some("/sys/devices/nvme/nvme1".into());
        let chips = [nvme];
        assert_eq!(disk_temperature(&chips, "nvme1n1", None), Ok(41.0));
        assert_eq!(disk_temperature(&chips, "nvme10n1", None), Err(UnknownReason::NotSupported));
        assert_eq!(disk_temperature(&[chip("nvme", &[])], "sda", None), Err(UnknownReason::NotSupported));
    }

    fn chip(name: &str, values: &[(Option<&str>, f64)]) -> Chip {
        let temperature =
            |(label, celsius): &(Option<&str>, f64)| Temperature { label: label.map(str::to_owned), celsius: *celsius };
        Chip { name: name.into(), device: None, temperatures: values.iter().map(temperature).collect() }
    }
}
