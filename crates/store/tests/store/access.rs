//! Disabled users, users of an identity provider, second factors, rotated and dead tokens.

use futures::future::join_all;
use jiff::Timestamp;
use muster_model::{Role, Scope};
use muster_store::{Admission, FederatedIdentity, FederatedUser, NewSession, NewToken, Store, User, UserChange};
use muster_testkit::database::each;

use crate::common::{DEFAULT, at, open, other_tenant, stored, user, uuid};

#[tokio::test]
async fn disabling_ends_sessions_and_is_taken_back() {
    each(async |database| {
        let store = open(&database).await;
        store.user_insert(&DEFAULT, &user(1, "anna")).await.unwrap();
        assert!(store.session_insert(&DEFAULT, &session(1, 1), None).await.unwrap());
        let signed_in = store.user_get(&DEFAULT, uuid(1)).await.unwrap().unwrap();
        assert_eq!((signed_in.last_sign_in_at, signed_in.disabled_at), (Some(stored(at(1))), None));
        assert!(!store.user_update(&other_tenant(), uuid(1), &disabling(Some(at(5)))).await.unwrap());
        assert!(store.user_update(&DEFAULT, uuid(1), &disabling(Some(at(5)))).await.unwrap());
        assert!(store.session_by_token_hash(&[1; 32]).await.unwrap().is_none());
        let disabled = store.user_get(&DEFAULT, uuid(1)).await.unwrap().unwrap();
        assert_eq!(disabled.disabled_at, Some(stored(at(5))));
        assert!(store.user_update(&DEFAULT, uuid(1), &disabling(None)).await.unwrap());
        assert_eq!(store.user_get(&DEFAULT, uuid(1)).await.unwrap().unwrap().disabled_at, None);
    })
    .await;
}

#[tokio::test]
async fn all_sessions_end_but_one() {
    each(async |database| {
        let store = open(&database).await;
        store.user_insert(&DEFAULT, &user(1, "anna")).await.unwrap();
        store.user_insert(&DEFAULT, &user(2, "bert")).await.unwrap();
        for (number, owner) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
            assert!(store.session_insert(&DEFAULT, &session(number, owner), None).await.unwrap());
        }
        assert_eq!(store.session_delete_others(&other_tenant(), uuid(1), uuid(2)).await.unwrap(), 0);
        assert_eq!(store.session_delete_others(&DEFAULT, uuid(1), uuid(2)).await.unwrap(), 2);
        assert_eq!(store.session_list(&DEFAULT, uuid(1)).await.unwrap()[0].id, uuid(2));
        assert_eq!(store.session_list(&DEFAULT, uuid(2)).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_person_is_one_user_whatever_the_name() {
    each(async |database| {
        let store = open(&database).await;
        store.user_insert(&DEFAULT, &user(1, "anna")).await.unwrap();
        let first = admit(&store, &person(2, "s-1", "Anna", Role::Viewer)).await;
        assert_eq!((first.id, first.name.as_str(), first.role), (uuid(2), "Anna (2)", Role::Viewer));
        assert!(first.password_hash.is_none());
        let again = admit(&store, &person(3, "s-1", "Berta", Role::Admin)).await;
        assert_eq!((again.id, again.name.as_str(), again.role), (uuid(2), "Anna (2)", Role::Admin));
        let other = admit(&store, &person(4, "s-2", "anna", Role::Viewer)).await;
        assert_eq!((other.id, other.name.as_str()), (uuid(4), "anna (3)"));
        let elsewhere =
            FederatedUser { identity: identity("https://other", "s-1"), ..person(5, "", "Zoe", Role::Viewer) };
        assert_eq!(admit(&store, &elsewhere).await.id, uuid(5), "another issuer's s-1");
        let found = store.user_by_identity(&DEFAULT, &identity("https://id", "s-1")).await.unwrap().unwrap();
        assert_eq!((found.id, found.identity), (uuid(2), Some(identity("https://id", "s-1"))));
        assert!(store.user_by_identity(&other_tenant(), &identity("https://id", "s-1")).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn admitting_does_not_enable() {
    each(async |database| {
        let store = open(&database).await;
        admit(&store, &person(1, "s-1", "Anna", Role::Viewer)).await;
        store.user_update(&DEFAULT, uuid(1), &disabling(Some(at(5)))).await.unwrap();
        let again = admit(&store, &person(2, "s-1", "Anna", Role::Admin)).await;
        assert_eq!(again.disabled_at, Some(stored(at(5))));
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_said_earlier_brings_no_role_back() {
    each(async |database| {
        let store = open(&database).await;
        let said = async |role, when| {
            let person = FederatedUser { vouched_at: at(when), ..person(1, "s-1", "Anna", role) };
            admit(&store, &person).await.role
        };
        assert_eq!(said(Role::Admin, 10).await, Role::Admin);
        assert_eq!(said(Role::Viewer, 20).await, Role::Viewer);
        assert_eq!(said(Role::Admin, 19).await, Role::Viewer);
        assert_eq!(said(Role::Operator, 20).await, Role::Operator);
    })
    .await;
}

#[tokio::test]
async fn being_admitted_is_news_once() {
    each(async |database| {
        let store = open(&database).await;
        let is_news = async |role, when| {
            let person = FederatedUser { vouched_at: at(when), ..person(1, "s-1", "Anna", role) };
            store.user_admit_federated(&DEFAULT, &person).await.unwrap().is_news
        };
        assert!(is_news(Role::Viewer, 10).await);
        assert!(!is_news(Role::Viewer, 20).await);
        assert!(!is_news(Role::Admin, 19).await, "it was newer at the second time, though it said the same");
        assert!(is_news(Role::Admin, 21).await);
    })
    .await;
}

#[tokio::test]
async fn being_dismissed_is_remembered_and_is_news_once() {
    each(async |database| {
        let store = open(&database).await;
        let said = async |when| {
            let person = FederatedUser { vouched_at: at(when), ..person(1, "s-1", "Anna", Role::Viewer) };
            admit(&store, &person).await.dismissed_at
        };
        let dismiss = async |when| store.user_dismiss_federated(&DEFAULT, uuid(1), at(when)).await.unwrap();
        assert!(!dismiss(9).await, "nobody is known");
        assert_eq!(said(10).await, None);
        assert!(store.session_insert(&DEFAULT, &session(1, 1), None).await.unwrap());
        assert!(!dismiss(9).await, "the provider has said something newer");
        assert!(store.session_by_token_hash(&[1; 32]).await.unwrap().is_some());
        assert!(dismiss(20).await);
        assert!(store.session_by_token_hash(&[1; 32]).await.unwrap().is_none());
        assert!(!dismiss(21).await);
        assert_eq!(said(22).await, Some(stored(at(21))), "who is admitted again was dismissed before");
        assert!(dismiss(30).await);
    })
    .await;
}

#[tokio::test]
async fn two_first_visits_at_once_make_one_user() {
    each(async |database| {
        let (one, two) = (open(&database).await, open(&database).await);
        let visits = [person(1, "s-1", "Anna", Role::Viewer), person(2, "s-1", "Anna", Role::Viewer)];
        let [first, second] = &visits;
        let admitted = join_all([
            Box::pin(one.user_admit_federated(&DEFAULT, first)),
            Box::pin(two.user_admit_federated(&DEFAULT, second)),
        ])
        .await;
        // On two replicas one may be told to try again; there are never two users.
        assert!(admitted.iter().any(Result::is_ok));
        assert_eq!(one.user_count(&DEFAULT).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_proposed_confirmed_used_and_removed() {
    each(async |database| {
        let store = open(&database).await;
        store.user_insert(&DEFAULT, &user(1, "anna")).await.unwrap();
        let propose = async |sealed: &str, when| {
            store.second_factor_propose(&DEFAULT, uuid(1), &sealed.into(), at(when)).await.unwrap()
        };
        assert!(store.sealed_secret_any().await.unwrap().is_none());
        assert!(propose("one", 1).await && propose("two", 2).await, "what was not confirmed is replaced");
        assert!(!store.second_factor_use(&DEFAULT, uuid(1), 10).await.unwrap(), "it is not confirmed");
        let codes = vec![[1; 32], [2; 32]];
        assert!(store.second_factor_confirm(&DEFAULT, uuid(1), (10, at(3)), codes.clone()).await.unwrap());
        assert!(!store.second_factor_confirm(&DEFAULT, uuid(1), (11, at(4)), codes).await.unwrap());
        assert!(!propose("three", 5).await, "a confirmed one stays");
        let factor = store.second_factor_get(&DEFAULT, uuid(1)).await.unwrap().unwrap();
        assert_eq!((factor.created_at, factor.confirmed_at), (stored(at(2)), Some(stored(at(3)))));
        assert!(!format!("{factor:?}").contains("two"));

        for (step, usable) in [(10, false), (9, false), (11, true), (11, false), (12, true)] {
            assert_eq!(store.second_factor_use(&DEFAULT, uuid(1), step).await.unwrap(), usable, "{step}");
        }
        for (tenant, code, usable) in
            [(other_tenant(), 1, false), (DEFAULT, 3, false), (DEFAULT, 1, true), (DEFAULT, 1, false)]
        {
            assert_eq!(store.recovery_code_use(&tenant, uuid(1), &[code; 32], at(9)).await.unwrap(), usable, "{code}");
        }
        assert_eq!(store.recovery_code_count(&DEFAULT, uuid(1)).await.unwrap(), 1);
        assert_eq!(store.second_factor_users(&DEFAULT).await.unwrap(), [uuid(1)].into());
        assert_eq!(store.second_factor_users(&other_tenant()).await.unwrap(), [].into());

        assert!(!store.second_factor_remove(&other_tenant(), uuid(1)).await.unwrap());
        assert!(store.second_factor_remove(&DEFAULT, uuid(1)).await.unwrap());
        assert_eq!(store.recovery_code_count(&DEFAULT, uuid(1)).await.unwrap(), 0);
        assert!(propose("four", 6).await);
        store.user_delete(&DEFAULT, uuid(1)).await.unwrap();
        assert!(store.sealed_secret_any().await.unwrap().is_none(), "it goes with its user");
    })
    .await;
}

#[tokio::test]
async fn a_step_is_used_once_by_two_at_once() {
    each(async |database| {
        let (one, two) = (open(&database).await, open(&database).await);
        one.user_insert(&DEFAULT, &user(1, "anna")).await.unwrap();
        one.second_factor_propose(&DEFAULT, uuid(1), &"s".into(), at(1)).await.unwrap();
        one.second_factor_confirm(&DEFAULT, uuid(1), (1, at(1)), vec![[1; 32]]).await.unwrap();
        let used = join_all([
            Box::pin(one.second_factor_use(&DEFAULT, uuid(1), 2)),
            Box::pin(two.second_factor_use(&DEFAULT, uuid(1), 2)),
        ])
        .await;
        let used = used.into_iter().filter(|used| matches!(used, Ok(true))).count();
        assert_eq!(used, 1);
    })
    .await;
}

#[tokio::test]
async fn a_rotated_token_is_found_by_both_secrets() {
    each(async |database| {
        let store = open(&database).await;
        store.token_insert(&DEFAULT, &token(1, None)).await.unwrap();
        assert!(!store.token_rotate(&other_tenant(), uuid(1), &[2; 32], at(50)).await.unwrap());
        assert!(store.token_rotate(&DEFAULT, uuid(1), &[2; 32], at(50)).await.unwrap());
        let (_, by_new) = store.token_by_hash(&[2; 32]).await.unwrap().unwrap();
        let (_, by_old) = store.token_by_hash(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((by_new.expires_at, by_new.previous_until), (None, Some(stored(at(50)))));
        assert_eq!((by_old.id, by_old.expires_at), (uuid(1), Some(stored(at(50)))), "the old secret ends");
        store.token_rotate(&DEFAULT, uuid(1), &[3; 32], at(60)).await.unwrap();
        assert!(store.token_by_hash(&[1; 32]).await.unwrap().is_none());
        store.token_revoke(&DEFAULT, uuid(1), at(70)).await.unwrap();
        for hash in [2, 3] {
            assert!(store.token_by_hash(&[hash; 32]).await.unwrap().is_none());
        }
        assert!(!store.token_rotate(&DEFAULT, uuid(1), &[4; 32], at(80)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn long_dead_tokens_are_deleted_and_no_others() {
    each(async |database| {
        let store = open(&database).await;
        for (number, expires) in [(1, Some(10)), (2, Some(90)), (3, None), (4, None)] {
            store.token_insert(&DEFAULT, &token(number, expires)).await.unwrap();
        }
        store.token_revoke(&DEFAULT, uuid(4), at(20)).await.unwrap();
        assert_eq!(store.token_prune(at(50)).await.unwrap(), 2);
        let left: Vec<_> = store.token_list(&DEFAULT).await.unwrap().into_iter().map(|token| token.id).collect();
        assert_eq!(left, [uuid(2), uuid(3)]);
        assert_eq!(store.token_prune(at(50)).await.unwrap(), 0);
    })
    .await;
}

async fn admit(store: &Store, person: &FederatedUser) -> User {
    let Admission { user, is_news: _ } = store.user_admit_federated(&DEFAULT, person).await.unwrap();
    user
}

fn disabling(since: Option<Timestamp>) -> UserChange {
    UserChange { disabled_at: Some(since), ..UserChange::default() }
}

fn identity(issuer: &str, subject: &str) -> FederatedIdentity {
    FederatedIdentity { issuer: issuer.into(), subject: subject.into() }
}

fn person(id: u128, subject: &str, name: &str, role: Role) -> FederatedUser {
    let identity = identity("https://id", subject);
    FederatedUser { id: uuid(id), identity, name: name.into(), role, vouched_at: at(1), at: at(1) }
}

fn session(number: u8, user: u128) -> NewSession {
    NewSession {
        id: uuid(number.into()),
        token_hash: [number; 32],
        csrf_hash: [number; 32],
        user_id: uuid(user),
        created_at: at(number.into()),
        expires_at: at(1000),
        remote_addr: None,
        user_agent: None,
    }
}

fn token(number: u8, expires: Option<i64>) -> NewToken {
    NewToken {
        id: uuid(number.into()),
        name: format!("token {number}"),
        token_hash: [number; 32],
        role: Role::Viewer,
        scopes: [Scope::InventoryRead].into(),
        created_at: at(0),
        expires_at: expires.map(at),
        created_by: "user:anna".into(),
    }
}
