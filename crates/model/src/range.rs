//! Which values a metric can have at all. Whoever takes in values of others refuses what lies outside; what we measured
//! ourselves is not judged by it.

use std::fmt;

use crate::{Metric, ResourceKind, Unit};

/// The coldest there is, in degrees Celsius.
const ABSOLUTE_ZERO: f64 = -273.15;

/// The values that are possible, in the metric's unit, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueRange {
    least: f64,
    /// `None` where there is no end.
    most: Option<f64>,
}

impl ValueRange {
    /// Whether a value is possible. What is no number is not.
    pub fn contains(self, value: f64) -> bool {
        value.is_finite() && value >= self.least && self.most.is_none_or(|most| value <= most)
    }
}

impl fmt::Display for ValueRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            Some(most) => write!(f, "{} to {most}", self.least),
            None => write!(f, "{} or more", self.least),
        }
    }
}

impl Metric {
    /// The values that the metric can have on a kind of resource.
    pub fn range(self, kind: ResourceKind) -> ValueRange {
        let (least, most) = match self.unit() {
            Unit::Percent => (0.0, (!self.exceeds_whole(kind)).then_some(100.0)),
            Unit::Celsius => (ABSOLUTE_ZERO, None),
            Unit::Bytes | Unit::BytesPerSecond | Unit::Number | Unit::Hours => (0.0, None),
        };
        ValueRange { least, most }
    }

    /// Whether more than 100 percent are possible: a container's CPU is counted in cores, and a drive outlives its
    /// rating.
    fn exceeds_whole(self, kind: ResourceKind) -> bool {
        self == Self::SmartPercentageUsed || self == Self::Cpu && runs_in_containers(kind)
    }
}

fn runs_in_containers(kind: ResourceKind) -> bool {
    use ResourceKind as K;
    match kind {
        K::SystemContainer | K::AppContainer | K::DockerService | K::DockerTask | K::Pod | K::K8sDeployment => true,
        K::Agent | K::Vm | K::DockerSwarmNode | K::K8sCluster | K::K8sNode | K::Ceph | K::Pbs | K::Pmg => false,
        K::DockerImage | K::DockerVolume | K::DockerNetwork | K::DockerSecret | K::DockerConfig => false,
        K::Storage | K::PhysicalDisk | K::NetworkShare | K::Network | K::NetworkEndpoint => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_outside() {
        let check = |metric: Metric, kind, inside: &[f64], outside: &[f64]| {
            let range = metric.range(kind);
            for value in inside {
                assert!(range.contains(*value), "{metric} of {kind}: {value} is {range}");
            }
            for value in outside {
                assert!(!range.contains(*value), "{metric} of {kind}: {value} is not {range}");
            }
        };
        check(Metric::Cpu, ResourceKind::Agent, &[0.0, 100.0], &[-5.0, 100.1, 500.0, f64::NAN, f64::INFINITY]);
        check(Metric::Cpu, ResourceKind::AppContainer, &[0.0, 500.0], &[-0.1]);
        check(Metric::Memory, ResourceKind::AppContainer, &[100.0], &[101.0]);
        check(Metric::SmartPercentageUsed, ResourceKind::PhysicalDisk, &[0.0, 140.0], &[-1.0]);
        check(Metric::SmartTemp, ResourceKind::PhysicalDisk, &[-40.0, 70.0], &[-300.0]);
        check(Metric::NetIn, ResourceKind::Agent, &[0.0, 1e12], &[-1.0]);
        check(Metric::Load1, ResourceKind::Agent, &[0.0, 640.0], &[-1.0]);
    }

    #[test]
    fn a_range_reads_well() {
        assert_eq!(Metric::Cpu.range(ResourceKind::Vm).to_string(), "0 to 100");
        assert_eq!(Metric::NetIn.range(ResourceKind::Vm).to_string(), "0 or more");
    }
}
