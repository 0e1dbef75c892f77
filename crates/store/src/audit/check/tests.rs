//! What a check costs.

use uuid::Uuid;

use super::{
    super::canonical::{self, tests::LINKS_MADE},
    *,
};

#[test]
fn each_link_is_hashed_once_however_many_there_are() {
    // D-18: a day of single changes has thousands of links.
    let mut stored = of_single_rows(3000);
    assert_eq!(cost(&stored), (0, 3000));
    // One that was changed is hashed after both of what it may rest on, and what follows goes on as before.
    stored.links[1000].hash[0] ^= 1;
    stored.links[1001].hash[0] ^= 1;
    assert_eq!(cost(&stored), (2, 3002));
}

/// Findings, and hashes of links that it took to find them.
fn cost(stored: &Stored) -> (usize, usize) {
    let before = LINKS_MADE.get();
    let (findings, _) = segment(stored, None);
    (findings.len(), LINKS_MADE.get() - before)
}

/// A sound segment with a link for each row.
fn of_single_rows(rows: i64) -> Stored {
    let (tenant, stream, writer) = ("default".to_owned(), "actions".to_owned(), "main".to_owned());
    let opening = canonical::genesis(&tenant, &stream, &writer).to_vec();
    let segment = audit_segment::Model {
        tenant_id: tenant,
        number: 1,
        stream,
        writer,
        opened_at: 1,
        last_at: rows,
        links: rows,
        entries: rows,
        opening: opening.clone(),
        head: opening,
        closing: None,
        kept: true,
    };
    let mut stored = Stored { segment, links: Vec::new(), rows: Vec::new(), continued: false };
    for place in 1..=rows {
        let mut row = row(place);
        let digest = canonical::row(&row);
        row.digest = Some(digest.to_vec());
        let Stored { segment, .. } = &mut stored;
        let mut link = audit_link::Model {
            tenant_id: segment.tenant_id.clone(),
            segment: 1,
            number: place,
            first_sequence: place,
            entries: 1,
            hash: Vec::new(),
        };
        link.hash = canonical::link(&segment.head, segment, &link, [digest.as_slice()]).to_vec();
        segment.head.clone_from(&link.hash);
        stored.links.push(link);
        stored.rows.push(row);
    }
    stored
}

fn row(place: i64) -> audit_entry::Model {
    audit_entry::Model {
        tenant_id: "default".to_owned(),
        id: Uuid::from_u128(u128::from(place.unsigned_abs())),
        segment: 1,
        sequence: place,
        at: place,
        actor: "user:anna".to_owned(),
        action: "token.create".to_owned(),
        target: None,
        outcome: "ok".to_owned(),
        remote_addr: None,
        request_id: None,
        detail: "null".to_owned(),
        stream: "actions".to_owned(),
        occurrences: 1,
        digest: None,
    }
}
