//! A typed client of Muster's HTTP contract, used by the command line.
//!
//! It answers in the contract's own types and turns problem answers into [`ClientError::Problem`]. It dials what it is
//! told and nothing else: no proxy from the environment, no redirects, every call bounded in time and size. Files of
//! history are the exception: they stream, however long they are.

mod audit;
mod calls;
mod connections;
mod error;
mod history;
mod identity;
mod infrastructure;
mod operations;
mod pages;
mod transport;

pub use error::{ClientError, InvalidAddress};
pub use history::{Download, FileFormat};
pub use transport::Client;
