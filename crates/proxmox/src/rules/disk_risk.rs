//! How likely a disk is to be lost soon, by what it says of itself.

use muster_model::{Metric, SmartHealth};

use super::smart::{DiskHealth, health};

/// How bad it is, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Monitor,
    Warning,
    Critical,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Code {
    HealthStatus,
    PendingSectors,
    OfflineUncorrectable,
    MediaErrors,
    WearoutLow,
    NvmeAvailableSpareLow,
    NvmePercentageUsedHigh,
    TemperatureHigh,
    ReallocatedSectors,
    CrcErrors,
}

/// Models whose firmware claims to fail while it works.
const WRONG_ALARMS: &[&str] = &["SAMSUNG SSD 980", "SAMSUNG SSD 990"];

/// Whether a disk's own verdict is known to be worth nothing.
pub(crate) fn cries_wolf(model: Option<&str>) -> bool {
    model.is_some_and(|model| {
        let model = model.trim().to_ascii_uppercase();
        WRONG_ALARMS.iter().any(|known| model.starts_with(known))
    })
}

/// All reasons to worry. None means that the disk is healthy as far as anybody knows.
pub(crate) fn reasons(disk: &DiskHealth, model: Option<&str>) -> Vec<(Level, Code)> {
    let failed = health(disk.verdict.as_deref()) == SmartHealth::Failed && !cries_wolf(model);
    let value = |metric| disk.value(metric);
    let positive = |metric, level| value(metric).filter(|count| *count > 0.0).map(|_| level);
    let judged = [
        (failed.then_some(Level::Critical), Code::HealthStatus),
        (positive(Metric::SmartPendingSectors, Level::Critical), Code::PendingSectors),
        (positive(Metric::SmartOfflineUncorrectable, Level::Critical), Code::OfflineUncorrectable),
        (positive(Metric::SmartMediaErrors, Level::Critical), Code::MediaErrors),
        (disk.life_left.and_then(|left| low(left, 6.0, 10.0)), Code::WearoutLow),
        (value(Metric::SmartAvailableSpare).and_then(|left| low(left, 11.0, 20.0)), Code::NvmeAvailableSpareLow),
        (value(Metric::SmartPercentageUsed).and_then(|used| high(used, 95.0, 90.0)), Code::NvmePercentageUsedHigh),
        (value(Metric::SmartTemp).and_then(|degrees| high(degrees, 70.0, 60.0)), Code::TemperatureHigh),
        (positive(Metric::SmartReallocatedSectors, Level::Warning), Code::ReallocatedSectors),
        (positive(Metric::SmartCrcErrors, Level::Monitor), Code::CrcErrors),
    ];
    judged.into_iter().filter_map(|(level, code)| Some((level?, code))).collect()
}

/// The worst of all reasons.
pub(crate) fn level(reasons: &[(Level, Code)]) -> Option<Level> {
    reasons.iter().map(|(level, _)| *level).max()
}

fn low(value: f64, critical_below: f64, warning_below: f64) -> Option<Level> {
    if value < critical_below { Some(Level::Critical) } else { (value < warning_below).then_some(Level::Warning) }
}

fn high(value: f64, critical_from: f64, warning_from: f64) -> Option<Level> {
    if value >= critical_from { Some(Level::Critical) } else { (value >= warning_from).then_some(Level::Warning) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_the_table() {
        //
        let of = |metric, value| {
            let disk = DiskHealth { values: vec![(metric, value)], ..DiskHealth::default() };
            level(&reasons(&disk, None))
        };
        let check = |metric, value, expected| assert_eq!(of(metric, value), expected, "{metric} {value}");
        let (monitor, warning, critical) = (Some(Level::Monitor), Some(Level::Warning), Some(Level::Critical));
        for (value, expected) in [(59.0, None), (60.0, warning), (69.0, warning), (70.0, critical)] {
            check(Metric::SmartTemp, value, expected);
        }
        for (value, expected) in [(20.0, None), (19.0, warning), (11.0, warning), (10.0, critical)] {
            check(Metric::SmartAvailableSpare, value, expected);
        }
        for (value, expected) in [(89.0, None), (90.0, warning), (94.0, warning), (95.0, critical)] {
            check(Metric::SmartPercentageUsed, value, expected);
        }
        check(Metric::SmartPendingSectors, 1.0, critical);
        check(Metric::SmartOfflineUncorrectable, 1.0, critical);
        check(Metric::SmartMediaErrors, 1.0, critical);
        check(Metric::SmartReallocatedSectors, 1.0, warning);
        check(Metric::SmartCrcErrors, 1.0, monitor);
        check(Metric::SmartCrcErrors, 0.0, None);
    }

    #[test]
    fn life_that_is_left_has_bounds_too() {
        //
        let of = |left| {
            let disk = DiskHealth { life_left: Some(left), ..DiskHealth::default() };
            level(&reasons(&disk, None))
        };
        assert_eq!(of(5.0), Some(Level::Critical));
        assert_eq!(of(6.0), Some(Level::Warning));
        assert_eq!(of(9.0), Some(Level::Warning));
        assert_eq!(of(10.0), None);
    }

    #[test]
    fn a_failed_verdict_counts_unless_the_firmware_cries_wolf() {
        //
        let failed = DiskHealth { verdict: Some("FAILED!".into()), ..DiskHealth::default() };
        assert_eq!(reasons(&failed, Some("WDC WD40EFRX")), [(Level::Critical, Code::HealthStatus)]);
        assert_eq!(reasons(&failed, Some("Samsung SSD 990 PRO 2TB")), []);
    }

    #[test]
    fn the_worst_reason_counts() {
        //
        let values = vec![(Metric::SmartCrcErrors, 3.0), (Metric::SmartTemp, 61.0)];
        let disk = DiskHealth { values, ..DiskHealth::default() };
        assert_eq!(level(&reasons(&disk, None)), Some(Level::Warning));
        let codes: Vec<&str> = reasons(&disk, None).into_iter().map(|(_, code)| code.into()).collect();
        assert_eq!(codes, ["temperature_high", "crc_errors"]);
    }
}
