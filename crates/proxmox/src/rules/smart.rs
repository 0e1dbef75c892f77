//! What the disks themselves say: the platform's list of disks filled with the answer of a disk to SMART.
//!
//! What a host agent knows of the same disk is joined by the estate, by serial number and world-wide name.

use muster_model::{Metric, SmartHealth};

/// What is known of a disk.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct DiskHealth {
    /// The verdict, as the platform words it.
    pub(crate) verdict: Option<String>,
    /// Percent of its life that is left.
    pub(crate) life_left: Option<f64>,
    /// What was read from it.
    pub(crate) values: Vec<(Metric, f64)>,
}

impl DiskHealth {
    /// Fills what is missing here with what the disk says itself. A failed verdict wins over any other.
    pub(crate) fn fill(&mut self, smart: &Self) {
        if health(self.verdict.as_deref()) != SmartHealth::Failed
            && health(smart.verdict.as_deref()) != SmartHealth::Unknown
        {
            self.verdict.clone_from(&smart.verdict);
        }
        for (metric, value) in &smart.values {
            match self.values.iter_mut().find(|(known, _)| known == metric) {
                Some(known) => known.1 = *value,
                None => self.values.push((*metric, *value)),
            }
        }
        let used = self.value(Metric::SmartPercentageUsed).map(|used| 100.0 - used.clamp(0.0, 100.0));
        self.life_left = self.life_left.or(smart.life_left).or(used);
    }

    /// A value that was read.
    pub(crate) fn value(&self, metric: Metric) -> Option<f64> {
        self.values.iter().find(|(known, _)| *known == metric).map(|(_, value)| *value)
    }
}

/// The verdict in our words. Everything that is neither good nor not measured is bad.
pub(crate) fn health(verdict: Option<&str>) -> SmartHealth {
    match verdict.map(|verdict| verdict.trim().to_ascii_uppercase()).as_deref() {
        None | Some("" | "UNKNOWN" | "SMART DISABLED") => SmartHealth::Unknown,
        Some("PASSED" | "OK") => SmartHealth::Passed,
        Some(_) => SmartHealth::Failed,
    }
}

/// The metric that an ATA attribute stands for.
pub(crate) fn attribute(id: u64) -> Option<Metric> {
    Some(match id {
        5 => Metric::SmartReallocatedSectors,
        9 => Metric::SmartPowerOnHours,
        12 => Metric::SmartPowerCycles,
        190 | 194 => Metric::SmartTemp,
        197 => Metric::SmartPendingSectors,
        198 => Metric::SmartOfflineUncorrectable,
        199 => Metric::SmartCrcErrors,
        _ => return None,
    })
}

/// The values in the prose of an NVMe or SAS disk. Thousands are separated in whatever way the node's language has it.
pub(crate) fn prose(text: &str) -> Vec<(Metric, f64)> {
    let mut values: Vec<(Metric, f64)> = Vec::new();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let Some(metric) = named(name.trim()) else { continue };
        if let Some(value) = leading_number(value).filter(|_| !values.iter().any(|(known, _)| *known == metric)) {
            values.push((metric, value));
        }
    }
    values
}

fn named(name: &str) -> Option<Metric> {
    Some(match name.to_ascii_lowercase().as_str() {
        "temperature" | "current drive temperature" => Metric::SmartTemp,
        "percentage used" | "percentage used endurance indicator" => Metric::SmartPercentageUsed,
        "available spare" => Metric::SmartAvailableSpare,
        "media and data integrity errors" => Metric::SmartMediaErrors,
        "power on hours" => Metric::SmartPowerOnHours,
        "power cycles" => Metric::SmartPowerCycles,
        "unsafe shutdowns" => Metric::SmartUnsafeShutdowns,
        _ => return None,
    })
}

/// The number that a text begins with; separators count only between digits.
fn leading_number(text: &str) -> Option<f64> {
    let mut digits = String::new();
    for c in text.trim_start().chars() {
        match c {
            '0'..='9' => digits.push(c),
            ',' | '.' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}' if !digits.is_empty() => {}
            _ => break,
        }
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_disk_behind_an_adapter_is_filled_by_its_own_words() {
        //
        let mut listed = DiskHealth { verdict: Some("UNKNOWN".into()), ..DiskHealth::default() };
        let own = DiskHealth {
            verdict: Some("PASSED".into()),
            life_left: None,
            values: vec![(Metric::SmartPercentageUsed, 12.0), (Metric::SmartTemp, 31.0)],
        };
        listed.fill(&own);
        assert_eq!((listed.verdict.as_deref(), listed.life_left), (Some("PASSED"), Some(88.0)));
        assert_eq!(listed.value(Metric::SmartTemp), Some(31.0));
    }

    #[test]
    fn what_is_known_is_not_replaced_by_less() {
        //
        let mut listed = DiskHealth { verdict: Some("PASSED".into()), life_left: Some(91.0), values: vec![] };
        let own = DiskHealth { verdict: Some("UNKNOWN".into()), life_left: Some(50.0), values: vec![] };
        listed.fill(&own);
        assert_eq!((listed.verdict.as_deref(), listed.life_left), (Some("PASSED"), Some(91.0)));
    }

    #[test]
    fn a_failed_verdict_wins() {
        //
        let verdict = |text: &str| DiskHealth { verdict: Some(text.into()), ..DiskHealth::default() };
        for (one, other) in [("FAILED!", "PASSED"), ("PASSED", "FAILED!")] {
            let mut disk = verdict(one);
            disk.fill(&verdict(other));
            assert_eq!(health(disk.verdict.as_deref()), SmartHealth::Failed);
        }
    }

    #[test]
    fn more_than_all_of_its_life_leaves_nothing() {
        //
        let mut disk = DiskHealth::default();
        disk.fill(&DiskHealth { values: vec![(Metric::SmartPercentageUsed, 130.0)], ..DiskHealth::default() });
        assert_eq!(disk.life_left, Some(0.0));
    }

    #[test]
    fn verdicts_have_our_words() {
        //
        assert_eq!(health(Some(" passed ")), SmartHealth::Passed);
        assert_eq!(health(Some("OK")), SmartHealth::Passed);
        assert_eq!(health(Some("SMART Disabled")), SmartHealth::Unknown);
        assert_eq!(health(Some("FIRMWARE IMPENDING FAILURE TOO MANY BLOCK REASSIGNS")), SmartHealth::Failed);
        assert_eq!(health(None), SmartHealth::Unknown);
    }

    #[test]
    fn prose_is_read_in_any_language_of_numbers() {
        let text = "Temperature:    36 Celsius\nPercentage Used:   3%\nPower On Hours: 12'345\nUnsafe Shutdowns: 1,234\n\
                    Temperature Sensor 1: 50 Celsius\nAvailable Spare:  100%\nPower Cycles: none\n";
        let values = prose(text);
        assert_eq!(
            values,
            [
                (Metric::SmartTemp, 36.0),
                (Metric::SmartPercentageUsed, 3.0),
                (Metric::SmartPowerOnHours, 12345.0),
                (Metric::SmartUnsafeShutdowns, 1234.0),
                (Metric::SmartAvailableSpare, 100.0),
            ]
        );
    }

    proptest! {
        #[test]
        fn prose_never_panics(text in "(?s).{0,200}") {
            prop_assert!(prose(&text).iter().all(|(_, value)| *value >= 0.0));
        }
    }
}
