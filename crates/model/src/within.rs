//! Whole numbers that people choose within bounds. The bounds are a part of the type, so that whoever holds one has
//! nothing left to check, and the API document says the same as the check.

use serde::{Deserialize, Serialize};

/// A number from `MIN` to `MAX`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Within<const MIN: u32, const MAX: u32>(u32);

/// A number is outside of its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("use {min} to {max}")]
pub struct OutOfBounds {
    min: u32,
    max: u32,
}

impl<const MIN: u32, const MAX: u32> Within<MIN, MAX> {
    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Within<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(number: u32) -> Result<Self, OutOfBounds> {
        if (MIN..=MAX).contains(&number) { Ok(Self(number)) } else { Err(OutOfBounds { min: MIN, max: MAX }) }
    }
}

impl<const MIN: u32, const MAX: u32> From<Within<MIN, MAX>> for u32 {
    fn from(number: Within<MIN, MAX>) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inside_and_what_is_outside_is_told_what_would_be_right() {
        let read = |text| serde_json::from_str::<Within<1, 30>>(text).map(Within::get);
        assert_eq!((read("1").unwrap(), read("30").unwrap()), (1, 30));
        for outside in ["0", "31"] {
            assert!(read(outside).unwrap_err().to_string().starts_with("use 1 to 30"), "{outside}");
        }
        for odd in ["-1", "1.5", "\"5\"", "null", "4294967297"] {
            assert!(read(odd).is_err(), "{odd}");
        }
        assert_eq!(serde_json::to_string(&Within::<1, 30>::try_from(7).unwrap()).unwrap(), "7");
    }
}
