//! Why a ruling was not made. Nothing was changed then.

use muster_model::{RecordRef, ResourceId, ResourceKind, RulingId};

/// Why what a person wanted ruled cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is, and was, no such resource.
    #[error("there is no resource {id}; `GET /api/resources` lists which there are")]
    UnknownResource {
        /// The id that was given.
        id: ResourceId,
    },
    /// There is no such ruling.
    #[error("there is no ruling {ruling}; somebody may have taken it back already")]
    UnknownRuling {
        /// The id that was given.
        ruling: RulingId,
    },
    /// Both ids name one resource.
    #[error("{first} and {second} are one resource already; take it apart with a split if they should not be")]
    AlreadyOne {
        /// One of them.
        first: ResourceId,
        /// The other.
        second: ResourceId,
    },
    /// Things of these kinds can never be one.
    #[error("resources of the kinds {first} and {second} cannot be one; only two of the same kind can")]
    DifferentKinds {
        /// One of them.
        first: ResourceKind,
        /// The other.
        second: ResourceKind,
    },
    /// Resources of this kind are not joined by people.
    #[error(
        "nothing of the kind {kind} is joined by hand: its platform alone tells which is which; hosts, physical disks, virtual machines, \
         system containers and storages can be joined"
    )]
    KindNotJoined {
        /// The kind.
        kind: ResourceKind,
    },
    /// A relation that needs a host and a guest.
    #[error("only a host runs inside a guest: `host` names a host, `guest` a virtual machine or system container")]
    NotHostAndGuest,
    /// One belongs to the other.
    #[error("{below} belongs to {above}: what contains a thing is not that thing, and does not run inside it")]
    Ancestor {
        /// The one that contains.
        above: ResourceId,
        /// The one that is contained.
        below: ResourceId,
    },
    /// Another ruling says otherwise.
    #[error("ruling {ruling} says otherwise; take it back first")]
    Standing {
        /// Which one.
        ruling: RulingId,
    },
    /// A join is not taken back but split.
    #[error("ruling {ruling} made one resource of two; take it back by splitting {absorbed} from {survivor}")]
    NeedsSplit {
        /// The ruling.
        ruling: RulingId,
        /// The resource.
        survivor: ResourceId,
        /// The former id to split from it.
        absorbed: ResourceId,
    },
    /// The id is none that leads to the resource.
    #[error("{former} is no former id of {resource}; `canonicalIdentity.aliases` lists those")]
    NotFormer {
        /// The resource.
        resource: ResourceId,
        /// The id that was given.
        former: ResourceId,
    },
    /// Nobody remembers what came with a former id.
    #[error("nobody remembers which records came with {former}; name the records that are to leave")]
    NothingRemembered {
        /// The former id.
        former: ResourceId,
    },
    /// The resource has no such record at present.
    #[error("{} {} is no record of {resource} at present; `sources` lists those", record.source, record.key)]
    NotItsRecord {
        /// The resource.
        resource: ResourceId,
        /// The record.
        record: RecordRef,
    },
    /// No record was named.
    #[error("name at least one record that is to leave")]
    NoRecord,
    /// Every record would leave.
    #[error("all records of {resource} would leave it; leave at least one out")]
    NothingStays {
        /// The resource.
        resource: ResourceId,
    },
    /// The records were several resources before.
    #[error("these records came with {first} and with {second}; split them off one after the other")]
    SeveralFormers {
        /// One former id.
        first: ResourceId,
        /// Another one.
        second: ResourceId,
    },
    /// There are as many rulings as there may be.
    #[error("there are {most} rulings already; take some back that are needed no more")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
}
