//! A whole server in simulated time, connected to simulated clusters over real TLS: what people see of outages, moves,
//! restarts and nonsense.

mod bad_input;
mod chart;
mod migration;
mod outage;
mod quiet;
mod site;
mod watched;
