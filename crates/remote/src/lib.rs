//! Metrics history at a remote store that speaks Prometheus remote write and the PromQL HTTP API.
//!
//! [`Shipping`] takes samples from a durable queue (a [`Feed`]) to the store, in order and, as far as the protocol allows,
//! once: what was accepted is read back before the queue may forget it. The [`Shipper`] inside is that protocol without
//! I/O or clock. A [`Reader`] brings raw samples back and sums them up in [`Bucket`]s. Series are named as in exports
//! ([`Metric::exposition_name`](muster_model::Metric::exposition_name)).
//!
//! What it leaves to others: keeping samples until they are confirmed (the queue), deciding which questions go to the
//! store, and the store's own retention.
//!
//! ```no_run
//! # use std::{num::NonZeroU32, sync::Arc};
//! # use muster_model::{Metric, ResourceId, ResourceKind, TenantId};
//! # use muster_outbound::{Outbound, Trust};
//! # use muster_remote::*;
//! # use muster_runtime::{Clock, Entropy, Shutdown};
//! # async fn run(feed: Box<dyn Feed>, clock: Arc<dyn Clock>) -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings {
//!     write_address: "http://127.0.0.1:8428/api/v1/write".parse()?,
//!     read_address: "http://127.0.0.1:8428".parse()?,
//!     credentials: Credentials::None,
//! };
//! let remote = Remote::new(&settings, Outbound::new(Remote::LIMITS, Trust::System, clock.clone())?)?;
//!
//! let shipper = Shipper::new(Pace::default(), Arc::new(Entropy::system()));
//! let (shipping, status) = Shipping::new(feed, remote.clone(), shipper, clock);
//! shipping.run(Shutdown::new()).await; // a task of its own; `status` tells how it goes
//!
//! let question = Question {
//!     tenant: TenantId::DEFAULT,
//!     metric: Metric::Cpu,
//!     resources: Resources::These(vec![ResourceId::mint(ResourceKind::Agent, "machine:0123")]),
//!     span: Span { from_ms: 1_795_219_200_000, to_ms: 1_795_305_600_000 },
//! };
//! let ten_minutes = NonZeroU32::new(600_000).expect("600,000 is not 0");
//! let buckets = Reader::new(remote).buckets(&question, ten_minutes).await?;
//! # drop((status, buckets));
//! # Ok(())
//! # }
//! ```

mod answer;
mod dial;
mod error;
mod feed;
mod herald;
mod job;
mod labels;
mod parcel;
mod question;
mod reader;
mod refusal;
mod remote;
mod rollup;
mod settings;
mod shipper;
mod status;
mod task;
mod verdict;
mod wire;

pub use answer::{RawSample, Samples};
pub use dial::Address;
pub use error::{InvalidAddress, InvalidSettings, RemoteError};
pub use feed::{Batch, Feed, FeedError, FeedSample, FeedSeries, Position};
pub use question::{Question, Resources, Span};
pub use reader::{Buckets, Reader};
pub use remote::Remote;
pub use rollup::Bucket;
pub use settings::{Credentials, Pace, Settings};
pub use shipper::{Next, Shipper};
pub use status::{Dropped, State, Status};
pub use task::Shipping;
