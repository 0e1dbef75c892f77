//! Metrics history: grid, sweep log, blocks, in-memory window, queries.
