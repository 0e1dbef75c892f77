//! What is measured over time: each metric with its unit, its aggregation and the precision worth storing.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::decimal::Decimal;

/// The unit of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Unit {
    /// 0 to 100; the CPU of a container may exceed 100.
    Percent,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Degrees Celsius.
    Celsius,
    /// A pure number, such as a load average.
    Number,
    /// Hours.
    Hours,
}

/// How several values become one, over time or over resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// Averages over time; over resources it averages too. Ratios and temperatures.
    Mean,
    /// Averages over time, adds up over resources. Amounts and rates.
    Sum,
    /// A count that only grows: its last value speaks for the span.
    Last,
}

/// How exact a stored value needs to be. Applied once, at the door of history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Precision {
    /// Every bit.
    Exact,
    /// A multiple of `1 / per_unit`: 10 means one decimal digit. Kept as the reciprocal because it is exact in binary.
    Decimal {
        /// Steps to one unit.
        per_unit: f64,
    },
    /// A multiple of a whole number of units.
    Step {
        /// Units to one step.
        units: f64,
    },
    /// So many significant decimal digits.
    Significant {
        /// How many.
        digits: u8,
    },
}

impl Precision {
    /// Rounds a value to what is worth storing. Idempotent; a value that is not finite is returned as it is.
    pub fn apply(self, value: f64) -> f64 {
        if !value.is_finite() {
            return value;
        }
        match self {
            Self::Exact => value,
            // From 2^50 steps on, neighbouring doubles are too far apart for rounding to be repeatable, and nothing is
            // left to round.
            Self::Decimal { per_unit } if (value * per_unit).abs() >= 2f64.powi(50) => value,
            Self::Decimal { per_unit } => (value * per_unit).round() / per_unit,
            Self::Step { units } => (value / units).round() * units,
            Self::Significant { digits } => round_significant(value, digits),
        }
    }
}

/// The nearest double of the nearest decimal number, which is what makes rounding idempotent.
fn round_significant(value: f64, digits: u8) -> f64 {
    match Decimal::nearest(value, digits) {
        Some(decimal) => decimal.value().copysign(value),
        None => round_through_text(value, digits),
    }
}

/// Right for any value and any number of digits, and slow.
fn round_through_text(value: f64, digits: u8) -> f64 {
    let text = format!("{value:.*e}", usize::from(digits.saturating_sub(1)));
    text.parse().expect("a formatted finite float is a float")
}

/// A metric.
///
/// One name may mean two things on two kinds of resource, as in the monitoring contract: `disk` is the use of a host's
/// or guest's disk space in percent, and on a physical disk the share of time it was busy.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[repr(u8)]
pub enum Metric {
    /// CPU in use.
    Cpu = 0,
    /// Memory in use, in percent of what there is.
    Memory = 1,
    /// Memory in use.
    MemoryUsed = 2,
    /// Swap in use, in percent of what there is.
    Swap = 3,
    /// Disk space in use, in percent; on a physical disk, time busy.
    Disk = 4,
    /// Read from disks.
    DiskRead = 5,
    /// Written to disks.
    DiskWrite = 6,
    /// Received from the network.
    NetIn = 7,
    /// Sent to the network.
    NetOut = 8,
    /// Storage in use, in percent of what there is.
    Usage = 9,
    /// Storage in use.
    Used = 10,
    /// Storage that can still be used.
    Avail = 11,
    /// Size of a storage.
    Total = 12,
    /// The warmest relevant sensor of a host or node.
    Temperature = 13,
    /// Load average over one minute.
    Load1 = 14,
    /// Load average over five minutes.
    Load5 = 15,
    /// Load average over fifteen minutes.
    Load15 = 16,
    /// Share of the last 10 s in which some task waited for CPU.
    #[serde(rename = "pressure_cpu")]
    #[strum(serialize = "pressure_cpu")]
    PressureCpu = 17,
    /// Share of the last 10 s in which some task waited for memory.
    #[serde(rename = "pressure_memory")]
    #[strum(serialize = "pressure_memory")]
    PressureMemory = 18,
    /// Share of the last 10 s in which some task waited for disks.
    #[serde(rename = "pressure_io")]
    #[strum(serialize = "pressure_io")]
    PressureIo = 19,
    /// Temperature of a physical disk.
    #[serde(rename = "smart_temp")]
    #[strum(serialize = "smart_temp")]
    SmartTemp = 20,
    /// Hours a disk has been powered on.
    #[serde(rename = "smart_power_on_hours")]
    #[strum(serialize = "smart_power_on_hours")]
    SmartPowerOnHours = 21,
    /// How often a disk was switched on.
    #[serde(rename = "smart_power_cycles")]
    #[strum(serialize = "smart_power_cycles")]
    SmartPowerCycles = 22,
    /// Sectors a disk has replaced.
    #[serde(rename = "smart_reallocated_sectors")]
    #[strum(serialize = "smart_reallocated_sectors")]
    SmartReallocatedSectors = 23,
    /// Sectors a disk would like to replace.
    #[serde(rename = "smart_pending_sectors")]
    #[strum(serialize = "smart_pending_sectors")]
    SmartPendingSectors = 24,
    /// Sectors a disk could not read in its own test.
    #[serde(rename = "smart_offline_uncorrectable")]
    #[strum(serialize = "smart_offline_uncorrectable")]
    SmartOfflineUncorrectable = 25,
    /// Transfer errors between disk and host.
    #[serde(rename = "smart_crc_errors")]
    #[strum(serialize = "smart_crc_errors")]
    SmartCrcErrors = 26,
    /// Share of an NVMe drive's rated endurance that is used up; may exceed 100.
    #[serde(rename = "smart_percentage_used")]
    #[strum(serialize = "smart_percentage_used")]
    SmartPercentageUsed = 27,
    /// Share of an NVMe drive's spare area that is left.
    #[serde(rename = "smart_available_spare")]
    #[strum(serialize = "smart_available_spare")]
    SmartAvailableSpare = 28,
    /// Unrecovered data errors of an NVMe drive.
    #[serde(rename = "smart_media_errors")]
    #[strum(serialize = "smart_media_errors")]
    SmartMediaErrors = 29,
    /// How often an NVMe drive lost power without warning.
    #[serde(rename = "smart_unsafe_shutdowns")]
    #[strum(serialize = "smart_unsafe_shutdowns")]
    SmartUnsafeShutdowns = 30,
}

impl Metric {
    /// Every metric, in the order of the stored codes.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The metric's name on the wire and in exports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The number that stands for the metric in stored data. Never renumbered.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The metric behind a stored number, unless a newer version wrote it.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|metric| metric.code() == code)
    }

    /// The unit of its values.
    pub fn unit(self) -> Unit {
        use Metric as M;
        match self {
            M::Cpu | M::Memory | M::Swap | M::Disk | M::Usage => Unit::Percent,
            M::PressureCpu | M::PressureMemory | M::PressureIo => Unit::Percent,
            M::SmartPercentageUsed | M::SmartAvailableSpare => Unit::Percent,
            M::MemoryUsed | M::Used | M::Avail | M::Total => Unit::Bytes,
            M::DiskRead | M::DiskWrite | M::NetIn | M::NetOut => Unit::BytesPerSecond,
            M::Temperature | M::SmartTemp => Unit::Celsius,
            M::Load1 | M::Load5 | M::Load15 => Unit::Number,
            M::SmartPowerOnHours => Unit::Hours,
            M::SmartPowerCycles
            | M::SmartReallocatedSectors
            | M::SmartPendingSectors
            | M::SmartOfflineUncorrectable
            | M::SmartCrcErrors
            | M::SmartMediaErrors
            | M::SmartUnsafeShutdowns => Unit::Number,
        }
    }

    /// How its values combine.
    pub fn aggregation(self) -> Aggregation {
        use Metric as M;
        match self {
            M::Cpu | M::Memory | M::Swap | M::Disk | M::Usage | M::Temperature | M::SmartTemp => Aggregation::Mean,
            M::Load1 | M::Load5 | M::Load15 | M::PressureCpu | M::PressureMemory | M::PressureIo => Aggregation::Mean,
            M::MemoryUsed | M::Used | M::Avail | M::Total => Aggregation::Sum,
            M::DiskRead | M::DiskWrite | M::NetIn | M::NetOut => Aggregation::Sum,
            M::SmartPowerOnHours
            | M::SmartPowerCycles
            | M::SmartReallocatedSectors
            | M::SmartPendingSectors
            | M::SmartOfflineUncorrectable
            | M::SmartCrcErrors
            | M::SmartPercentageUsed
            | M::SmartAvailableSpare
            | M::SmartMediaErrors
            | M::SmartUnsafeShutdowns => Aggregation::Last,
        }
    }

    /// The precision worth storing.
    pub fn precision(self) -> Precision {
        const TENTH: Precision = Precision::Decimal { per_unit: 10.0 };
        match self.unit() {
            Unit::Percent | Unit::Celsius => TENTH,
            Unit::Bytes => Precision::Step { units: 4096.0 },
            Unit::BytesPerSecond => Precision::Significant { digits: 3 },
            Unit::Hours => Precision::Exact,
            Unit::Number => match self.aggregation() {
                Aggregation::Mean | Aggregation::Sum => Precision::Decimal { per_unit: 100.0 },
                Aggregation::Last => Precision::Exact,
            },
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_and_units_are_those_of_the_contract() {
        //
        let check = |names: &[&str], unit| {
            for name in names {
                let metric: Metric = name.parse().unwrap();
                assert_eq!(metric.unit(), unit, "{name}");
                assert_eq!(serde_json::to_value(metric).unwrap(), *name);
            }
        };
        check(&["cpu", "memory", "disk", "usage"], Unit::Percent);
        check(&["diskread", "diskwrite", "netin", "netout"], Unit::BytesPerSecond);
        check(&["used", "avail", "total", "memoryused"], Unit::Bytes);
        check(&["smart_temp", "temperature"], Unit::Celsius);
        check(&["smart_crc_errors", "load1"], Unit::Number);
    }

    #[test]
    fn stored_codes_are_unique_and_lead_back() {
        let codes: BTreeSet<u8> = Metric::ALL.iter().map(|metric| metric.code()).collect();
        assert_eq!(codes.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            assert_eq!(Metric::from_code(metric.code()), Some(*metric));
        }
        assert_eq!(Metric::from_code(255), None);
    }

    #[test]
    fn precision_keeps_what_is_useful() {
        assert_eq!(Metric::Cpu.precision().apply(73.7349), 73.7);
        assert_eq!(Metric::MemoryUsed.precision().apply(8193.0), 8192.0);
        assert_eq!(Metric::NetIn.precision().apply(123_456.7), 123_000.0);
        assert_eq!(Metric::NetIn.precision().apply(0.0), 0.0);
        assert_eq!(Metric::SmartPowerOnHours.precision().apply(12_345.0), 12_345.0);
    }

    proptest! {
        #[test]
        fn precision_is_idempotent(value in -1e15..1e15f64) {
            for metric in Metric::ALL {
                let once = metric.precision().apply(value);
                prop_assert_eq!(metric.precision().apply(once), once, "{}", metric);
            }
        }

        #[test]
        fn significant_digits_are_those_of_the_text(value: f64, rate in -1e12..1e12f64, digits in 0..20u8) {
            for value in [value, rate, rate.trunc(), (rate / 1e6).trunc() + 0.5] {
                if value.is_finite() {
                    let (fast, text) = (round_significant(value, digits), round_through_text(value, digits));
                    prop_assert_eq!(fast.to_bits(), text.to_bits(), "{} in {} digits", value, digits);
                }
            }
        }
    }
}
