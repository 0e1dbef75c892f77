//! The bytes that are hashed: every column of a row, link or segment as it is stored, each with its length, so that no
//! two contents have the same bytes. Pure. Changing anything here makes every chain that exists look tampered with.

use sha2::{Digest as _, Sha256};

use crate::entity::{audit_entry, audit_link, audit_segment};

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// Over what a row holds, its place included.
pub(super) fn row(row: &audit_entry::Model) -> Hash {
    let audit_entry::Model {
        tenant_id,
        id,
        segment,
        sequence,
        at,
        actor,
        action,
        target,
        outcome,
        remote_addr,
        request_id,
        detail,
        stream,
        occurrences,
        digest: _,
    } = row;
    Canon::of("row")
        .text(tenant_id)
        .text(stream)
        .number(*segment)
        .number(*sequence)
        .bytes(id.as_bytes())
        .number(*at)
        .text(actor)
        .text(action)
        .optional(target.as_deref())
        .text(outcome)
        .optional(remote_addr.as_deref())
        .optional(request_id.as_deref())
        .number(*occurrences)
        .text(detail)
        .finish()
}

/// Over the link before, what the link says of itself, and the digests of its rows.
pub(super) fn link<'a>(
    previous: &[u8],
    segment: &audit_segment::Model,
    link: &audit_link::Model,
    digests: impl IntoIterator<Item = &'a [u8]>,
) -> Hash {
    #[cfg(test)]
    tests::LINKS_MADE.with(|made| made.set(made.get() + 1));
    let audit_link::Model { tenant_id, segment: of, number, first_sequence, entries, hash: _ } = link;
    let begun = Canon::of("link")
        .bytes(previous)
        .text(tenant_id)
        .text(&segment.stream)
        .text(&segment.writer)
        .number(*of)
        .number(*number)
        .number(*first_sequence)
        .number(*entries);
    digests.into_iter().fold(begun, Canon::bytes).finish()
}

/// What the first link of a chain rests on.
pub(super) fn genesis(tenant: &str, stream: &str, writer: &str) -> Hash {
    Canon::of("chain").text(tenant).text(stream).text(writer).finish()
}

/// Over a segment that nothing is added to any more. The next one rests on it.
pub(super) fn closing(segment: &audit_segment::Model) -> Hash {
    let audit_segment::Model {
        tenant_id,
        number,
        stream,
        writer,
        opened_at,
        last_at,
        links,
        entries,
        opening,
        head,
        closing: _,
        kept: _,
    } = segment;
    Canon::of("segment")
        .text(tenant_id)
        .text(stream)
        .text(writer)
        .number(*number)
        .number(*opened_at)
        .number(*last_at)
        .number(*links)
        .number(*entries)
        .bytes(opening)
        .bytes(head)
        .finish()
}

/// Bytes to be hashed.
struct Canon(Sha256);

impl Canon {
    fn of(what: &str) -> Self {
        Self(Sha256::new()).text("muster audit 1").text(what)
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        let length = u64::try_from(bytes.len()).expect("a length fits into 64 bits");
        Self(self.0.chain_update(length.to_be_bytes()).chain_update(bytes))
    }

    fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    fn number(self, number: i64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Absent is not empty.
    fn optional(self, text: Option<&str>) -> Self {
        match text {
            None => self.number(0),
            Some(text) => self.number(1).text(text),
        }
    }

    fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    thread_local! {
        /// Hashes of links that this thread has made.
        pub(in crate::audit) static LINKS_MADE: Cell<usize> = const { Cell::new(0) };
    }

    proptest! {
        /// Moving a character from one column to the next makes other bytes.
        #[test]
        fn columns_do_not_run_into_each_other(text in "[a-z]{2,20}", cut in 1_usize..20) {
            let cut = cut.min(text.len() - 1);
            let whole = Canon::of("row").text(&text).text("").finish();
            let parted = Canon::of("row").text(&text[..cut]).text(&text[cut..]).finish();
            prop_assert_ne!(whole, parted);
        }
    }

    #[test]
    fn absent_is_not_empty() {
        assert_ne!(Canon::of("row").optional(None).finish(), Canon::of("row").optional(Some("")).finish());
    }

    #[test]
    fn the_form_is_frozen() {
        // Every chain that exists rests on these bytes.
        let hash = hex(&genesis("default", "actions", "main"));
        assert_eq!(hash, "5845cc46eb59ce91e527e6a4b1e631a73c8fe183ea597ee32769ae1613a30f47");
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
