//! The host agent: what one machine knows about itself.
