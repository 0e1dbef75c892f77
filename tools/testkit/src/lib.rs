//! Builders, simulated time, database and server harnesses. For tests and benchmarks only.
