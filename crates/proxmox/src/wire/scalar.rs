//! Numbers, flags and texts as the API writes them: any of them may arrive as a number, a text or not at all.
//!
//! Every field of an answer is read by one of these. What cannot be understood is unknown, never zero (D-9): a negative
//! size, a number that does not fit, an object where a number was. Nothing here panics and no value wraps around.

use std::fmt;

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::json;

/// A yes or no: `true`, `1`, `"1"`, `"yes"`, `"on"` and their opposites; an empty text is a no.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Flag(flag) => Some(flag),
        Scalar::Integer(0) => Some(false),
        Scalar::Integer(1) => Some(true),
        Scalar::Text(text) => match text.trim() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" | "" => Some(false),
            _ => None,
        },
        Scalar::Float(_) | Scalar::Integer(_) | Scalar::Nothing | Scalar::Composite => None,
    })
}

/// A whole number from zero on. One that is negative or does not fit is unknown.
pub(crate) fn unsigned<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.whole().and_then(|whole| whole.try_into().ok()))
}

/// A number of bytes: like [`unsigned`], but it may hold thousands separators, and one that does not fit is the largest.
pub(crate) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let scalar = match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) => Scalar::Text(text.trim_matches(['"', ' ']).replace(',', "").into()),
        other => other,
    };
    let whole = scalar.whole().filter(|whole| *whole >= 0);
    Ok(whole.map(|whole| u64::try_from(whole).unwrap_or(u64::MAX)))
}

/// A whole number with a sign. One that does not fit is unknown.
pub(crate) fn signed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.whole().and_then(|whole| whole.try_into().ok()))
}

/// A number. `"N/A"`, what is not finite, and what is none are unknown.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let number = match Scalar::deserialize(deserializer)? {
        #[expect(clippy::cast_precision_loss, reason = "a measured value needs no more than 53 bits")]
        Scalar::Integer(whole) => Some(whole as f64),
        Scalar::Float(number) => Some(number),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Flag(_) | Scalar::Nothing | Scalar::Composite => None,
    };
    Ok(number.filter(|number: &f64| number.is_finite()))
}

/// A text; a number becomes its digits.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SmolStr>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.into_text())
}

/// A moment in seconds since 1970; 0 means that there is none.
pub(crate) fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let seconds = Scalar::deserialize(deserializer)?.whole().filter(|seconds| *seconds != 0);
    Ok(seconds.and_then(|seconds| seconds.try_into().ok()).and_then(|seconds| Timestamp::from_second(seconds).ok()))
}

/// A moment without which a row means nothing.
pub(crate) fn required_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    moment(deserializer)?.ok_or_else(|| de::Error::custom("expected a moment in seconds"))
}

/// A number without which a row means nothing.
pub(crate) fn required_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    number(deserializer)?.ok_or_else(|| de::Error::custom("expected a finite number"))
}

/// What a row is about: a text that is not empty.
pub(crate) fn identity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SmolStr, D::Error> {
    let text = text(deserializer)?.filter(|text| !text.is_empty());
    text.ok_or_else(|| de::Error::custom("expected a name"))
}

/// The number of a guest: 100 to 999999999.
pub(crate) fn vmid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    some_vmid(deserializer)?.ok_or_else(|| de::Error::custom("expected the number of a guest, 100 to 999999999"))
}

/// The number of a guest where a row may have none.
pub(crate) fn some_vmid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let whole = Scalar::deserialize(deserializer)?.whole();
    Ok(whole.and_then(|whole| whole.try_into().ok()).filter(|id| (100..=999_999_999).contains(id)))
}

/// An object; `null` and anything that is not such an object is none.
pub(crate) fn object<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(json::read(raw.get()).ok())
}

/// A value as it was written.
enum Scalar {
    Nothing,
    Flag(bool),
    Integer(i128),
    Float(f64),
    Text(SmolStr),
    /// A list or an object.
    Composite,
}

impl Scalar {
    /// As a whole number; a fraction is rounded.
    fn whole(&self) -> Option<i128> {
        match self {
            Self::Integer(whole) => Some(*whole),
            Self::Float(number) => rounded(*number),
            Self::Text(text) => parsed(text),
            Self::Flag(_) | Self::Nothing | Self::Composite => None,
        }
    }

    fn into_text(self) -> Option<SmolStr> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(whole) => Some(smol_str::format_smolstr!("{whole}")),
            Self::Float(number) => Some(smol_str::format_smolstr!("{number}")),
            Self::Flag(_) | Self::Nothing | Self::Composite => None,
        }
    }
}

/// A text counts as a fraction only where it is written as one.
fn parsed(text: &str) -> Option<i128> {
    let text = text.trim().trim_matches('"');
    if text.contains(['.', 'e', 'E']) { rounded(text.parse().ok()?) } else { text.parse().ok() }
}

fn rounded(number: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond the range becomes the end of the range")]
    number.is_finite().then(|| number.round() as i128)
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Scalar, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_i64<E>(self, whole: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(whole.into()))
    }

    fn visit_u64<E>(self, whole: u64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(whole.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Composite)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Scalar, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Composite)
    }
}
