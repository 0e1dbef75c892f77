//! How many tasks wait: load averages, and the pressure that tells for what.

use muster_model::{Metric, UnknownReason};

use crate::{
    read::{Files, ReadError},
    words,
};

/// The load averages over 1, 5 and 15 minutes.
pub(crate) fn averages(files: &Files<'_>) -> Result<[f64; 3], ReadError> {
    let path = files.roots.proc("loadavg");
    parse_averages(&files.bytes(&path)?).ok_or(ReadError::Malformed { path, expected: "three load averages" })
}

fn parse_averages(content: &[u8]) -> Option<[f64; 3]> {
    let averages: Vec<f64> = words::words(content).take(3).map(words::number).collect::<Option<_>>()?;
    averages.try_into().ok()
}

/// The share of the last 10 s, in percent, in which some task waited, for each thing that tasks wait for. A kernel
/// without pressure accounting supports none of them.
pub(crate) fn pressures(files: &Files<'_>) -> [(Metric, Result<f64, UnknownReason>); 3] {
    let pressure = |name: &str| {
        let content = files.bytes(&files.roots.proc("pressure").join(name)).map_err(|error| error.reason())?;
        parse_pressure(&content).ok_or(UnknownReason::Malformed)
    };
    [
        (Metric::PressureCpu, pressure("cpu")),
        (Metric::PressureMemory, pressure("memory")),
        (Metric::PressureIo, pressure("io")),
    ]
}

fn parse_pressure(content: &[u8]) -> Option<f64> {
    let some = words::lines(content).find_map(|line| line.strip_prefix(b"some "))?;
    words::words(some).find_map(|word| words::number(word.strip_prefix(b"avg10=")?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn recorded_load_and_pressure() {
        assert_eq!(parse_averages(include_bytes!("../../tests/fixtures/linux/loadavg.txt")), Some([6.43, 2.22, 0.79]));
        assert_eq!(parse_pressure(include_bytes!("../../tests/fixtures/linux/pressure.txt")), Some(46.16));
    }

    #[test]
    fn truncated_content_is_refused() {
        assert_eq!(parse_averages(b"6.43 2.22"), None);
        assert_eq!(parse_pressure(b"full avg10=1.00"), None);
        assert_eq!(parse_pressure(b"some avg10"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(content in prop::collection::vec(any::<u8>(), 0..100)) {
            parse_averages(&content);
            parse_pressure(&content);
        }
    }
}
