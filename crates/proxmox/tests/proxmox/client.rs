//! The client against a cluster that means well, and against everything else.

mod bad_input;
mod credentials;
pub(crate) mod desk;
mod entries;
mod load;
