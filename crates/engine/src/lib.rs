//! The sweep: drains reports, applies, commits, publishes, appends history, tells clients.
