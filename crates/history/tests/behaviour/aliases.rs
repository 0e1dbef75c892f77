//! One resource under several ids (D-11), which may lie in different shards.

use muster_history::{Cancel, History, ManyQuery, PlanSamples, Recorded, SeriesQuery};
use muster_model::{Metric, ResourceId, SourceId, TenantId};

use crate::common::{ask, at, only_column, open, vm};

/// More than two shards have.
const TRACKS: usize = 2100;

#[test]
fn ids_in_different_shards_are_united_and_counted_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = open(directory.path());
    // The absorbed id ends where the survivor begins, but for some ticks that both have; a third comes in between.
    for tick in (0..3000).step_by(3) {
        let of_old = known_if(tick < 1500, 1.0);
        let of_new = known_if(tick >= 1200, 2.0);
        let of_third = known_if(tick % 5 == 0 && tick < 2000, 3.0);
        sweep(&history, tick, &[(0, of_old), (1050, of_third), (2099, of_new)]);
        if tick % 720 == 0 {
            history.flush().unwrap();
        }
        if tick == 1800 {
            drop(history);
            history = open(directory.path());
        }
        if tick % 600 == 599 || tick == 2997 {
            check(&history, tick);
        }
    }
    history.flush().unwrap();
    check(&history, 2997);
}

fn check(history: &History, last: i64) {
    let ids = [2099, 1050, 0].map(id);
    let expected = |tick: i64| match tick {
        1200.. => 2.0,
        _ if tick % 5 == 0 => 3.0,
        _ => 1.0,
    };
    let query = SeriesQuery {
        tenant: TenantId::DEFAULT,
        resources: ids.into(),
        metric: Metric::Cpu,
        from: at(0),
        to: at(last),
    };
    let mut found = Vec::new();
    let take = |recorded| match recorded {
        Recorded::Sample { at, value } => found.push((at, value)),
        Recorded::Bucket { .. } => panic!("samples are there"),
    };
    history.walk(&query, &Cancel::default(), take).unwrap();
    let all: Vec<_> = (0..=last).step_by(3).map(|tick| (at(tick), expected(tick))).collect();
    assert_eq!(found, all);
    let query = ask(&ids, &[Metric::Cpu], 0, last);
    let column = only_column(history.query(&query, &Cancel::default()).unwrap());
    assert_eq!(
        column.avg.iter().flatten().copied().collect::<Vec<_>>(),
        all.iter().map(|(_, value)| *value).collect::<Vec<_>>()
    );
    assert_eq!(column.gaps, []);
    // Beside others, and with few points.
    let coarse = muster_history::Query { points: 3.try_into().unwrap(), ..query };
    let alone = only_column(history.query(&coarse, &Cancel::default()).unwrap());
    let many = ManyQuery { resources: vec![vec![id(7)], ids.into()], ..coarse.into() };
    let many = history.query_many(&many, &Cancel::default()).unwrap();
    assert_eq!(many.resources[1][0], alone);
    assert!(many.resources[0][0].avg.iter().all(Option::is_none));
}

fn known_if(is_known: bool, value: f64) -> f64 {
    if is_known { value } else { f64::NAN }
}

fn id(number: usize) -> ResourceId {
    vm(&number.to_string())
}

fn sweep(history: &History, tick: i64, known: &[(usize, f64)]) {
    let series: Vec<_> = (0..TRACKS).map(|number| (id(number), Metric::Cpu)).collect();
    let period = history.period(jiff::SignedDuration::from_secs(30));
    let plan = history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series).unwrap();
    let mut values = vec![f64::NAN; TRACKS];
    known.iter().for_each(|(number, value)| values[*number] = *value);
    history.append(&[PlanSamples { plan, at: at(tick), values: &values }]).unwrap();
}
