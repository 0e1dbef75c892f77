//! Numbers that must lie within bounds. A refusal names the parameter, the value and what is allowed.

use std::ops::RangeInclusive;

use crate::problem::ApiError;

/// Lets a parameter's value pass that is allowed.
pub(crate) fn within(field: &str, value: u32, allowed: RangeInclusive<u32>) -> Result<u32, ApiError> {
    if allowed.contains(&value) {
        return Ok(value);
    }
    let (least, most) = allowed.into_inner();
    Err(ApiError::query(field, format!("`{value}` does not fit; use {least} to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_allowed_passes() {
        let refused = |value| format!("{:?}", within("top", value, 1..=100).unwrap_err());
        assert_eq!((within("top", 1, 1..=100).unwrap(), within("top", 100, 1..=100).unwrap()), (1, 100));
        for value in [0, 101] {
            let error = refused(value);
            let message = format!("`{value}` does not fit; use 1 to 100");
            assert!(error.contains("field: \"top\"") && error.contains(&message), "{error}");
        }
    }
}
