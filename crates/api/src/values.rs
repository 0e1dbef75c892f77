//! Columns of numbers, written in as few characters as they need.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeSeq};
use utoipa::ToSchema;

/// A column of values on a time column. `null` means that nothing was recorded. Whole numbers are written without a
/// decimal point.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Values(pub Vec<Option<f64>>);

/// Below this, every whole number is a double of its own.
const WHOLE: f64 = 9_007_199_254_740_992.0;

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.0.len()))?;
        for value in &self.0 {
            match value {
                #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
                Some(value) if value.fract() == 0.0 && value.abs() < WHOLE => {
                    sequence.serialize_element(&(*value as i64))?;
                }
                Some(_) | None => sequence.serialize_element(value)?,
            }
        }
        sequence.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_no_more_characters_than_they_need() {
        let values = Values(vec![Some(12.0), Some(0.5), None, Some(-0.0), Some(1e300)]);
        let text = serde_json::to_string(&values).unwrap();
        assert_eq!(text, "[12,0.5,null,0,1e+300]");
        assert_eq!(serde_json::from_str::<Values>(&text).unwrap(), values);
    }
}
