//! History as a file, both ways: comma-separated values with a header, and Prometheus' text format with timestamps.
//!
//! Exports walk one series after the other and hold a piece at a time. Imports read line by line, and hand history what
//! a bounded number of lines holds, as spans that it may have missed: what is covered already stays as it is.

mod cadence;
mod chunk;
mod entry;
pub(crate) mod export;
pub(crate) mod import;
mod lines;
mod prometheus;
mod table;

use muster_api::ProblemCode;

use crate::problem::ApiError;

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Comma-separated values.
    Csv,
    /// Prometheus' text format, with timestamps in milliseconds.
    Prometheus,
}

impl Format {
    /// The format that a query names.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, ApiError> {
        match text {
            None | Some("csv") => Ok(Self::Csv),
            Some("prometheus") => Ok(Self::Prometheus),
            Some(_) => Err(ApiError::query("format", "use `csv` or `prometheus`")),
        }
    }

    /// The format of a body with this content type.
    pub(crate) fn of_content_type(content_type: &str) -> Result<Self, ApiError> {
        match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "text/csv" => Ok(Self::Csv),
            "text/plain" => Ok(Self::Prometheus),
            _ => Err(ApiError::new(
                ProblemCode::UnsupportedMediaType,
                "Send `Content-Type: text/csv` for the CSV of an export, or `text/plain` for Prometheus' text format.",
            )),
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// What a downloaded file is called.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "muster-history.csv",
            Self::Prometheus => "muster-history.prom",
        }
    }
}
