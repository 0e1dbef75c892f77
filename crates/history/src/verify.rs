//! Reads everything that is stored, blocks and sweep log, and says what is damaged.

use std::{io, thread};

use jiff::Timestamp;
use muster_model::ResourceId;

use crate::{
    cancel::Cancel,
    codec::{bytes::Malformed, pack::Pack},
    head::Head,
    history::{History, MOST_LOOKS},
    index::{BlockId, BlockMeta},
    log::{
        self,
        aside::is_aside,
        header::Header,
        records::{Ending, Records},
    },
    plan::{Shard, TrackId},
    query::{QueryError, Tier},
    shared::Shared,
    store::{Blocks, StoreError},
    sweep::LoggedRow,
};

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Blocks and files of the sweep log that were checked.
    pub done: u64,
    /// Blocks and files of the sweep log in all.
    pub total: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verified {
    /// Blocks read.
    pub blocks: u64,
    /// Files of the sweep log read.
    pub logs: u64,
    /// Samples and buckets read.
    pub points: u64,
    /// What cannot be read. It shows as gaps; everything else is served.
    pub damaged: Vec<Damage>,
}

/// Something that cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Damage {
    /// What.
    pub part: DamagedPart,
    /// What is wrong with it.
    pub why: String,
}

/// What may be damaged.
#[derive(Debug, Clone, PartialEq)]
pub enum DamagedPart {
    /// A part of a block.
    Block {
        /// The block's number.
        number: i64,
        /// What it holds.
        tier: Tier,
        /// Whose part of it, where that is known.
        resource: Option<ResourceId>,
        /// Start of the span that is affected.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
    /// A file of the sweep log, from some place on.
    Log {
        /// Its name within the directory.
        file: String,
    },
    /// The entry of a resource. What is stored of it is hidden; if it is still there, it has another entry by now.
    Resource {
        /// Its number.
        number: u32,
    },
}

/// What reading one block came to.
#[derive(Debug, Default)]
struct Checked {
    points: u64,
    damaged: Vec<(Option<TrackId>, String)>,
}

impl History {
    /// Reads everything that is stored and says what is damaged. Everything goes on meanwhile.
    ///
    /// # Errors
    /// When the database cannot be read at all, or nobody waits any more.
    pub fn verify(&self, cancel: &Cancel, mut progress: impl FnMut(Progress)) -> Result<Verified, QueryError> {
        let shared = self.shared();
        let (blocks, logs) = parts(shared);
        let total = (blocks.len() + logs.len()) as u64;
        let mut verified = Verified::default();
        for ((shard, block), done) in blocks.iter().zip(0..) {
            progress(Progress { done, total });
            if let Some((block, checked)) = look(shared, *shard, *block, cancel)? {
                verified.add_block(&shared.head(), &block, checked);
            }
        }
        for ((number, length), done) in logs.iter().zip(blocks.len() as u64..) {
            progress(Progress { done, total });
            verified.read_log(shared, *number, *length, cancel)?;
        }
        verified.add_lost(shared);
        progress(Progress { done: total, total });
        Ok(verified)
    }
}

/// A block, and the shard that it is found in.
type Place = (Shard, BlockId);

/// The blocks, and the files of the log with the length of what is safely in them.
fn parts(shared: &Shared) -> (Vec<Place>, Vec<(u64, u64)>) {
    let logs = shared.intake().log.kept().iter().map(|(number, length)| (*number, *length)).collect();
    let head = shared.head();
    let blocks = head.index.shards().flat_map(|(shard, blocks)| blocks.all().map(move |block| (shard, block.id)));
    (blocks.collect(), logs)
}

/// Reads a block in a moment in which memory and database tell of the same blocks, so that what is there can be held
/// against what should be. `None` if it was united with others meanwhile: those are checked in their turn or next time.
fn look(
    shared: &Shared,
    shard: Shard,
    block: BlockId,
    cancel: &Cancel,
) -> Result<Option<(BlockMeta, Checked)>, QueryError> {
    for _ in 0..MOST_LOOKS {
        cancel.check()?;
        let looked = shared.readers.read(|blocks| {
            let known = {
                let head = shared.head();
                if head.index.generation != blocks.generation {
                    return Ok(None);
                }
                head.index.shard(shard).and_then(|shard| shard.all().find(|known| known.id == block).copied())
            };
            known.map(|known| Ok((known, check(&known, blocks)?))).transpose().map(Some)
        });
        match looked.map_err(QueryError::Read)?.map_err(QueryError::Read)? {
            Some(looked) => return Ok(looked),
            None => thread::yield_now(),
        }
    }
    // Another process writes to a directory that this one has let go of.
    Err(QueryError::Unsettled)
}

/// Reads every pack of a block.
fn check(block: &BlockMeta, blocks: &Blocks<'_>) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let slots = match blocks.slots(block.id) {
        Ok(slots) => slots,
        Err(error) if error.is_damage() => {
            checked.damaged.push((None, muster_runtime::chain(&error)));
            return Ok(checked);
        }
        Err(error) => return Err(error),
    };
    for track in slots.into_iter().map(|slot| block.shard.track(slot)) {
        match blocks.pack_or_damage(block.id, track)? {
            Ok(pack) => match points(block.tier, &pack) {
                Ok(points) => checked.points += points,
                Err(error) => checked.damaged.push((Some(track), error.to_string())),
            },
            Err(damage) => checked.damaged.push((Some(track), damage)),
        }
    }
    Ok(checked)
}

fn points(tier: Tier, pack: &[u8]) -> Result<u64, Malformed> {
    let pack = Pack::open(pack)?;
    match tier {
        Tier::Raw => Ok(pack.all_samples()?.iter().map(|column| column.values.len() as u64).sum()),
        Tier::Minute | Tier::TenMinutes | Tier::Hour => {
            Ok(pack.all_buckets()?.iter().map(|column| column.buckets.len() as u64).sum())
        }
    }
}

impl Verified {
    fn add_block(&mut self, head: &Head, block: &BlockMeta, checked: Checked) {
        let Checked { points, mut damaged } = checked;
        if damaged.is_empty() && points != block.points {
            damaged.push((None, format!("{points} of {} values are there", block.points)));
        }
        self.blocks += 1;
        self.points += points;
        let grid = head.settings.grid;
        self.damaged.extend(damaged.into_iter().map(|(track, why)| {
            let resource = track.and_then(|track| head.catalogue.track_by_id(track)).map(|it| it.resource);
            let (from, to) = (grid.time(block.window.first), grid.time(block.window.last));
            let part = DamagedPart::Block { number: block.id.0, tier: block.tier, resource, from, to };
            Damage { part, why }
        }));
    }

    /// Reads a file of the log up to a length: what is behind it is being written just now.
    fn read_log(&mut self, shared: &Shared, number: u64, length: u64, cancel: &Cancel) -> Result<(), QueryError> {
        let path = log::path(&shared.directory, number);
        let (header, mut records) = match Records::open(&path, shared.settings.grid, number, length) {
            // It became blocks meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                self.add_log(log::file_name(number), format!("it cannot be opened: {error}"));
                return Ok(());
            }
            Ok(opened) => opened,
        };
        self.logs += 1;
        while let Some(sweep) = records.next() {
            cancel.check()?;
            self.points += sweep.iter().map(known).sum::<u64>();
        }
        match (header, records.ending()) {
            (Header::Ours, Ending::Whole | Ending::Torn { .. }) => {}
            (Header::Ours, Ending::Damaged { bytes, why }) => {
                self.add_log(log::file_name(number), format!("{bytes} bytes at its end cannot be read: {why}"));
            }
            (Header::Newer(_) | Header::Torn | Header::Damaged, _) => {
                self.add_log(log::file_name(number), "its header is damaged".to_owned());
            }
        }
        Ok(())
    }

    /// Adds what was found to be lost before: files that were set aside, and entries of resources.
    fn add_lost(&mut self, shared: &Shared) {
        for file in shared.files().into_iter().map(|file| file.name).filter(|name| is_aside(name)) {
            self.add_log(
                file,
                "it was set aside; what could be read of it is in blocks, delete it when done with it".into(),
            );
        }
        let head = shared.head();
        self.damaged.extend(head.catalogue.lost_tracks().map(|TrackId(number)| Damage {
            part: DamagedPart::Resource { number },
            why: "it cannot be read; what is stored of the resource is hidden".to_owned(),
        }));
    }

    fn add_log(&mut self, file: String, why: String) {
        self.damaged.push(Damage { part: DamagedPart::Log { file }, why });
    }
}

fn known(row: &LoggedRow) -> u64 {
    row.values.iter().filter(|value| !value.is_nan()).count() as u64
}
