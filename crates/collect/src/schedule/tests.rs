//! Schedules under simulated time.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const OK: Result<(), FailureCategory> = Ok(());
const UNREACHABLE: Result<(), FailureCategory> = Err(FailureCategory::Unreachable);

#[test]
fn the_first_look_is_at_once_and_details_follow_the_bulk_lane() {
    let mut schedule = schedule();
    assert_eq!(names(&schedule.begin(at(0))), ["bulk"]);
    assert_eq!(names(&schedule.begin(at(1))), [""; 0], "details wait for it");
    schedule.ended("bulk", OK, at(2));
    assert_eq!(names(&schedule.begin(at(2))), ["disks", "slow"]);
}

#[test]
fn looks_lie_on_the_grid_and_what_was_missed_is_skipped() {
    // D-10
    let mut schedule = schedule();
    let first = run(&mut schedule, OK, at(0), 0);
    let second = schedule.next_report().unwrap();
    assert!(second > first.planned.wall);
    // This look takes three and a half intervals.
    let late = run(&mut schedule, OK, moment(second), 35);
    assert_eq!(late.planned.wall, second);
    let next = schedule.next_report().unwrap();
    assert_eq!(next.duration_since(second).as_secs(), 40, "the moments in between are not made up for");
}

#[test]
fn a_lane_is_never_looked_into_twice_at_once() {
    let mut schedule = schedule();
    assert_eq!(schedule.begin(at(0)).len(), 1);
    schedule.wish("bulk").unwrap();
    for second in 1..100 {
        assert_eq!(names(&schedule.begin(at(second))), [""; 0]);
    }
    schedule.ended("bulk", OK, at(100));
    let due: Vec<_> = schedule.begin(at(100)).into_iter().map(|due| due.lane.name).collect();
    assert_eq!(due, ["disks", "slow"], "the wish was answered by the look that was under way");
}

#[test]
fn a_wish_is_granted_at_once_whatever_is_planned() {
    let mut schedule = schedule();
    run(&mut schedule, Err(FailureCategory::Unauthorised), at(0), 0);
    assert!(schedule.until_next(at(1)).unwrap() > Duration::from_secs(50), "refused credentials are not hammered");
    schedule.wish("disks").unwrap();
    assert_eq!(schedule.until_next(at(1)), Some(Duration::ZERO));
    let due = schedule.begin(at(1));
    assert_eq!((names(&due), due[0].wished), (vec!["disks"], true));
    assert_eq!(schedule.wish("cellar"), Err(NoSuchLane));
}

#[test]
fn what_is_not_polled_is_looked_at_only_when_somebody_wishes() {
    let mut schedule = Schedule::idle(id(), lanes());
    assert_eq!((schedule.until_next(at(0)), schedule.next_report()), (None, None));
    schedule.wish("bulk").unwrap();
    run(&mut schedule, OK, at(5), 1);
    assert_eq!((schedule.until_next(at(6)), schedule.next_report()), (None, None));
}

#[test]
fn details_pause_while_the_bulk_lane_fails_and_return_with_it() {
    let mut schedule = schedule();
    run(&mut schedule, OK, at(0), 0);
    for lane in names(&schedule.begin(at(0))) {
        schedule.ended(lane, UNREACHABLE, at(1));
    }
    let mut now = moment(schedule.next_report().unwrap());
    run(&mut schedule, UNREACHABLE, now, 0);
    for _ in 0..5 {
        now = moment(schedule.next_report().unwrap());
        assert_eq!(names(&schedule.begin(now)), ["bulk"], "there is no use in asking for details");
        schedule.ended("bulk", UNREACHABLE, now);
    }
    now = moment(schedule.next_report().unwrap());
    run(&mut schedule, OK, now, 0);
    assert_eq!(names(&schedule.begin(now)), ["disks", "slow"]);
}

#[test]
fn a_failed_detail_is_tried_again_later_and_later_until_it_works() {
    let mut schedule = schedule();
    run(&mut schedule, OK, at(0), 0);
    let mut now = at(0);
    let mut waits = Vec::new();
    for _ in 0..8 {
        let due: Vec<_> = schedule.begin(now).into_iter().filter(|due| due.lane.name == "slow").collect();
        assert_eq!(due.len(), 1);
        schedule.ended("slow", Err(FailureCategory::TimedOut), now);
        let wait = wait_of(&schedule, "slow", now);
        waits.push(wait.as_secs());
        now = now.later(wait);
    }
    assert!(waits[0] >= 10 && waits[0] <= 12, "{waits:?}");
    assert!(waits.windows(2).all(|two| two[0] <= two[1]), "{waits:?}");
    assert!(*waits.last().unwrap() <= 375, "{waits:?}");
    schedule.begin(now);
    schedule.ended("slow", OK, now);
    schedule.ended("slow", Err(FailureCategory::TimedOut), now);
    assert_eq!(wait_of(&schedule, "slow", now).as_secs(), waits[0], "a success resets it");
}

#[test]
fn a_clock_that_jumps_neither_stops_polling_nor_makes_it_run() {
    let mut schedule = schedule();
    run(&mut schedule, OK, at(0), 0);
    let wait = schedule.until_next(at(0)).unwrap();
    let back = Moment { wall: at(-3600).wall, monotonic: at(0).monotonic };
    assert_eq!(schedule.until_next(back), Some(wait));
    let ahead = Moment { wall: at(36_000).wall, monotonic: at(0).monotonic + Duration::from_secs(10) };
    let due = schedule.begin(ahead).into_iter().find(|due| due.lane.name == "bulk").unwrap();
    let tick = due.tick(ahead.wall);
    assert!(ahead.wall.duration_since(tick) < crate::slots::TICK, "it is for now, not for ten hours ago");
    schedule.ended("bulk", OK, ahead);
    assert!(schedule.until_next(ahead).unwrap() <= Duration::from_secs(10));
}

#[test]
fn many_connections_do_not_begin_at_once_when_a_server_starts() {
    let begins = |number| {
        let id = ConnectionId(Uuid::from_u128(number));
        Schedule::new(id, lanes(), First::Spread, at(0)).until_next(at(0)).unwrap()
    };
    let waits: std::collections::BTreeSet<_> = (0..50).map(begins).collect();
    assert!(waits.len() > 40, "{waits:?}");
    assert!(waits.iter().all(|wait| wait.as_secs() < 5), "{waits:?}");
}

proptest! {
    #[test]
    fn whatever_happens_the_bulk_lane_is_tried_again_within_bounds(
        outcomes in prop::collection::vec((0..4_u8, 0..40_u64), 1..40),
    ) {
        let mut schedule = schedule();
        let mut now = at(0);
        for (outcome, took) in outcomes {
            let category = match outcome {
                0 => None,
                1 => Some(FailureCategory::Unreachable),
                2 => Some(FailureCategory::Unauthorised),
                _ => Some(FailureCategory::Malformed),
            };
            schedule.begin(now);
            now = now.later(Duration::from_secs(took));
            schedule.ended("bulk", category.map_or(Ok(()), Err), now);
            let wait = wait_of(&schedule, "bulk", now);
            let most = match category {
                None => 10,
                Some(FailureCategory::Unauthorised) => 310,
                Some(_) => 40,
            };
            prop_assert!(!wait.is_zero() && wait <= Duration::from_secs(most), "{wait:?} after {category:?}");
            now = now.later(wait);
        }
    }
}

/// Looks into the bulk lane, which is due now, for so many seconds.
fn run(schedule: &mut Schedule, outcome: Result<(), FailureCategory>, now: Moment, seconds: u64) -> Due {
    let due = schedule.begin(now).into_iter().find(|due| due.role == Role::Bulk).expect("the bulk lane is due");
    schedule.ended("bulk", outcome, now.later(Duration::from_secs(seconds)));
    due
}

fn wait_of(schedule: &Schedule, lane: &str, now: Moment) -> Duration {
    let planned = schedule.lanes.iter().find(|planned| planned.lane.name == lane).unwrap();
    planned.next.unwrap().monotonic.saturating_sub(now.monotonic)
}

fn names(due: &[Due]) -> Vec<&'static str> {
    due.iter().map(|due| due.lane.name).collect()
}

fn schedule() -> Schedule {
    Schedule::new(id(), lanes(), First::AtOnce, at(0))
}

fn lanes() -> Vec<Lane> {
    let lane =
        |name, seconds| Lane { name, every: SignedDuration::from_secs(seconds), deadline: Duration::from_secs(30) };
    vec![lane("bulk", 10), lane("disks", 300), lane("slow", 1800)]
}

fn id() -> ConnectionId {
    ConnectionId(Uuid::from_u128(7))
}

/// So many seconds into the simulated world.
fn at(second: i64) -> Moment {
    let wall = Timestamp::from_second(1_800_000_000 + second).unwrap();
    Moment { wall, monotonic: Duration::from_secs(u64::try_from(10_000 + second).unwrap()) }
}

fn moment(wall: Timestamp) -> Moment {
    at(0).at_wall(wall)
}
