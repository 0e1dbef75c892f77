//! How likely a disk is to be lost soon, by what all its sources say of it together.
//!
//! The one risk model: providers and agents report facts and judge nothing, so that no verdict can rest on half of them
//! . Summaries name the bound that was crossed instead of the figure, so that a row stays the same until another
//! bound is.

use muster_model::{DiskRisk, PhysicalDiskFacet, RiskCode, RiskLevel, RiskReason, SmartHealth, TemperatureBand};

/// Models whose firmware claims to fail while it works.
const WRONG_ALARMS: &[&str] = &["SAMSUNG SSD 980", "SAMSUNG SSD 990"];

/// Whether a disk's own verdict is known to be worth nothing.
pub(super) fn cries_wolf(model: Option<&str>) -> bool {
    model.is_some_and(|model| {
        let model = model.trim().to_ascii_uppercase();
        WRONG_ALARMS.iter().any(|known| model.starts_with(known))
    })
}

/// All there is to worry about; `None` means that the disk is healthy as far as anybody knows.
pub(super) fn judge(disk: &PhysicalDiskFacet) -> Option<DiskRisk> {
    let reasons: Vec<RiskReason> = reasons(disk).into_iter().flatten().collect();
    let level = reasons.iter().map(|reason| reason.severity).max()?;
    Some(DiskRisk { level, reasons })
}

fn reasons(disk: &PhysicalDiskFacet) -> [Option<RiskReason>; 10] {
    use RiskCode as C;
    use RiskLevel::{Critical, Monitor, Warning};
    let condition = &disk.condition;
    let counted = |count: Option<u64>, code, severity, summary| {
        count.filter(|count| *count > 0).map(|_| reason(code, severity, summary))
    };
    let failed = disk.smart == SmartHealth::Failed && !cries_wolf(disk.model.as_deref());
    [
        failed.then(|| reason(C::HealthStatus, Critical, "The disk itself expects to fail")),
        counted(
            condition.pending_sectors,
            C::PendingSectors,
            Critical,
            "Sectors that cannot be read wait to be replaced",
        ),
        counted(
            condition.offline_uncorrectable,
            C::OfflineUncorrectable,
            Critical,
            "Its own test found sectors that cannot be read",
        ),
        counted(condition.media_errors, C::MediaErrors, Critical, "It has lost data"),
        low(C::WearoutLow, condition.life_left_percent, (6, 10), "of its life is left"),
        low(C::NvmeAvailableSpareLow, condition.available_spare_percent, (11, 20), "of its spare area is left"),
        endurance(condition.percentage_used),
        warmth(condition.temperature),
        counted(condition.reallocated_sectors, C::ReallocatedSectors, Warning, "It has replaced sectors that went bad"),
        counted(condition.crc_errors, C::CrcErrors, Monitor, "Transfers to the host failed; look at its cable or slot"),
    ]
}

fn reason(code: RiskCode, severity: RiskLevel, summary: impl Into<String>) -> RiskReason {
    RiskReason { code, severity, summary: summary.into() }
}

/// Too little is left: below the first bound, or below the second.
fn low(code: RiskCode, left: Option<u8>, (critical, warning): (u8, u8), of_what: &str) -> Option<RiskReason> {
    let left = left?;
    let (severity, bound) = if left < critical {
        (RiskLevel::Critical, critical)
    } else if left < warning {
        (RiskLevel::Warning, warning)
    } else {
        return None;
    };
    Some(reason(code, severity, format!("Less than {bound} % {of_what}")))
}

fn endurance(used: Option<u8>) -> Option<RiskReason> {
    let (severity, bound) = match used? {
        95.. => (RiskLevel::Critical, 95),
        90..=94 => (RiskLevel::Warning, 90),
        0..=89 => return None,
    };
    let summary = format!("At least {bound} % of its rated endurance is used up");
    Some(reason(RiskCode::NvmePercentageUsedHigh, severity, summary))
}

fn warmth(temperature: Option<TemperatureBand>) -> Option<RiskReason> {
    let (severity, bound) = match temperature? {
        TemperatureBand::Normal => return None,
        TemperatureBand::Warm => (RiskLevel::Warning, 60),
        TemperatureBand::Hot => (RiskLevel::Critical, 70),
    };
    Some(reason(RiskCode::TemperatureHigh, severity, format!("It is {bound} °C or warmer")))
}

#[cfg(test)]
mod tests {
    use muster_model::SmartFacts;

    use super::*;

    const MONITOR: Option<RiskLevel> = Some(RiskLevel::Monitor);
    const WARNING: Option<RiskLevel> = Some(RiskLevel::Warning);
    const CRITICAL: Option<RiskLevel> = Some(RiskLevel::Critical);

    #[test]
    fn bounds_are_those_of_the_table() {
        //
        for (celsius, expected) in [(59.0, None), (60.0, WARNING), (69.0, WARNING), (70.0, CRITICAL)] {
            let temperature = TemperatureBand::of(celsius);
            assert_eq!(level(SmartFacts { temperature, ..SmartFacts::default() }), expected, "{celsius}");
        }
        for (left, expected) in [(5, CRITICAL), (6, WARNING), (9, WARNING), (10, None)] {
            let life_left_percent = Some(left);
            assert_eq!(level(SmartFacts { life_left_percent, ..SmartFacts::default() }), expected, "{left}");
        }
        for (spare, expected) in [(20, None), (19, WARNING), (11, WARNING), (10, CRITICAL)] {
            let available_spare_percent = Some(spare);
            assert_eq!(level(SmartFacts { available_spare_percent, ..SmartFacts::default() }), expected, "{spare}");
        }
        for (used, expected) in [(89, None), (90, WARNING), (94, WARNING), (95, CRITICAL), (255, CRITICAL)] {
            let percentage_used = Some(used);
            assert_eq!(level(SmartFacts { percentage_used, ..SmartFacts::default() }), expected, "{used}");
        }
    }

    #[test]
    fn counters_worry_from_the_first_error_on() {
        //
        for (count, critical, warning, monitor) in [(Some(1), CRITICAL, WARNING, MONITOR), (Some(0), None, None, None)]
        {
            assert_eq!(level(SmartFacts { pending_sectors: count, ..SmartFacts::default() }), critical);
            assert_eq!(level(SmartFacts { offline_uncorrectable: count, ..SmartFacts::default() }), critical);
            assert_eq!(level(SmartFacts { media_errors: count, ..SmartFacts::default() }), critical);
            assert_eq!(level(SmartFacts { reallocated_sectors: count, ..SmartFacts::default() }), warning);
            assert_eq!(level(SmartFacts { crc_errors: count, ..SmartFacts::default() }), monitor);
        }
    }

    #[test]
    fn a_failed_verdict_counts_unless_the_firmware_cries_wolf() {
        //
        let failed = |model: &str| {
            let disk = PhysicalDiskFacet {
                model: Some(model.into()),
                smart: SmartHealth::Failed,
                ..PhysicalDiskFacet::default()
            };
            judge(&disk)
        };
        let risk = failed("WDC WD40EFRX").expect("a failing disk is at risk");
        assert_eq!((Some(risk.level), risk.reasons[0].code), (CRITICAL, RiskCode::HealthStatus));
        assert_eq!(failed("Samsung SSD 990 PRO 2TB"), None);
    }

    #[test]
    fn the_worst_reason_counts_and_all_are_told() {
        //
        let condition =
            SmartFacts { crc_errors: Some(3), temperature: TemperatureBand::of(61.0), ..SmartFacts::default() };
        let risk = judge(&PhysicalDiskFacet { condition, ..PhysicalDiskFacet::default() }).unwrap();
        let codes: Vec<&str> = risk.reasons.iter().map(|reason| reason.code.into()).collect();
        assert_eq!((Some(risk.level), codes), (WARNING, vec!["temperature_high", "crc_errors"]));
    }

    fn level(condition: SmartFacts) -> Option<RiskLevel> {
        judge(&PhysicalDiskFacet { condition, ..PhysicalDiskFacet::default() }).map(|risk| risk.level)
    }
}
