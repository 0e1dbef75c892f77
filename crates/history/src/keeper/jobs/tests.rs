//! Situations and what is to be done in them; and whatever blocks there are, that it comes to an end without a loss.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{
    index::{BlockId, Change, Index},
    options::Options,
    plan::Shard,
    retention::Retention,
};

const HOUR: i64 = 360;
const DAY: i64 = 24 * HOUR;

#[test]
fn each_situation_has_its_job() {
    let [now, yesterday, month_ago] = [100 * DAY + 5 * HOUR, 99 * DAY, 70 * DAY];
    // Nothing, and nothing that is over.
    check(now, &[], "nothing");
    check(now, &[gathered(100 * DAY + 4 * HOUR)], "nothing");
    // A window has ended, alone or with others.
    check(now, &[gathered(100 * DAY)], "unite TwoHours 1, sum up");
    check(now, &[gathered(100 * DAY), gathered(100 * DAY + 9)], "unite TwoHours 2, sum up");
    check(now, &[raw(Level::TwoHours, 100 * DAY), gathered(100 * DAY + 9)], "unite TwoHours 2, sum up");
    // The oldest comes first.
    check(now, &[gathered(100 * DAY + 2 * HOUR), gathered(100 * DAY)], "unite TwoHours 1, sum up");
    // A day has ended.
    check(now, &[raw(Level::TwoHours, yesterday), raw(Level::TwoHours, yesterday + 2 * HOUR)], "unite Day 2");
    check(now, &[raw(Level::TwoHours, yesterday)], "unite Day 1");
    check(now, &[raw(Level::Day, yesterday)], "nothing");
    // Late for a day that has ended: all of it is summed up again.
    check(now, &[raw(Level::Day, yesterday), gathered(yesterday + HOUR)], "unite Day 2, sum up");
    // A clock that ran ahead has ended today before its time.
    check(now, &[raw(Level::Day, 100 * DAY), gathered(100 * DAY + HOUR)], "unite Day 2, sum up");
    // Too old.
    check(now, &[raw(Level::Day, 90 * DAY)], "fade, with minutes");
    check(now, &[raw(Level::Day, month_ago)], "fade");
    // Late for time that has faded.
    check(now, &[minutes(90 * DAY), gathered(90 * DAY + HOUR)], "absorb 1, with minutes");
    check(now, &[minutes(99 * DAY), gathered(99 * DAY + HOUR)], "absorb 1, with minutes");
    check(now, &[sums(Level::TenDays, month_ago, 10), gathered(month_ago + HOUR)], "absorb 1");
    check(now, &[hours(month_ago, 10), gathered(month_ago + HOUR)], "absorb 1");
    // Late for time that nothing is known of.
    check(now, &[gathered(month_ago + HOUR)], "unite Day 1, sum up");
    // A clock that went back does not make old days new.
    check(91 * DAY, &[minutes(95 * DAY), sums(Level::TenDays, 90 * DAY, 10), gathered(90 * DAY + HOUR)], "absorb 1");
    // Ten days have ended.
    check(now, &[sums(Level::Day, 90 * DAY, 1), sums(Level::Day, 91 * DAY, 1)], "collect 2");
    check(now, &[sums(Level::TenDays, 90 * DAY, 10), sums(Level::Day, 91 * DAY, 1), hours(90 * DAY, 10)], "collect 2");
    check(now, &[sums(Level::Day, 100 * DAY, 1)], "nothing");
    // Late for ten days of which only the hours are left.
    check(now, &[sums(Level::Day, 50 * DAY, 1), hours(50 * DAY, 10)], "absorb sums 1");
    // Sums that are too old go, those by ten minutes only after they became hours.
    check(now, &[minutes(month_ago)], "delete Minute");
    check(now, &[sums(Level::TenDays, 40 * DAY, 10)], "delete TenMinutes");
    check(now, &[sums(Level::Day, 40 * DAY, 1)], "collect 1");
    check(now, &[hours(0, 10)], "delete Hour");
    // A little at a time: what is newer than the two oldest days waits. The second is not held up by the first.
    check(now, &[raw(Level::Day, 90 * DAY), raw(Level::Day, 80 * DAY), raw(Level::Day, 70 * DAY)], "fade");
    check(
        now,
        &[raw(Level::Day, 90 * DAY), gathered(100 * DAY), raw(Level::Day, 99 * DAY)],
        "unite TwoHours 1, sum up",
    );
    check(now, &[raw(Level::Day, 90 * DAY), gathered(5 * DAY)], "unite Day 1, sum up");
    check(now, &[raw(Level::Day, 90 * DAY), raw(Level::Day, 5 * DAY)], "fade, with minutes");
}

proptest! {
    #[test]
    fn whatever_there_is_comes_to_an_end_without_a_loss(starts in prop::collection::vec((0..130 * DAY, 0..720i64), 1..40), now in 60 * DAY..140 * DAY) {
        let blocks: Vec<BlockMeta> = starts.iter().map(|(start, length)| {
            let end = calendar().window(Level::TwoHours, Tick(*start)).last;
            block(Tier::Raw, Level::Gathered, Window { first: Tick(*start), last: Tick(start + length).min(end) })
        }).collect();
        let mut index = index(&blocks);
        let mut jobs = 0;
        // As many flushes as it takes until nothing is left to do.
        for flush in 0.. {
            prop_assert!(flush < 200, "it does not end");
            let all: Vec<BlockMeta> = shard(&index).all().copied().collect();
            let deadlines = Deadlines::new(Tick(now), Some(Tick(now)), &settings(), &all.iter(), None);
            let before = jobs;
            while let Some(job) = next(&shard(&index), calendar(), &deadlines) {
                jobs += 1;
                prop_assert!(jobs < 2000, "it does not end: {job:?}");
                index.apply(effect(&job));
                check_nothing_is_lost(&blocks, &index, now)?;
            }
            if jobs == before {
                break;
            }
        }
        check_order(&index, now)?;
    }
}

/// A shard's blocks after a job, without what is in them.
fn effect(job: &Job) -> Change {
    let day = |window: Window| calendar().window(Level::Day, window.first);
    let ten = |window: Window| calendar().window(Level::TenDays, window.first);
    let (removed, added) = match job {
        Job::Unite { window, level, raw, sum_up } => {
            let mut added = vec![block(Tier::Raw, *level, extent(raw))];
            added.extend(sum_up.then(|| block(Tier::TenMinutes, Level::Day, day(*window))));
            (raw.clone(), added)
        }
        Job::Absorb { day, raw, has_minutes } => {
            let minutes = has_minutes.then(|| minutes(day.first.0));
            (raw.clone(), minutes.into_iter().chain([block(Tier::TenMinutes, Level::Day, *day)]).collect())
        }
        Job::Fade { raw, is_wanted } => {
            (vec![*raw], is_wanted.then(|| minutes(day(raw.window).first.0)).into_iter().collect())
        }
        Job::Collect { window, sums } => {
            let added = [(Tier::TenMinutes, Level::TenDays), (Tier::Hour, Level::TenDays)];
            (sums.clone(), added.map(|(tier, level)| block(tier, level, ten(*window))).into())
        }
        Job::AbsorbSums { window, sums } => (sums.clone(), vec![block(Tier::Hour, Level::TenDays, ten(*window))]),
        Job::Delete { block } => (vec![*block], Vec::new()),
    };
    Change { removed, added: added.into_iter().map(|block| (block, None)).collect(), ..Change::default() }
}

/// What is not older than the longest retention is there in some form.
fn check_nothing_is_lost(blocks: &[BlockMeta], index: &Index, now: i64) -> Result<(), TestCaseError> {
    let oldest = now - settings().retention.of(Tier::Hour);
    for lost in blocks.iter().filter(|block| block.window.last.0 >= oldest) {
        let shard = shard(index);
        let is_there = shard.all().any(|it| it.window.holds(lost.window.first, lost.window.last));
        prop_assert!(is_there, "{:?} is gone", lost.window);
    }
    Ok(())
}

/// One block of samples for each day that has ended, one of sums for each ten days, nothing that is too old.
fn check_order(index: &Index, now: i64) -> Result<(), TestCaseError> {
    let shard = shard(index);
    let ended = |window: Window| window.last.0 <= now - GRACE_TICKS;
    let mut days = BTreeSet::new();
    for raw in shard.of_tier(Tier::Raw) {
        let day = calendar().window(Level::Day, raw.window.first);
        prop_assert!(!ended(day) || days.insert(day), "two blocks of a day");
        prop_assert!(raw.window.last.0 >= now - settings().retention.of(Tier::Raw), "samples are too old");
    }
    let mut collected = BTreeSet::new();
    for sums in shard.of_tier(Tier::TenMinutes) {
        let window = calendar().window(Level::TenDays, sums.window.first);
        prop_assert!(!ended(window) || collected.insert(window), "two blocks of ten days");
    }
    Ok(())
}

fn check(now: i64, blocks: &[BlockMeta], expected: &str) {
    let index = index(blocks);
    let deadlines = Deadlines::new(Tick(now), Some(Tick(now)), &settings(), &blocks.iter(), None);
    let job = next(&shard(&index), calendar(), &deadlines);
    assert_eq!(job.as_ref().map_or("nothing".to_owned(), say), expected, "{blocks:?}");
}

fn say(job: &Job) -> String {
    match job {
        Job::Unite { level, raw, sum_up, .. } => {
            format!("unite {level:?} {}{}", raw.len(), if *sum_up { ", sum up" } else { "" })
        }
        Job::Absorb { raw, has_minutes, .. } => {
            format!("absorb {}{}", raw.len(), if *has_minutes { ", with minutes" } else { "" })
        }
        Job::Fade { is_wanted, .. } => format!("fade{}", if *is_wanted { ", with minutes" } else { "" }),
        Job::Collect { sums, .. } => format!("collect {}", sums.len()),
        Job::AbsorbSums { sums, .. } => format!("absorb sums {}", sums.len()),
        Job::Delete { block } => format!("delete {:?}", block.tier),
    }
}

fn index(blocks: &[BlockMeta]) -> Index {
    let added = blocks.iter().map(|block| (*block, None)).collect();
    let mut index = Index::new(Vec::new(), &BTreeSet::new(), 0, None);
    index.apply(Change { added, ..Change::default() });
    index
}

fn shard(index: &Index) -> ShardBlocks {
    index.shard(Shard(0)).map(|shard| ShardBlocks::clone(shard)).unwrap_or_default()
}

fn gathered(first: i64) -> BlockMeta {
    block(Tier::Raw, Level::Gathered, Window { first: Tick(first), last: Tick(first + 5) })
}

fn raw(level: Level, first: i64) -> BlockMeta {
    block(Tier::Raw, level, Window { first: Tick(first), last: Tick(first + HOUR) })
}

fn minutes(first: i64) -> BlockMeta {
    block(Tier::Minute, Level::Day, calendar().window(Level::Day, Tick(first)))
}

fn sums(level: Level, first: i64, days: i64) -> BlockMeta {
    block(Tier::TenMinutes, level, Window { first: Tick(first), last: Tick(first + days * DAY - 1) })
}

fn hours(first: i64, days: i64) -> BlockMeta {
    block(Tier::Hour, Level::TenDays, Window { first: Tick(first), last: Tick(first + days * DAY - 1) })
}

fn extent(blocks: &[BlockMeta]) -> Window {
    let first = blocks.iter().map(|block| block.window.first).min().unwrap();
    Window { first, last: blocks.iter().map(|block| block.window.last).max().unwrap() }
}

/// A block of its own number.
fn block(tier: Tier, level: Level, window: Window) -> BlockMeta {
    static NEXT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
    let id = BlockId(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    BlockMeta { id, tier, level, shard: Shard(0), window, points: 1, bytes: 1 }
}

fn settings() -> Settings {
    let days = |days: i64| jiff::SignedDuration::from_hours(24 * days);
    let retention = Retention { raw: days(7), minute: days(20), ten_minutes: days(45), hour: days(90) };
    Settings::check(&Options { retention, ..Options::default() }).unwrap()
}

fn calendar() -> Calendar {
    settings().calendar
}
