//! New readings of many rows, column by column, and the part of them that one client subscribes to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use axum::extract::ws::Utf8Bytes;
use jiff::Timestamp;
use muster_api::live::ServerFrame;
use muster_estate::Snapshot;
use muster_model::{Metric, ResourceId};

use super::hub::encode;

/// The readings of some rows at one moment.
#[derive(Debug)]
pub(crate) struct ReadingsBlock {
    at: i64,
    rows: Vec<ResourceId>,
    last_seen: Vec<Option<i64>>,
    columns: BTreeMap<Metric, Vec<Option<f64>>>,
    /// Everything as one frame; made for the first client that wants it, shared by the others.
    whole: OnceLock<Utf8Bytes>,
}

/// Whose readings a client wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Subscription {
    /// Nobody's.
    #[default]
    None,
    /// Everybody's.
    All,
    /// Those of some resources.
    Some(BTreeSet<ResourceId>),
}

impl ReadingsBlock {
    /// Reads the given rows from a snapshot. Rows that are no longer there are left out.
    pub(crate) fn read(snapshot: &Snapshot, rows: impl IntoIterator<Item = ResourceId>, now: Timestamp) -> Self {
        let present: Vec<_> = rows.into_iter().filter_map(|id| Some((id, snapshot.get(id)?))).collect();
        let mut columns: BTreeMap<Metric, Vec<Option<f64>>> = BTreeMap::new();
        let mut last_seen = Vec::with_capacity(present.len());
        for (place, (_, row)) in present.iter().enumerate() {
            let witnesses = snapshot.witnesses(row);
            for (metric, reading) in witnesses.readings() {
                let column = columns.entry(metric).or_insert_with(|| vec![None; present.len()]);
                column[place] = reading.value().copied();
            }
            last_seen.push(witnesses.last_seen().map(Timestamp::as_millisecond));
        }
        let rows = present.into_iter().map(|(id, _)| id).collect();
        Self { at: now.as_millisecond(), rows, last_seen, columns, whole: OnceLock::new() }
    }

    /// Whether there is nothing to send.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// About how many bytes it takes while it waits.
    pub(crate) fn bytes(&self) -> usize {
        let cells = self.rows.len() * self.columns.len();
        cells * size_of::<Option<f64>>() + self.rows.len() * size_of::<(ResourceId, Option<i64>)>()
    }

    /// The frame for one client; `None` when nothing in it concerns the client.
    pub(crate) fn frame(&self, wanted: &Subscription) -> Option<Utf8Bytes> {
        match wanted {
            Subscription::None => None,
            Subscription::All => {
                (!self.is_empty()).then(|| self.whole.get_or_init(|| encode(&self.pick(|_| true))).clone())
            }
            Subscription::Some(ids) => {
                let concerns = self.rows.iter().any(|id| ids.contains(id));
                concerns.then(|| encode(&self.pick(|id| ids.contains(&id))))
            }
        }
    }

    fn pick(&self, wanted: impl Fn(ResourceId) -> bool) -> ServerFrame {
        let places: Vec<usize> = (0..self.rows.len()).filter(|place| wanted(self.rows[*place])).collect();
        let cells = |column: &Vec<Option<f64>>| places.iter().map(|place| column[*place]).collect::<Vec<_>>();
        let columns = self.columns.iter().map(|(metric, column)| (*metric, cells(column)));
        ServerFrame::Readings {
            at: self.at,
            resources: places.iter().map(|place| self.rows[*place]).collect(),
            last_seen: places.iter().map(|place| self.last_seen[*place]).collect(),
            columns: columns.filter(|(_, cells)| cells.iter().any(Option::is_some)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    fn id(name: &str) -> ResourceId {
        ResourceId::mint(ResourceKind::Agent, name)
    }

    fn block() -> ReadingsBlock {
        ReadingsBlock {
            at: 7,
            rows: vec![id("a"), id("b"), id("c")],
            last_seen: vec![Some(1), None, Some(3)],
            columns: [(Metric::Cpu, vec![Some(1.0), None, Some(3.0)]), (Metric::Swap, vec![None, Some(2.0), None])]
                .into(),
            whole: OnceLock::new(),
        }
    }

    #[test]
    fn a_client_gets_only_what_it_subscribes_to() {
        // D-25
        let text = block().frame(&Subscription::Some([id("c"), id("a"), id("elsewhere")].into())).unwrap();
        let ServerFrame::Readings { resources, last_seen, columns, .. } = serde_json::from_str(&text).unwrap() else {
            panic!("{text}");
        };
        assert_eq!(resources, [id("a"), id("c")]);
        assert_eq!(last_seen, [Some(1), Some(3)]);
        assert_eq!(columns, [(Metric::Cpu, vec![Some(1.0), Some(3.0)])].into());
    }

    #[test]
    fn unknown_is_null_and_never_a_number() {
        // D-9
        let text = block().frame(&Subscription::All).unwrap();
        assert!(text.contains(r#""cpu":[1.0,null,3.0]"#), "{text}");
    }

    #[test]
    fn what_concerns_nobody_is_not_sent() {
        assert!(block().frame(&Subscription::None).is_none());
        assert!(block().frame(&Subscription::Some([id("elsewhere")].into())).is_none());
    }

    #[test]
    fn everybodys_frame_is_encoded_once() {
        let block = block();
        let (one, two) = (block.frame(&Subscription::All).unwrap(), block.frame(&Subscription::All).unwrap());
        assert_eq!(one.as_ptr(), two.as_ptr());
    }
}
