//! The end of a chain, as somebody notes it elsewhere: whoever compares with it later sees what was cut off or rewritten
//! since. It carries no secret.

use std::{fmt, str::FromStr};

use muster_model::TenantId;
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::AuditStream;
use crate::{Store, StoreError, column, entity::audit_segment};

/// The end of a chain at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// The stream.
    pub stream: AuditStream,
    /// Who writes the chain.
    pub writer: String,
    /// The segment that the link stands in.
    pub segment: u64,
    /// The number of the link within it.
    pub link: u64,
    /// The link's hash.
    pub hash: [u8; 32],
}

/// A text is no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no head of an audit log; expected STREAM.WRITER.SEGMENT.LINK.HASH as `muster audit head` prints it")]
pub struct InvalidAuditHead(String);

/// `actions.main.12.345.` and the hash in hexadecimal digits.
impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, writer, segment, link, hash } = self;
        write!(f, "{stream}.{writer}.{segment}.{link}.")?;
        hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for AuditHead {
    type Err = InvalidAuditHead;

    fn from_str(text: &str) -> Result<Self, InvalidAuditHead> {
        let head = (|| {
            let parts: Vec<&str> = text.trim().split('.').collect();
            let [stream, writer, segment, link, hash] = parts.as_slice() else { return None };
            let writer = Some(*writer).filter(|writer| !writer.is_empty())?.to_owned();
            Some(Self {
                stream: stream.parse().ok()?,
                writer,
                segment: segment.parse().ok()?,
                link: link.parse().ok()?,
                hash: hash_from_hex(hash)?,
            })
        })();
        // What a mistaken paste holds need not be repeated whole.
        head.ok_or_else(|| InvalidAuditHead(text.chars().take(120).collect()))
    }
}

fn hash_from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(hash)
}

impl Store {
    /// The ends of a tenant's chains.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_heads(&self, tenant: &TenantId) -> Result<Vec<AuditHead>, StoreError> {
        heads(self.readers(), tenant).await.map_err(StoreError::while_("reading the end of the audit log"))
    }
}

async fn heads(readers: &DatabaseConnection, tenant: &TenantId) -> Result<Vec<AuditHead>, DbErr> {
    let segments = audit_segment::Entity::find()
        .filter(audit_segment::Column::TenantId.eq(tenant.as_str()))
        .filter(audit_segment::Column::Closing.is_null())
        .order_by_asc(audit_segment::Column::Number)
        .all(readers)
        .await?;
    segments.into_iter().map(head_of).collect()
}

pub(super) fn head_of(segment: audit_segment::Model) -> Result<AuditHead, DbErr> {
    Ok(AuditHead {
        stream: column::parse(&segment.stream, "audit_segment.stream")?,
        writer: segment.writer,
        segment: segment.number.unsigned_abs(),
        link: segment.links.unsigned_abs(),
        hash: column::digest(segment.head, "audit_segment.head")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_printed() {
        let head =
            AuditHead { stream: AuditStream::Actions, writer: "main".into(), segment: 12, link: 345, hash: [0xab; 32] };
        assert_eq!(format!(" {head}\n").parse(), Ok(head));
    }

    #[test]
    fn what_is_no_head_says_what_one_looks_like() {
        for bad in ["", "actions.main.1.2", "actions.main.1.2.zz", "actions..1.2.ab", &"é".repeat(64)] {
            let error = bad.parse::<AuditHead>().unwrap_err().to_string();
            assert!(error.contains("muster audit head"), "{error}");
        }
        let long = format!("actions.main.1.2.{}", "é".repeat(32));
        assert!(long.parse::<AuditHead>().is_err());
    }
}
