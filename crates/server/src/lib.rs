//! HTTP handlers, authentication, live updates and web assets.
