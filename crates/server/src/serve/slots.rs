//! How many connections there may be: so many in all, and so many from one address.
//!
//! A slot is held until its connection ends; a live stream that grew out of it holds it on.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::remote::network;

/// The places for connections.
#[derive(Debug, Clone)]
pub(crate) struct Slots {
    room: Arc<Semaphore>,
    per_address: usize,
    addresses: Addresses,
}

type Addresses = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// The place of one connection.
#[derive(Debug)]
pub(crate) struct Slot {
    _room: OwnedSemaphorePermit,
    counted: Option<(Addresses, IpAddr)>,
}

impl Slots {
    pub(crate) fn new(all: usize, per_address: usize) -> Self {
        Self { room: Arc::new(Semaphore::new(all)), per_address, addresses: Addresses::default() }
    }

    /// Waits until there is room for one more. Cancel-safe.
    pub(crate) async fn room(&self) -> OwnedSemaphorePermit {
        self.room.clone().acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Gives a connection its place. `None` when its address has as many as it may.
    pub(crate) fn of_address(&self, room: OwnedSemaphorePermit, address: IpAddr) -> Option<Slot> {
        let address = network(address);
        let mut addresses = lock(&self.addresses);
        let open = addresses.entry(address).or_insert(0);
        if *open >= self.per_address {
            return None;
        }
        *open += 1;
        Some(Slot { _room: room, counted: Some((Arc::clone(&self.addresses), address)) })
    }

    /// Gives a connection its place, whatever its address: many people are behind it.
    pub(crate) fn uncounted(room: OwnedSemaphorePermit) -> Slot {
        Slot { _room: room, counted: None }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some((addresses, address)) = &self.counted else { return };
        let mut addresses = lock(addresses);
        if let Some(open) = addresses.get_mut(address) {
            *open -= 1;
            if *open == 0 {
                addresses.remove(address);
            }
        }
    }
}

fn lock(addresses: &Addresses) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
    // Counts are changed in one step.
    addresses.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_has_so_many_and_gets_them_back() {
        let slots = Slots::new(10, 2);
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = slots.of_address(slots.room().await, one).unwrap();
        let _second = slots.of_address(slots.room().await, one).unwrap();
        assert!(slots.of_address(slots.room().await, one).is_none());
        assert!(slots.of_address(slots.room().await, other).is_some());
        drop(first);
        assert!(slots.of_address(slots.room().await, one).is_some());
    }

    #[tokio::test]
    async fn nothing_is_left_of_those_who_have_gone() {
        let slots = Slots::new(1, 1);
        for n in 0..100_u16 {
            let address = format!("2001:db8:{n:x}::1").parse().unwrap();
            drop(slots.of_address(slots.room().await, address).unwrap());
        }
        assert!(lock(&slots.addresses).is_empty());
    }
}
