//! What a measurement says: one row with its bar, and whether the bar holds.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::machine::Machine;

/// Everything that one run found out.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) rows: Vec<Row>,
    /// What could not be measured.
    pub(crate) failures: Vec<Failure>,
}

/// A group of rows that could not be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    /// Its name, as it is given to the program.
    pub(crate) group: &'static str,
    /// What was attempted, and what kept it from succeeding.
    pub(crate) why: String,
}

/// One measured thing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Stable name, for comparing runs.
    pub(crate) id: &'static str,
    /// What was measured, for people.
    pub(crate) what: &'static str,
    /// The unit of both values.
    pub(crate) unit: &'static str,
    pub(crate) ours: f64,
    pub(crate) peer: Option<Peer>,
    /// None where a value is told for comparison only.
    pub(crate) bar: Option<Bar>,
}

/// What a user would have instead, measured in the same run on the same data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
}

/// What our value must reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Bar {
    pub(crate) op: Op,
    pub(crate) value: f64,
    pub(crate) of: Of,
}

/// On which side of the bar our value must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Op {
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = ">=")]
    AtLeast,
}

/// What the bar's value is a multiple of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Of {
    /// The peer's value.
    Peer,
    /// The row's unit.
    Absolute,
}

impl Results {
    /// Whether everything was measured and every bar holds.
    pub(crate) fn hold(&self) -> bool {
        self.failures.is_empty() && self.rows.iter().all(Row::holds)
    }
}

impl Row {
    /// Whether our value reaches the bar, if there is one. A bar that is relative to a peer that was not measured does not hold.
    pub(crate) fn holds(&self) -> bool {
        let Some(bar) = self.bar else { return true };
        let limit = match bar.of {
            Of::Absolute => Some(bar.value),
            Of::Peer => self.peer.as_ref().map(|peer| peer.value * bar.value),
        };
        limit.is_some_and(|limit| match bar.op {
            Op::AtMost => self.ours <= limit,
            Op::AtLeast => self.ours >= limit,
        })
    }

    /// Our value as a multiple of the peer's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.peer.as_ref().map(|peer| self.ours / peer.value)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { id, what, unit, ours, peer, bar } = self;
        let mut row = serializer.serialize_struct("Row", 8)?;
        row.serialize_field("id", id)?;
        row.serialize_field("what", what)?;
        row.serialize_field("unit", unit)?;
        row.serialize_field("ours", ours)?;
        row.serialize_field("peer", &peer.as_ref().map(|peer| peer.value))?;
        row.serialize_field("peerName", &peer.as_ref().map(|peer| peer.name))?;
        row.serialize_field("bar", bar)?;
        row.serialize_field("holds", &self.holds())?;
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bars_hold_on_their_side() {
        let check = |op, of, value, ours, peer: Option<f64>, expected| {
            let row = Row { peer: peer.map(|value| Peer { name: "peer", value }), ours, ..row(Bar { op, value, of }) };
            assert_eq!(row.holds(), expected, "{row:?}");
        };
        check(Op::AtMost, Of::Absolute, 10.0, 10.0, None, true);
        check(Op::AtMost, Of::Absolute, 10.0, 10.1, None, false);
        check(Op::AtLeast, Of::Absolute, 10.0, 9.9, None, false);
        check(Op::AtMost, Of::Peer, 0.5, 4.0, Some(8.0), true);
        check(Op::AtMost, Of::Peer, 0.5, 4.1, Some(8.0), false);
        check(Op::AtLeast, Of::Peer, 20.0, 200.0, Some(10.0), true);
        check(Op::AtMost, Of::Peer, 0.5, 0.0, None, false);
        check(Op::AtMost, Of::Absolute, 10.0, f64::NAN, None, false);
        assert!(Row { bar: None, ..row(Bar { op: Op::AtMost, value: 1.0, of: Of::Absolute }) }.holds());
    }

    #[test]
    fn rows_are_written_in_the_agreed_shape() {
        let row = Row {
            peer: Some(Peer { name: "a script", value: 8.0 }),
            ..row(Bar { op: Op::AtMost, value: 0.5, of: Of::Peer })
        };
        let expected = json!({
            "id": "x", "what": "something", "unit": "ms", "ours": 2.0, "peer": 8.0, "peerName": "a script",
            "bar": {"op": "<=", "value": 0.5, "of": "peer"}, "holds": true,
        });
        assert_eq!(serde_json::to_value(row).unwrap(), expected);
    }

    fn row(bar: Bar) -> Row {
        Row { id: "x", what: "something", unit: "ms", ours: 2.0, peer: None, bar: Some(bar) }
    }
}
