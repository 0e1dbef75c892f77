//! Identity resolution, merge, change detection and the published snapshot. Pure.
