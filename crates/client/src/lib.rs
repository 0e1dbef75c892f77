//! A typed client of the HTTP contract.
