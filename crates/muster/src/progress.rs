//! How far something long has come, on the terminal of whoever waits. Where standard error is none, nothing is shown.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Bytes of a file; `total` where it is known.
pub(crate) fn bytes(total: Option<u64>) -> ProgressBar {
    match total {
        Some(total) => bar(Some(total), "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left"),
        None => bar(None, "{spinner} {bytes} {bytes_per_sec}"),
    }
}

/// Parts of something that is made of many.
pub(crate) fn parts() -> ProgressBar {
    bar(Some(0), "{wide_bar} {pos}/{len}")
}

fn bar(total: Option<u64>, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr()).with_style(style)
}
