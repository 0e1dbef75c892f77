//! The client against servers and names that mean harm.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod bounds;
mod dialling;
mod harness;
mod redirects;
mod tls;
mod unpacking;
