//! Live updates (D-25): what changed, as it changes, encoded once for all clients.
//!
//! The [`Hub`] follows the engine's publications and puts frames into the [`outbox`] of each client. A [`client`] task
//! writes them to its websocket. Nobody waits for a slow client; it is let go.

mod client;
mod hub;
mod outbox;
mod readings;

pub(crate) use client::{Client, LivePolicy, MAX_CLIENT_FRAME};
pub(crate) use hub::Hub;
