//! What the estate promises, seen from outside.

mod activities;
mod ceph;
mod disks;
mod dismissal;
mod identity;
mod infrastructure;
mod insiders;
mod insiders_hold;
mod links;
mod merging;
mod parents;
mod platform;
mod properties;
mod publication;
mod readings;
mod restart;
mod rulings;
mod rulings_hold;
mod splits;
mod systems;
mod timeline;
mod world;
