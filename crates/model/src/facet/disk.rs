//! A physical disk, what it says of its own condition, and what that means.
//!
//! Figures that change all the time are samples. What stands here changes so rarely that it can be a fact, so that a
//! restart forgets none of it: the verdict, counters of errors, wear, and the range in which the temperature lies.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::Metric;

/// A physical disk. Its use is the samples `disk` (busy), `diskread`, `diskwrite`, `smart_temp`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct PhysicalDiskFacet {
    /// Device name on the host, such as `sda`.
    pub device: String,
    /// Model.
    pub model: Option<String>,
    /// Vendor.
    pub vendor: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// World-wide name.
    pub wwn: Option<String>,
    /// Firmware revision.
    pub firmware: Option<String>,
    /// How it is attached, such as `nvme`, `sata`, `virtio`.
    pub transport: Option<String>,
    /// Size.
    pub size_bytes: Option<u64>,
    /// Whether it spins.
    pub rotational: Option<bool>,
    /// SMART's verdict.
    pub smart: SmartHealth,
    /// What SMART says beyond its verdict.
    pub condition: SmartFacts,
    /// How likely it is to be lost soon, by all that its sources say together; absent where nothing speaks for it. No
    /// source says this: it is judged on the merged disk.
    pub risk: Option<DiskRisk>,
}

/// SMART's verdict on a disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum SmartHealth {
    /// Nobody has asked, or the disk does not answer.
    #[default]
    Unknown,
    /// The disk considers itself fit.
    Passed,
    /// The disk expects to fail.
    Failed,
}

/// What SMART says beyond its verdict. Absent is not zero: nobody has asked, or the disk does not count it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct SmartFacts {
    /// Whether it sleeps. Then whoever says so says nothing else of it here; what others know of it still counts.
    pub standby: bool,
    /// Share of its life that is left, 0 to 100.
    pub life_left_percent: Option<u8>,
    /// Share of its rated endurance that is used up; may exceed 100.
    pub percentage_used: Option<u8>,
    /// Share of its spare area that is left, 0 to 100.
    pub available_spare_percent: Option<u8>,
    /// Sectors that it would like to replace.
    pub pending_sectors: Option<u64>,
    /// Sectors that it could not read in its own test.
    pub offline_uncorrectable: Option<u64>,
    /// Sectors that it has replaced.
    pub reallocated_sectors: Option<u64>,
    /// Unrecovered data errors.
    pub media_errors: Option<u64>,
    /// Transfer errors between disk and host.
    pub crc_errors: Option<u64>,
    /// In which range its temperature lies.
    pub temperature: Option<TemperatureBand>,
}

impl SmartFacts {
    /// Takes a figure in that SMART told; one that is too large stays at the largest. What is no fact of a disk, or makes
    /// no sense, is left out.
    pub fn note(&mut self, metric: Metric, value: f64) {
        if !value.is_finite() || value < 0.0 {
            return;
        }
        if metric == Metric::SmartTemp {
            self.temperature = TemperatureBand::after(self.temperature, value);
        }
        let shares = [
            (Metric::SmartPercentageUsed, &mut self.percentage_used),
            (Metric::SmartAvailableSpare, &mut self.available_spare_percent),
        ];
        for (_, share) in shares.into_iter().filter(|(known, _)| *known == metric) {
            *share = Some(value.round() as u8);
        }
        let counts = [
            (Metric::SmartPendingSectors, &mut self.pending_sectors),
            (Metric::SmartOfflineUncorrectable, &mut self.offline_uncorrectable),
            (Metric::SmartReallocatedSectors, &mut self.reallocated_sectors),
            (Metric::SmartMediaErrors, &mut self.media_errors),
            (Metric::SmartCrcErrors, &mut self.crc_errors),
        ];
        for (_, count) in counts.into_iter().filter(|(known, _)| *known == metric) {
            *count = Some(value.round() as u64);
        }
    }
}

/// The range in which a disk's temperature lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum TemperatureBand {
    /// Below 60 °C.
    Normal,
    /// From 60 °C on.
    Warm,
    /// From 70 °C on.
    Hot,
}

impl TemperatureBand {
    /// The range of a temperature in degrees Celsius (R-97). At zero or below nothing was measured (R-45).
    pub fn of(celsius: f64) -> Option<Self> {
        if celsius >= 70.0 {
            Some(Self::Hot)
        } else if celsius >= 60.0 {
            Some(Self::Warm)
        } else {
            (celsius > 0.0).then_some(Self::Normal)
        }
    }

    /// The range after another one: it is left downwards only well below its bound, so that a temperature at a bound is one
    /// fact and not one with every look. Where nothing was measured, the range from before stands.
    pub fn after(before: Option<Self>, celsius: f64) -> Option<Self> {
        let Some(now) = Self::of(celsius) else { return before };
        let held = before.min(Self::of(celsius + Self::SLACK_CELSIUS));
        Some(held.map_or(now, |held| held.max(now)))
    }

    /// How far below its bound a range is left.
    const SLACK_CELSIUS: f64 = 3.0;
}

/// How likely a disk is to be lost soon (R-97).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DiskRisk {
    /// The worst of the reasons.
    pub level: RiskLevel,
    /// Why; never empty.
    pub reasons: Vec<RiskReason>,
}

/// One reason to worry about a disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RiskReason {
    /// Which, for programs.
    pub code: RiskCode,
    /// How bad.
    pub severity: RiskLevel,
    /// For people, one sentence.
    pub summary: String,
}

/// How bad it is, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum RiskLevel {
    /// Worth an eye.
    Monitor,
    /// Plan its replacement.
    Warning,
    /// Replace it now.
    Critical,
}

/// What there is to worry about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RiskCode {
    /// Its own verdict.
    HealthStatus,
    /// Sectors that wait to be replaced.
    PendingSectors,
    /// Sectors that its own test could not read.
    OfflineUncorrectable,
    /// Data that it lost.
    MediaErrors,
    /// Little of its life is left.
    WearoutLow,
    /// Little of its spare area is left.
    NvmeAvailableSpareLow,
    /// Its rated endurance is nearly used up.
    NvmePercentageUsedHigh,
    /// It is too warm.
    TemperatureHigh,
    /// Sectors that it has replaced.
    ReallocatedSectors,
    /// Errors on the way to the host.
    CrcErrors,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_temperature_have_the_bounds_of_the_rule() {
        // R-97, R-45
        let check = |celsius, band| assert_eq!(TemperatureBand::of(celsius), band, "{celsius}");
        check(0.0, None);
        check(-5.0, None);
        check(59.0, Some(TemperatureBand::Normal));
        check(60.0, Some(TemperatureBand::Warm));
        check(69.0, Some(TemperatureBand::Warm));
        check(70.0, Some(TemperatureBand::Hot));
    }

    #[test]
    fn a_range_is_left_well_below_its_bound() {
        // R-97, R-29: a disk at 59 to 60 degrees is one fact.
        use TemperatureBand as B;
        let check = |before, celsius, after| assert_eq!(B::after(before, celsius), after, "{before:?} {celsius}");
        check(None, 59.0, Some(B::Normal));
        check(Some(B::Normal), 60.0, Some(B::Warm));
        check(Some(B::Warm), 59.0, Some(B::Warm));
        check(Some(B::Warm), 57.0, Some(B::Warm));
        check(Some(B::Warm), 56.9, Some(B::Normal));
        check(Some(B::Warm), 70.0, Some(B::Hot));
        check(Some(B::Hot), 67.0, Some(B::Hot));
        check(Some(B::Hot), 66.9, Some(B::Warm));
        check(Some(B::Hot), 40.0, Some(B::Normal));
        check(Some(B::Warm), 0.0, Some(B::Warm));
        check(Some(B::Warm), f64::NAN, Some(B::Warm));
        check(None, -5.0, None);
    }

    #[test]
    fn figures_become_facts_where_they_are_some() {
        let mut facts = SmartFacts::default();
        let figures = [
            (Metric::SmartPercentageUsed, 300.0),
            (Metric::SmartPendingSectors, 8.0),
            (Metric::SmartTemp, 61.0),
            (Metric::SmartPowerOnHours, 12_345.0),
            (Metric::SmartCrcErrors, -1.0),
            (Metric::SmartMediaErrors, f64::NAN),
        ];
        figures.into_iter().for_each(|(metric, value)| facts.note(metric, value));
        let expected = SmartFacts {
            percentage_used: Some(255),
            pending_sectors: Some(8),
            temperature: Some(TemperatureBand::Warm),
            ..SmartFacts::default()
        };
        assert_eq!(facts, expected);
    }

    #[test]
    fn a_disk_written_before_its_condition_was_known_can_be_read() {
        // D-15
        let disk: PhysicalDiskFacet = serde_json::from_str(r#"{"device":"sda","smart":"passed"}"#).unwrap();
        assert_eq!((disk.smart, disk.condition, disk.risk), (SmartHealth::Passed, SmartFacts::default(), None));
    }
}
