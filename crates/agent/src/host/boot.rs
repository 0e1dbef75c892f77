//! Which boot this is and when it began. Counters count within one boot, and both facts must not move while it lasts.

use jiff::{SignedDuration, Timestamp};

use crate::{read::Files, words};

/// One boot of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Boot {
    /// The kernel's random id of it.
    pub(crate) id: Option<String>,
    /// When it began, to the second. Taken once: read again, clock corrections would make it wander.
    pub(crate) began_at: Option<Timestamp>,
}

impl Boot {
    /// The current boot: the one known before, unless the boot id says otherwise.
    pub(crate) fn observe(files: &Files<'_>, known: Option<&Self>, now: Timestamp) -> Self {
        let id = files.attribute(&files.roots.proc("sys/kernel/random/boot_id")).map(|id| id.to_ascii_lowercase());
        let same = known.filter(|known| known.id == id);
        let began_at = same.and_then(|known| known.began_at).or_else(|| began_at(files, now));
        Self { id, began_at }
    }
}

fn began_at(files: &Files<'_>, now: Timestamp) -> Option<Timestamp> {
    let content = files.bytes(&files.roots.proc("uptime")).ok()?;
    let uptime: f64 = words::number(words::words(&content).next()?)?;
    let began_at = now.checked_sub(SignedDuration::try_from_secs_f64(uptime).ok()?).ok()?;
    Timestamp::from_second(began_at.as_second()).ok()
}
