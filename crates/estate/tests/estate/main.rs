//! What the estate promises, seen from outside.

mod activities;
mod identity;
mod merging;
mod properties;
mod publication;
mod readings;
mod restart;
mod systems;
mod timeline;
mod world;
