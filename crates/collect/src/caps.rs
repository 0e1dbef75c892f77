//! How many looks there may be at once: all together, and at one address.
//!
//! A look waits for the address that it dials first and only then for a place among all, so that whoever queues for a slow
//! address takes no place from others. There are places for looks that make reports, for looks at details, and for
//! connections that fail, each apart: no report waits for details, and none that works waits for those that hang until
//! their deadline.
//!
//! A look that goes from guest to guest may take minutes, so there are far more places among all than at one address: a
//! hundred slow addresses fill none of the sorts. What a look may send at once is bounded where it is sent.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Looks at once that make reports; further ones wait.
const MOST_REPORTS: usize = 256;

/// Looks at once at details; further ones wait.
const MOST_DETAILS: usize = 512;

/// Looks at once at connections that fail; further ones wait.
const MOST_FAILING: usize = 64;

/// Looks of one sort at once at one address; further ones wait.
const MOST_AT_AN_ADDRESS: usize = 4;

/// Looks at details at once at one address: more than a connection has lanes, so that those that take minutes hold up none
/// of the short ones.
const MOST_DETAILS_AT_AN_ADDRESS: usize = 16;

/// Among whom a look takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Among {
    /// Looks that make reports.
    Reports,
    /// Looks at details.
    Details,
    /// Looks at connections whose last look failed, unless somebody waits for them.
    Failing,
}

/// The places.
#[derive(Debug)]
pub(crate) struct Caps {
    reports: Pool,
    details: Pool,
    failing: Pool,
}

/// The places of one sort.
#[derive(Debug)]
struct Pool {
    all: Arc<Semaphore>,
    most_at_an_address: usize,
    addresses: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// A place; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _at_address: OwnedSemaphorePermit,
    _among_all: OwnedSemaphorePermit,
}

impl Caps {
    pub(crate) fn new() -> Self {
        Self {
            reports: Pool::new(MOST_REPORTS, MOST_AT_AN_ADDRESS),
            details: Pool::new(MOST_DETAILS, MOST_DETAILS_AT_AN_ADDRESS),
            failing: Pool::new(MOST_FAILING, MOST_AT_AN_ADDRESS),
        }
    }

    /// Waits for a place at an address. Whoever comes first is served first. Cancel-safe: who gives up leaves the queue.
    pub(crate) async fn take(&self, address: &str, among: Among) -> Place {
        match among {
            Among::Reports => self.reports.take(address).await,
            Among::Details => self.details.take(address).await,
            Among::Failing => self.failing.take(address).await,
        }
    }
}

impl Pool {
    fn new(most: usize, most_at_an_address: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(most)), most_at_an_address, addresses: Mutex::default() }
    }

    async fn take(&self, address: &str) -> Place {
        let at_address = self.at(address).acquire_owned().await.expect(NEVER_CLOSED);
        let among_all = Arc::clone(&self.all).acquire_owned().await.expect(NEVER_CLOSED);
        Place { _at_address: at_address, _among_all: among_all }
    }

    /// The places at an address, for as long as anybody has one or waits for one.
    fn at(&self, address: &str) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = addresses.get(address).and_then(Weak::upgrade) {
            return places;
        }
        addresses.retain(|_, places| places.strong_count() > 0);
        let places = Arc::new(Semaphore::new(self.most_at_an_address));
        addresses.insert(address.to_owned(), Arc::downgrade(&places));
        places
    }
}

const NEVER_CLOSED: &str = "nobody closes the places";

#[cfg(test)]
mod tests {
    use futures::{FutureExt, future::join_all};
    use proptest::prelude::*;

    use super::*;

    #[tokio::test]
    async fn one_address_takes_no_more_than_its_part() {
        let caps = Caps::new();
        let held = join_all((0..MOST_AT_AN_ADDRESS).map(|_| caps.take("slow", Among::Reports))).await;
        let mut one_more = Box::pin(caps.take("slow", Among::Reports));
        assert!((&mut one_more).now_or_never().is_none());
        assert!(caps.take("other", Among::Reports).now_or_never().is_some());
        drop(held);
        assert!(one_more.now_or_never().is_some());
    }

    #[tokio::test]
    async fn no_report_waits_for_details() {
        let caps = Caps::new();
        let _held = join_all((0..MOST_DETAILS_AT_AN_ADDRESS).map(|_| caps.take("slow", Among::Details))).await;
        assert!(caps.take("slow", Among::Details).now_or_never().is_none());
        assert!(caps.take("slow", Among::Reports).now_or_never().is_some());
    }

    #[test]
    fn failing_connections_leave_places_for_those_that_work() {
        let caps = Caps::new();
        let names: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        let failing: Vec<_> =
            names.iter().filter_map(|address| caps.take(address, Among::Failing).now_or_never()).collect();
        assert_eq!(failing.len(), MOST_FAILING);
        assert!(caps.take("well", Among::Reports).now_or_never().is_some());
    }

    #[test]
    fn addresses_that_nobody_looks_at_are_forgotten() {
        let caps = Caps::new();
        for number in 0..1000 {
            drop(caps.take(&number.to_string(), Among::Reports).now_or_never());
        }
        assert!(caps.reports.addresses.lock().unwrap().len() <= 2);
    }

    proptest! {
        #[test]
        fn there_are_never_more_than_allowed(addresses in prop::collection::vec(0_u8..100, 1..500)) {
            let caps = Caps::new();
            let mut held: HashMap<u8, Vec<Place>> = HashMap::new();
            for address in addresses {
                if let Some(place) = caps.take(&address.to_string(), Among::Reports).now_or_never() {
                    held.entry(address).or_default().push(place);
                }
            }
            prop_assert!(held.values().all(|places| places.len() <= MOST_AT_AN_ADDRESS));
            prop_assert!(held.values().map(Vec::len).sum::<usize>() <= MOST_REPORTS);
        }
    }
}
