//! How samples become bytes, and back. Pure: no file, no clock, no panic on any input.
//!
//! A value becomes a whole number ([`scale`]), the number becomes its difference from a prediction, and differences
//! become symbols of one byte or a few ([`symbols`]). The sweep log packs rows so ([`record`]): predicted is the value
//! that the same series had in the sweep before. Blocks
//! hold packs ([`pack`]): columns that know their own codec.

pub(crate) mod axis;
pub(crate) mod buckets;
pub(crate) mod bytes;
mod chunk;
pub(crate) mod definition;
mod numbers;
pub(crate) mod pack;
mod pcodec;
pub(crate) mod record;
pub(crate) mod scale;
pub(crate) mod symbols;
