//! Metrics history: every sample of every series, from the sweep that brought it to the chart that shows it.
//!
//! [`History`] is one directory, written by one process. A source's poll plan is interned once; from then on a sweep is
//! one array of numbers on the grid. A sweep is placed in memory as a whole, then written to the sweep log in one
//! durable append. When enough has gathered, the keeper's thread turns it into checksummed blocks in `history.db` and
//! deletes the log. Questions are answered from memory where that suffices, else from memory and blocks together, each
//! sample counted once, the newest word counting.
//!
//! What it leaves to others: reading clocks (samples bring their time, and nothing here waits for one), knowing why a
//! gap is there, and who may ask.
//!
//! ```
//! # use std::num::NonZeroU32;
//! # use jiff::{SignedDuration, Timestamp};
//! # use muster_history::{Cancel, History, Options, PlanSamples, Query};
//! # use muster_model::{Metric, ResourceId, ResourceKind, SourceId, TenantId};
//! # let directory = tempfile::tempdir()?;
//! let history = History::open(directory.path(), Options::default())?;
//! let host = ResourceId::mint(ResourceKind::Agent, "machine:0123");
//! let period = history.period(SignedDuration::from_secs(10));
//! let plan = history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, &[(host, Metric::Cpu)])?;
//!
//! let at: Timestamp = "2026-11-21T09:00:00Z".parse()?;
//! history.append(&[PlanSamples { plan, at, values: &[12.3] }])?;
//!
//! let answer = history.query(
//!     &Query {
//!         tenant: TenantId::DEFAULT,
//!         resources: vec![host],
//!         metrics: vec![Metric::Cpu],
//!         from: at - SignedDuration::from_secs(10),
//!         to: at,
//!         points: NonZeroU32::new(300).expect("300 is not 0"),
//!     },
//!     &Cancel::default(),
//! )?;
//! assert_eq!(answer.columns[0].avg, [None, Some(12.3)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod backfill;
mod calendar;
mod cancel;
mod catalogue;
mod codec;
mod columns;
mod cut;
mod error;
mod forecast;
mod grid;
mod head;
mod history;
mod index;
mod intervals;
mod keeper;
mod lock;
mod log;
mod options;
mod plan;
mod query;
mod recovery;
mod replayed;
mod retention;
mod rollup;
mod segment;
mod shared;
mod shipping;
mod stats;
mod store;
mod sweep;
mod tally;
mod verify;

pub use archive::{Archive, ArchiveBucket, ArchiveError, ArchiveQuery};
pub use backfill::{Backfill, BackfillError, BackfillSeries, Backfilled};
pub use cancel::Cancel;
pub use cut::{Cut, CutLog};
pub use error::{CutError, FlushError, OpenError};
pub use forecast::{Forecast, TierForecast, TierStats};
pub use grid::Period;
pub use history::History;
pub use log::LogError;
pub use options::{InvalidOptions, Options, Rounding, Sync};
pub use plan::{PlanError, PlanId};
pub use query::{Answer, Column, Gap, ManyAnswer, ManyQuery, Query, QueryError, Recorded, SeriesQuery, Tier};
pub use retention::{InvalidRetention, Retention};
pub use shipping::{Parcel, ParcelSample, ParcelSeries};
pub use stats::{FileSize, Stats};
pub use store::StoreError;
pub use sweep::{AppendError, Appended, PlanSamples};
pub use verify::{Damage, DamagedPart, Progress, Verified};
