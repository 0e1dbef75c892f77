//! Remote write 1.0 on the wire: protobuf messages in a snappy block.
//!
//! Used by the shipper to turn pieces of a batch into a request's body. It knows nothing of HTTP.

use muster_model::{Metric, ResourceId, TenantId};
use prost::Message;

use crate::labels::{NAME_LABEL, RESOURCE_LABEL, TENANT_LABEL};

/// The bits that mark a series as stale from that time on: one particular not-a-number of the protocol.
pub(crate) const STALE_MARKER_BITS: u64 = 0x7ff0_0000_0000_0002;

/// A request: many series.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    pub(crate) series: Vec<TimeSeries>,
}

/// A series: its labels, ascending by name, and its samples, ascending by time.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) samples: Vec<WireSample>,
}

/// A label.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Label {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

/// A value and its time in ms since 1970.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct WireSample {
    /// Always written: a field that may be left out when it equals zero would turn -0 into 0.
    #[prost(double, required, tag = "1")]
    pub(crate) value: f64,
    #[prost(int64, tag = "2")]
    pub(crate) timestamp: i64,
}

/// The labels that name one of our series.
pub(crate) fn labels(tenant: &TenantId, resource: ResourceId, metric: Metric) -> Vec<Label> {
    let label = |name: &str, value: String| Label { name: name.to_owned(), value };
    vec![
        label(NAME_LABEL, metric.exposition_name()),
        label(RESOURCE_LABEL, resource.to_string()),
        label(TENANT_LABEL, tenant.to_string()),
    ]
}

/// A marker of staleness.
pub(crate) fn stale_marker(at_ms: i64) -> WireSample {
    WireSample { value: f64::from_bits(STALE_MARKER_BITS), timestamp: at_ms }
}

/// The request's body.
pub(crate) fn body(request: &WriteRequest) -> Vec<u8> {
    let plain = request.encode_to_vec();
    snap::raw::Encoder::new().compress_vec(&plain).expect("a request is far smaller than the 4 GiB of a snappy block")
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn a_request_is_the_protocol_s_bytes() {
        // Written out by hand from the protocol's message definition.
        let sample = WireSample { value: 1.5, timestamp: 3 };
        let labels = vec![Label { name: "a".into(), value: "b".into() }];
        let request = WriteRequest { series: vec![TimeSeries { labels, samples: vec![sample] }] };
        let expected = [
            0x0a, 0x15, // series, 21 bytes
            0x0a, 0x06, 0x0a, 0x01, b'a', 0x12, 0x01, b'b', // its label
            0x12, 0x0b, 0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x10, 0x03, // its sample
        ];
        assert_eq!(request.encode_to_vec(), expected);
        assert_eq!(snap::raw::Decoder::new().decompress_vec(&body(&request)).unwrap(), expected);
    }

    #[test]
    fn labels_are_sorted_as_the_protocol_wants() {
        let labels = labels(&TenantId::DEFAULT, ResourceId::mint(ResourceKind::Agent, "x"), Metric::Cpu);
        assert!(labels.is_sorted_by_key(|label| label.name.clone()));
    }

    #[test]
    fn markers_and_minus_zero_keep_their_bits() {
        let check = |sample: WireSample, bits: u64| assert_eq!(sample.encode_to_vec()[1..9], bits.to_le_bytes());
        check(stale_marker(7), STALE_MARKER_BITS);
        check(WireSample { value: -0.0, timestamp: 7 }, (-0.0f64).to_bits());
    }
}
