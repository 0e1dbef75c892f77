//! Network interfaces: which there are, their addresses, and their traffic.

mod addresses;
mod interfaces;
mod traffic;

pub(crate) use self::{
    interfaces::Interface,
    traffic::{Traffic, TrafficRates},
};

use crate::read::{Files, ReadError};

/// The interfaces worth a record, in order of name.
pub(crate) fn interfaces(files: &Files<'_>) -> Result<Vec<Interface>, ReadError> {
    let addresses = addresses::read(files)?;
    interfaces::read(files, &addresses)
}
