//! Values that move: pure functions of time, so that the past can be asked for as well as the present.

use std::f64::consts::TAU;

/// A value that swings around a base and is never negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wave {
    pub(super) base: f64,
    /// The part of the base that it swings by, below 1.
    pub(super) swing: f64,
    /// Seconds of one swing.
    pub(super) period: f64,
    /// Where in its swing it is at time 0, from 0 to 1.
    pub(super) phase: f64,
}

impl Wave {
    /// The value at a time in Unix seconds.
    pub(super) fn at(&self, time: i64) -> f64 {
        self.base * (1.0 + self.swing * self.angle(time).sin())
    }

    /// The sum of the value over every second from one time to another: a counter, when the value is a rate.
    pub(super) fn sum(&self, from: i64, to: i64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "times are far below 2^53")]
        let length = (to - from).max(0) as f64;
        let swung = self.angle(from).cos() - self.angle(to.max(from)).cos();
        self.base * (length + self.swing * self.period / TAU * swung)
    }

    fn angle(&self, time: i64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "times are far below 2^53")]
        let turns = time as f64 / self.period;
        (turns.fract() + self.phase) * TAU
    }
}

/// Noise of a time: from -0.5 up to 0.5, the same whenever it is asked for.
pub(super) fn noise(seed: u64, time: i64) -> f64 {
    let mut mixed = seed ^ time.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    #[expect(clippy::cast_precision_loss, reason = "the upper 53 bits are a fraction")]
    let fraction = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
    fraction - 0.5
}

/// A value as bytes or another whole number.
pub(super) fn whole(value: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, as it should")]
    let whole = value.round() as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_every_second() {
        let wave = Wave { base: 1000.0, swing: 0.6, period: 700.0, phase: 0.3 };
        let (from, to) = (1_770_000_000, 1_770_004_321);
        let summed: f64 = (from..to).map(|time| wave.at(time)).sum();
        let exact = wave.sum(from, to);
        assert!((summed - exact).abs() / exact < 1e-3, "{summed} {exact}");
        assert!(wave.sum(from, to) <= wave.sum(from, to + 1));
        assert!((wave.sum(from, from - 5)).abs() < 1e-9);
    }

    #[test]
    fn noise_is_the_same_each_time_and_stays_in_its_bounds() {
        let all: Vec<f64> = (0..10_000).map(|time| noise(7, time)).collect();
        assert!(all.iter().all(|value| (-0.5..0.5).contains(value)));
        assert!(all.iter().sum::<f64>().abs() < 100.0);
        assert_eq!(noise(7, 1234).to_bits(), all[1234].to_bits());
    }
}
