//! The HTTP contract: request and response types, routes and the scope each one needs.
