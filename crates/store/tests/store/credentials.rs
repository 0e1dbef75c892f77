//! Users, sessions and tokens.

use futures::future::join_all;
use muster_model::{Role, Scope};
use muster_store::{
    FirstUserError, NewSession, NewToken, Store, TokenInsertError, Trouble, UserChange, UserInsertError,
};
use muster_testkit::database::each;
use secrecy::ExposeSecret;

use crate::common::{DEFAULT, at, open, other_tenant, stored, user, uuid};

#[tokio::test]
async fn names_compare_without_case_and_outer_space() {
    each(async |database| {
        let store = open(&database).await;
        store.user_insert(&DEFAULT, &user(1, " Änna ")).await.unwrap();
        let error = store.user_insert(&DEFAULT, &user(2, "äNNA")).await.unwrap_err();
        assert!(matches!(&error, UserInsertError::NameTaken { name } if name == "äNNA"), "{error}");
        store.user_insert(&other_tenant(), &user(2, "änna")).await.unwrap();

        let found = store.user_by_name(&DEFAULT, "ÄNNA ").await.unwrap().unwrap();
        assert_eq!((found.id, found.name.as_str(), found.role), (uuid(1), "Änna", Role::Operator));
        assert_eq!(found.created_at, stored(at(0)));
        assert_eq!(found.password_hash.as_ref().unwrap().expose_secret(), "$argon2id$stub");
        assert!(!format!("{found:?} {:?}", user(1, "x")).contains("argon2id"));
        assert!(store.user_by_name(&DEFAULT, "ann").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn users_change_and_go() {
    each(async |database| {
        let store = open(&database).await;
        for (number, name) in [(1, "b"), (2, "A")] {
            store.user_insert(&DEFAULT, &user(number, name)).await.unwrap();
        }
        let names: Vec<_> = store.user_list(&DEFAULT).await.unwrap().into_iter().map(|user| user.name).collect();
        assert_eq!(names, ["A", "b"]);
        assert_eq!(store.user_count(&DEFAULT).await.unwrap(), 2);
        assert_eq!(store.user_count(&other_tenant()).await.unwrap(), 0);

        let role = |role| UserChange { role: Some(role), ..UserChange::default() };
        assert!(store.user_update(&DEFAULT, uuid(1), &role(Role::Admin)).await.unwrap());
        assert!(!store.user_update(&other_tenant(), uuid(1), &role(Role::Viewer)).await.unwrap());
        assert!(store.user_update(&DEFAULT, uuid(1), &UserChange::default()).await.unwrap());
        let changed = store.user_get(&DEFAULT, uuid(1)).await.unwrap().unwrap();
        assert_eq!((changed.role, changed.name.as_str(), changed.disabled_at), (Role::Admin, "b", None));

        assert!(!store.user_delete(&other_tenant(), uuid(1)).await.unwrap());
        assert!(store.user_delete(&DEFAULT, uuid(1)).await.unwrap());
        assert!(store.user_get(&DEFAULT, uuid(1)).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn two_set_ups_at_once_create_one_user() {
    each(async |database| {
        // Two stores, as two replicas would be.
        let (one, two) = (open(&database).await, open(&database).await);
        let (anna, bert) = (user(1, "anna"), user(2, "bert"));
        let outcomes = join_all([
            Box::pin(one.first_user_insert(&DEFAULT, &anna)),
            Box::pin(two.first_user_insert(&DEFAULT, &bert)),
        ])
        .await;
        let refused: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
        assert!(matches!(refused.as_slice(), [FirstUserError::NotFirst]), "{refused:?}");
        assert_eq!(one.user_count(&DEFAULT).await.unwrap(), 1);
        let error = two.first_user_insert(&other_tenant(), &bert).await.unwrap_err();
        assert!(matches!(error, FirstUserError::NotFirst), "another tenant's user counts");
    })
    .await;
}

#[tokio::test]
async fn a_session_is_found_by_its_token_only() {
    each(async |database| {
        let store = open(&database).await;
        store.user_insert(&DEFAULT, &user(1, "anna")).await.unwrap();
        assert!(store.session_insert(&DEFAULT, &session(1, 1), None).await.unwrap());
        let (tenant, found, owner) = store.session_by_token_hash(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((tenant, found.id, owner.name.as_str()), (DEFAULT, uuid(1), "anna"));
        assert_eq!((found.csrf_hash, found.last_used_at), ([101; 32], stored(at(1))));
        assert_eq!(found.user_agent.as_deref(), Some("curl"));
        assert!(store.session_by_token_hash(&[2; 32]).await.unwrap().is_none());

        store.session_touch(&other_tenant(), uuid(1), at(50)).await.unwrap();
        store.session_touch(&DEFAULT, uuid(1), at(60)).await.unwrap();
        let (_, found, _) = store.session_by_token_hash(&[1; 32]).await.unwrap().unwrap();
        assert_eq!(found.last_used_at, stored(at(60)));
    })
    .await;
}

#[tokio::test]
async fn a_session_needs_its_user() {
    each(async |database| {
        let store = open(&database).await;
        assert!(!store.session_insert(&DEFAULT, &session(1, 1), None).await.unwrap());
        store.user_insert(&other_tenant(), &user(1, "anna")).await.unwrap();
        assert!(!store.session_insert(&DEFAULT, &session(1, 1), None).await.unwrap(), "a user of another tenant");
        assert!(store.session_by_token_hash(&[1; 32]).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_session_needs_what_was_verified_for_it() {
    each(async |database| {
        let store = open(&database).await;
        store.user_insert(&DEFAULT, &user(1, "anna")).await.unwrap();
        let verified = user(1, "anna").password_hash;
        let open = async |number| store.session_insert(&DEFAULT, &session(number, 1), Some(&verified)).await.unwrap();
        assert!(open(1).await);
        // Both happen between the check of a password and the session that it is to open.
        store.user_update(&DEFAULT, uuid(1), &password("new")).await.unwrap();
        assert!(!open(2).await, "another password");
        let disabled_at = Some(Some(at(5)));
        store.user_update(&DEFAULT, uuid(1), &UserChange { disabled_at, ..password("$argon2id$stub") }).await.unwrap();
        assert!(!open(3).await, "disabled");
        store
            .user_update(&DEFAULT, uuid(1), &UserChange { disabled_at: Some(None), ..UserChange::default() })
            .await
            .unwrap();
        assert!(open(4).await);
        assert_eq!(store.session_list(&DEFAULT, uuid(1)).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn sessions_end_in_every_way() {
    each(async |database| {
        let store = open(&database).await;
        store.user_insert(&DEFAULT, &user(1, "anna")).await.unwrap();
        store.user_insert(&DEFAULT, &user(2, "bert")).await.unwrap();
        for number in 1..=5 {
            assert!(store.session_insert(&DEFAULT, &session(number, 1), None).await.unwrap());
        }
        assert!(store.session_insert(&DEFAULT, &session(6, 2), None).await.unwrap());
        let left = async || -> Vec<u128> {
            store.session_list(&DEFAULT, uuid(1)).await.unwrap().iter().map(|session| session.id.as_u128()).collect()
        };
        assert_eq!(left().await, [5, 4, 3, 2, 1]);
        assert!(!store.session_delete(&other_tenant(), uuid(3)).await.unwrap());
        assert!(store.session_delete(&DEFAULT, uuid(3)).await.unwrap());
        // Session n expires n seconds after 100.
        assert_eq!(store.session_prune(at(102)).await.unwrap(), 2);
        assert_eq!(left().await, [5, 4]);
        assert!(store.user_update(&DEFAULT, uuid(1), &password("new")).await.unwrap());
        assert_eq!(left().await, [0; 0], "a new password ends them all");
        assert_eq!(
            store.user_get(&DEFAULT, uuid(1)).await.unwrap().unwrap().password_hash.unwrap().expose_secret(),
            "new"
        );
        assert!(store.session_insert(&DEFAULT, &session(7, 1), None).await.unwrap());
        assert_eq!(store.session_delete_of_user(&DEFAULT, uuid(1)).await.unwrap(), 1);
        store.user_delete(&DEFAULT, uuid(2)).await.unwrap();
        assert!(store.session_by_token_hash(&[6; 32]).await.unwrap().is_none(), "they go with their user");
    })
    .await;
}

#[tokio::test]
async fn a_token_is_found_until_it_is_revoked() {
    // D-19
    each(async |database| {
        let store = open(&database).await;
        let ci = token(1, "ci");
        store.token_insert(&DEFAULT, &ci).await.unwrap();
        let (tenant, found) = store.token_by_hash(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((tenant, found.id, found.role), (DEFAULT, uuid(1), Role::Viewer));
        assert_eq!(found.scopes, ci.scopes);
        assert_eq!((found.last_used_at, found.created_by.as_str()), (None, "user:anna"));

        store.token_touch(&DEFAULT, uuid(1), at(70)).await.unwrap();
        assert_eq!(store.token_list(&DEFAULT).await.unwrap()[0].last_used_at, Some(stored(at(70))));
        assert_eq!(store.token_list(&other_tenant()).await.unwrap(), []);

        assert!(!store.token_revoke(&other_tenant(), uuid(1), at(80)).await.unwrap());
        assert!(store.token_revoke(&DEFAULT, uuid(1), at(80)).await.unwrap());
        assert!(!store.token_revoke(&DEFAULT, uuid(1), at(81)).await.unwrap());
        assert_eq!(store.token_by_hash(&[1; 32]).await.unwrap(), None);
        assert_eq!(store.token_list(&DEFAULT).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_token_name_is_unique_among_the_living() {
    each(async |database| {
        let store = open(&database).await;
        let insert = async |token: &NewToken| store.token_insert(&DEFAULT, token).await;
        insert(&token(1, "CI")).await.unwrap();
        let error = insert(&token(2, " ci")).await.unwrap_err();
        assert!(matches!(error, TokenInsertError::NameTaken { .. }), "{error}");
        store.token_insert(&other_tenant(), &token(3, "ci")).await.unwrap();
        store.token_revoke(&DEFAULT, uuid(1), at(80)).await.unwrap();
        let mut short = token(4, "ci");
        short.expires_at = Some(at(100));
        insert(&short).await.unwrap();
        let mut later = token(5, "ci");
        later.created_at = at(99);
        insert(&later).await.unwrap_err();
        later.created_at = at(100);
        insert(&later).await.unwrap();
        assert_eq!(store.token_list(&DEFAULT).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn one_hash_is_one_credential() {
    each(async |database| {
        let store: Store = open(&database).await;
        store.token_insert(&DEFAULT, &token(1, "one")).await.unwrap();
        let twin = NewToken { id: uuid(2), ..token(1, "two") };
        let error = store.token_insert(&other_tenant(), &twin).await.unwrap_err();
        assert!(matches!(&error, TokenInsertError::Store(e) if e.trouble() == Trouble::Contradiction), "{error}");
    })
    .await;
}

fn password(hash: &str) -> UserChange {
    UserChange { password_hash: Some(hash.into()), ..UserChange::default() }
}

fn session(number: u8, user: u128) -> NewSession {
    NewSession {
        id: uuid(number.into()),
        token_hash: [number; 32],
        csrf_hash: [number + 100; 32],
        user_id: uuid(user),
        created_at: at(number.into()),
        expires_at: at(100 + i64::from(number)),
        remote_addr: Some("10.0.0.9".into()),
        user_agent: Some("curl".into()),
    }
}

fn token(number: u8, name: &str) -> NewToken {
    NewToken {
        id: uuid(number.into()),
        name: name.into(),
        token_hash: [number; 32],
        role: Role::Viewer,
        scopes: [Scope::InventoryRead, Scope::MetricsRead].into(),
        created_at: at(0),
        expires_at: None,
        created_by: "user:anna".into(),
    }
}
