//! Structured logs.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, Registry, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why logging could not be set up.
#[derive(Debug)]
pub enum InitError {
    /// The filter text is malformed.
    Filter(String),
    /// Logging was set up before.
    AlreadySet,
}

impl std::fmt::Display for InitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Filter(why) => write!(f, "log level: {why}; use error, warn, info, debug, trace or target=level"),
            Self::AlreadySet => write!(f, "logging was already set up"),
        }
    }
}

impl std::error::Error for InitError {}

/// Changes what is logged while the process runs.
#[derive(Debug, Clone)]
pub struct LogLevel(reload::Handle<EnvFilter, Registry>);

impl LogLevel {
    /// Logs what another filter says, from now on.
    ///
    /// # Errors
    /// When the filter cannot be parsed. The one before stays.
    pub fn set(&self, filter: &str) -> Result<(), InitError> {
        let filter = parse(filter)?;
        // The subscriber lives as long as the process.
        self.0.reload(filter).map_err(|_| InitError::AlreadySet)
    }
}

/// Checks a filter.
///
/// # Errors
/// When it cannot be parsed.
pub fn check(filter: &str) -> Result<(), InitError> {
    parse(filter).map(drop)
}

/// Logs an error of its own for each certificate that is not believed, also where that is nothing but the answer to a
/// question; whoever asked says what came of it.
const TALKATIVE: &str = "rustls_platform_verifier";

fn parse(filter: &str) -> Result<EnvFilter, InitError> {
    let parsed = EnvFilter::try_new(filter).map_err(|error| InitError::Filter(error.to_string()))?;
    if filter.contains(TALKATIVE) {
        return Ok(parsed);
    }
    let off = format!("{TALKATIVE}=off").parse().expect("a target with a level is a directive");
    Ok(parsed.add_directive(off))
}

/// Sends logs to standard error; standard output stays free for results.
///
/// # Errors
/// When the filter cannot be parsed, or logging was already set up in this process.
pub fn init(filter: &str, format: LogFormat) -> Result<LogLevel, InitError> {
    let (filter, handle) = reload::Layer::new(parse(filter)?);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Text => registry.with(lines).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    }
    .map_err(|_| InitError::AlreadySet)?;
    Ok(LogLevel(handle))
}

#[cfg(test)]
mod tests {
    use tracing::{Level, enabled};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn who_only_answers_a_question_logs_no_error() {
        let check = |filter: &str, told: bool| {
            let registry = tracing_subscriber::registry().with(parse(filter).unwrap());
            tracing::subscriber::with_default(registry, || {
                let verifier = enabled!(target: "rustls_platform_verifier::verification::others", Level::ERROR);
                assert_eq!(verifier, told, "{filter}");
                assert!(enabled!(target: "muster_outbound", Level::ERROR), "{filter}");
            });
        };
        check("info", false);
        check("debug,muster_outbound=trace", false);
        check("info,rustls_platform_verifier=error", true);
    }
}
