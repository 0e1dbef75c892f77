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

fn parse(filter: &str) -> Result<EnvFilter, InitError> {
    EnvFilter::try_new(filter).map_err(|error| InitError::Filter(error.to_string()))
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
