//! What a metric is called where Prometheus' text format is spoken: `muster_<metric>_<unit>`, in the base unit that is
//! stored. The one mapping, both ways, for exports and imports. It knows nothing of labels or lines.

use crate::{Metric, Unit};

/// What every name begins with.
const PREFIX: &str = "muster_";

impl Metric {
    /// The metric's name in Prometheus' text format, such as `muster_netin_bytes_per_second`.
    pub fn exposition_name(self) -> String {
        match unit_suffix(self.unit()) {
            Some(unit) if !self.as_str().ends_with(unit) => format!("{PREFIX}{}_{unit}", self.as_str()),
            Some(_) | None => format!("{PREFIX}{}", self.as_str()),
        }
    }

    /// The metric behind a name in Prometheus' text format; `None` for names that are not ours.
    pub fn from_exposition_name(name: &str) -> Option<Self> {
        // Thirty short names: looking through them costs less than keeping a table in step.
        name.strip_prefix(PREFIX)?;
        Self::ALL.iter().copied().find(|metric| metric.exposition_name() == name)
    }
}

/// A pure number has no unit to name.
fn unit_suffix(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Percent => Some("percent"),
        Unit::Bytes => Some("bytes"),
        Unit::BytesPerSecond => Some("bytes_per_second"),
        Unit::Celsius => Some("celsius"),
        Unit::Hours => Some("hours"),
        Unit::Number => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_metric() {
        for metric in Metric::ALL {
            let name = metric.exposition_name();
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{name}"
            );
            assert_eq!(Metric::from_exposition_name(&name), Some(*metric), "{name}");
        }
        assert_eq!(Metric::from_exposition_name("cpu"), None);
        assert_eq!(Metric::from_exposition_name("muster_cpu"), None);
    }

    #[test]
    fn names_carry_their_base_unit_once() {
        let check = |metric: Metric, name: &str| assert_eq!(metric.exposition_name(), name);
        check(Metric::Cpu, "muster_cpu_percent");
        check(Metric::NetIn, "muster_netin_bytes_per_second");
        check(Metric::MemoryUsed, "muster_memoryused_bytes");
        check(Metric::Load1, "muster_load1");
        check(Metric::SmartTemp, "muster_smart_temp_celsius");
        check(Metric::SmartPowerOnHours, "muster_smart_power_on_hours");
    }
}
