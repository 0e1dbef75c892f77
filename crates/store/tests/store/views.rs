//! Saved views.

use muster_store::{Store, ViewBody, ViewSaveError};
use muster_testkit::database::each;
use uuid::Uuid;

use crate::common::{DEFAULT, at, open, other_tenant, user, uuid};

const ANNA: Uuid = Uuid::from_u128(1);
const BERT: Uuid = Uuid::from_u128(2);

#[tokio::test]
async fn a_view_is_its_owners_until_it_is_shared() {
    // D-4
    each(async |database| {
        let store = with_users(&open(&database).await).await;
        insert(&store, ANNA, 10, &body("Busy")).await.unwrap();
        insert(&store, ANNA, 11, &ViewBody { is_shared: true, ..body("For all") }).await.unwrap();
        assert_eq!(names(&store, ANNA).await, ["Busy", "For all"]);
        assert_eq!(names(&store, BERT).await, ["For all"]);
        assert!(store.view_get(&DEFAULT, BERT, uuid(10)).await.unwrap().is_none());
        let shared = store.view_get(&DEFAULT, BERT, uuid(11)).await.unwrap().unwrap();
        assert_eq!((shared.owner.as_str(), shared.version), ("anna", 1));
        assert!(store.view_get(&other_tenant(), ANNA, uuid(11)).await.unwrap().is_none());
        // Others look, and do no more.
        let error = store.view_update(&DEFAULT, (BERT, uuid(11)), &body("Mine"), 1, at(1)).await.unwrap_err();
        assert!(matches!(error, ViewSaveError::Changed), "{error}");
        assert!(!store.view_delete(&DEFAULT, BERT, uuid(11)).await.unwrap());
        assert!(store.view_delete(&DEFAULT, ANNA, uuid(11)).await.unwrap());
        assert_eq!(names(&store, BERT).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_page_opens_with_one_view_at_most() {
    each(async |database| {
        let store = with_users(&open(&database).await).await;
        let opens = |name| ViewBody { is_default: true, ..body(name) };
        insert(&store, ANNA, 10, &opens("One")).await.unwrap();
        insert(&store, ANNA, 11, &opens("Two")).await.unwrap();
        insert(&store, BERT, 12, &opens("Three")).await.unwrap();
        assert_eq!(defaults(&store, ANNA).await, ["Two"]);
        assert_eq!(defaults(&store, BERT).await, ["Three"], "what one opens with is no affair of another");
        store.view_update(&DEFAULT, (ANNA, uuid(10)), &opens("One"), 1, at(1)).await.unwrap();
        assert_eq!(defaults(&store, ANNA).await, ["One"]);
    })
    .await;
}

#[tokio::test]
async fn names_are_taken_once_and_changes_build_on_what_was_read() {
    each(async |database| {
        let store = with_users(&open(&database).await).await;
        insert(&store, ANNA, 10, &body("Busy")).await.unwrap();
        let error = insert(&store, ANNA, 11, &body(" bUSY ")).await.unwrap_err();
        assert!(matches!(&error, ViewSaveError::NameTaken { name } if name == "bUSY"), "{error}");
        insert(&store, BERT, 12, &body("Busy")).await.unwrap();
        store.view_update(&DEFAULT, (ANNA, uuid(10)), &body("Busier"), 1, at(5)).await.unwrap();
        let late = store.view_update(&DEFAULT, (ANNA, uuid(10)), &body("Busiest"), 1, at(6)).await.unwrap_err();
        assert!(matches!(late, ViewSaveError::Changed), "{late}");
        let view = store.view_get(&DEFAULT, ANNA, uuid(10)).await.unwrap().unwrap();
        assert_eq!((view.body.name.as_str(), view.version), ("Busier", 2));
    })
    .await;
}

#[tokio::test]
async fn there_is_an_end_to_views_and_they_go_with_their_owner() {
    each(async |database| {
        let store = with_users(&open(&database).await).await;
        for number in 0..muster_store::MOST_VIEWS as u128 {
            insert(&store, ANNA, 100 + number, &body(&format!("view {number}"))).await.unwrap();
        }
        let error = insert(&store, ANNA, 10, &body("One more")).await.unwrap_err();
        assert!(matches!(error, ViewSaveError::TooMany), "{error}");
        store.user_delete(&DEFAULT, ANNA).await.unwrap();
        assert_eq!(names(&store, ANNA).await, Vec::<String>::new());
    })
    .await;
}

async fn with_users(store: &Store) -> Store {
    for (number, name) in [(1, "anna"), (2, "bert")] {
        store.user_insert(&DEFAULT, &user(number, name)).await.unwrap();
    }
    store.clone()
}

fn body(name: &str) -> ViewBody {
    ViewBody { name: name.to_owned(), query: "sort=-cpu".to_owned(), is_shared: false, is_default: false }
}

async fn insert(store: &Store, owner: Uuid, id: u128, body: &ViewBody) -> Result<(), ViewSaveError> {
    store.view_insert(&DEFAULT, (owner, uuid(id)), "workloads", body, at(0)).await
}

async fn names(store: &Store, user: Uuid) -> Vec<String> {
    store.view_list(&DEFAULT, user).await.unwrap().into_iter().map(|view| view.body.name).collect()
}

async fn defaults(store: &Store, user: Uuid) -> Vec<String> {
    let views = store.view_list(&DEFAULT, user).await.unwrap().into_iter();
    views.filter(|view| view.body.is_default).map(|view| view.body.name).collect()
}
