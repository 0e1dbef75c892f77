//! How many connections there are: in all, and from one address. How many there may be is asked with each of them, since
//! that can change.
//!
//! A slot is held until its connection ends; a live stream that grew out of it holds it on.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use crate::remote::network;

/// The places for connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    taken: watch::Sender<usize>,
    addresses: Addresses,
}

type Addresses = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Room for one connection, whoever comes.
#[derive(Debug)]
pub(crate) struct Room(watch::Sender<usize>);

/// The place of one connection.
#[derive(Debug)]
pub(crate) struct Slot {
    _room: Room,
    counted: Option<(Addresses, IpAddr)>,
}

impl Slots {
    /// Waits until fewer than `most` places are taken, and takes one. Cancel-safe.
    pub(crate) async fn room(&self, most: usize) -> Room {
        let mut taken = self.taken.subscribe();
        while !self.take(most) {
            // Another listener may be faster, so finding room is not having it.
            drop(taken.wait_for(|taken| *taken < most).await);
        }
        Room(self.taken.clone())
    }

    fn take(&self, most: usize) -> bool {
        self.taken.send_if_modified(|taken| {
            let free = *taken < most;
            *taken += usize::from(free);
            free
        })
    }

    /// Gives a connection its place. `None` when its address has `most` of them.
    pub(crate) fn of_address(&self, room: Room, address: IpAddr, most: usize) -> Option<Slot> {
        let address = network(address);
        let mut addresses = lock(&self.addresses);
        let open = addresses.get(&address).copied().unwrap_or_default();
        if open >= most {
            return None;
        }
        addresses.insert(address, open + 1);
        Some(Slot { _room: room, counted: Some((Arc::clone(&self.addresses), address)) })
    }

    /// Gives a connection its place, whatever its address: many people are behind it.
    pub(crate) fn uncounted(room: Room) -> Slot {
        Slot { _room: room, counted: None }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.0.send_modify(|taken| *taken -= 1);
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
    use futures::{FutureExt, poll};

    use super::*;

    #[tokio::test]
    async fn an_address_has_so_many_and_gets_them_back() {
        let slots = Slots::default();
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = slots.of_address(slots.room(10).await, one, 2).unwrap();
        let _second = slots.of_address(slots.room(10).await, one, 2).unwrap();
        assert!(slots.of_address(slots.room(10).await, one, 2).is_none());
        assert!(slots.of_address(slots.room(10).await, other, 2).is_some());
        assert!(slots.of_address(slots.room(10).await, one, 3).is_some(), "another limit holds at once");
        drop(first);
        assert!(slots.of_address(slots.room(10).await, one, 2).is_some());
    }

    #[tokio::test]
    async fn there_are_so_many_in_all_and_who_goes_makes_room() {
        let slots = Slots::default();
        let (first, _second) = (slots.room(2).await, slots.room(2).await);
        let mut third = std::pin::pin!(slots.room(2));
        assert!(poll!(&mut third).is_pending());
        assert!(slots.room(3).now_or_never().is_some(), "another limit holds at once");
        assert!(poll!(&mut third).is_pending());
        drop(first);
        assert!(third.now_or_never().is_some());
    }

    #[tokio::test]
    async fn nothing_is_left_of_those_who_have_gone() {
        let slots = Slots::default();
        for n in 0..100_u16 {
            let address = format!("2001:db8:{n:x}::1").parse().unwrap();
            drop(slots.of_address(slots.room(1).await, address, 1).unwrap());
        }
        assert!(lock(&slots.addresses).is_empty());
    }
}
