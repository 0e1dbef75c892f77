//! What a history promises, seen from outside.

mod common;
mod crowd;
mod disk_full;
mod kill_nine;
mod opening;
mod reference;
mod rules;
