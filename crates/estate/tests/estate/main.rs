//! What the estate promises, seen from outside.

mod activities;
mod dismissal;
mod identity;
mod links;
mod merging;
mod parents;
mod platform;
mod properties;
mod publication;
mod readings;
mod restart;
mod systems;
mod timeline;
mod world;
