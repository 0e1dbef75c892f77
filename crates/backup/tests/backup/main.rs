//! A backup from making to restoring: what is whole is restored as it was, what is damaged is refused with the reason.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod crash;
mod damage;
mod restoring;
mod world;
