//! Random numbers as measurements have them.

use rand::{RngExt, rngs::StdRng};

/// A standard normal value (Box and Muller).
pub(super) fn normal(rng: &mut StdRng) -> f64 {
    let (radius, angle): (f64, f64) = (rng.random_range(f64::MIN_POSITIVE..1.0), rng.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// Whether something happens that does so once in so many times.
pub(super) fn once_in(times: f64, rng: &mut StdRng) -> bool {
    rng.random_bool(1.0 / times)
}
