//! Accounts: the only rows that go away.

use baepo_domain::model::account::Account;
use baepo_domain::ports::{CommitError, Mutation, Store};

use super::sample::{self, at, channel, commit, owner};

pub async fn an_account_can_be_deleted_and_connected_again(store: &dyn Store) {
    let account = sample::account("shop-1", "instagram");
    let delete = || Mutation::DeleteAccount {
        owner: owner("shop-1"),
        channel: channel("instagram"),
    };
    commit(store, [delete()]).await;
    commit(store, [Mutation::PutAccount(account.clone())]).await;
    commit(store, [delete()]).await;
    let found = store
        .account(&account.owner, &account.channel)
        .await
        .expect("a read");
    assert_eq!(found, None);

    // Somebody who read it before must not bring it back.
    let stale = Account {
        revision: 1,
        ..account.clone()
    };
    let result = store.commit(vec![Mutation::PutAccount(stale)]).await;
    assert!(
        matches!(result, Err(CommitError::Conflict(_))),
        "{result:?}"
    );
    commit(store, [Mutation::PutAccount(account.clone())]).await;
    let found = store
        .account(&account.owner, &account.channel)
        .await
        .expect("a read");
    assert_eq!(
        found,
        Some(Account {
            revision: 1,
            ..account
        })
    );
}

pub async fn accounts_are_listed_only_for_their_owner(store: &dyn Store) {
    for (of, on) in [
        ("shop-1", "kakao-channel"),
        ("shop-2", "genie-tv"),
        ("shop-1", "instagram"),
    ] {
        commit(store, [Mutation::PutAccount(sample::account(of, on))]).await;
    }
    let accounts = store.accounts(&owner("shop-1")).await.expect("a read");
    let channels: Vec<&str> = accounts
        .iter()
        .map(|account| account.channel.as_str())
        .collect();
    assert_eq!(channels, ["instagram", "kakao-channel"], "by channel");
    assert_eq!(store.accounts(&owner("shop-3")).await.expect("a read"), []);
}

pub async fn accounts_to_renew_come_earliest_first(store: &dyn Store) {
    for (of, on, renew_at) in [
        ("shop-1", "instagram", Some(30)),
        ("shop-2", "instagram", Some(20)),
        ("shop-1", "kakao-channel", Some(20)),
        ("shop-3", "instagram", Some(40)),
        ("shop-4", "instagram", None),
    ] {
        commit(store, [Mutation::PutAccount(renewed(of, on, renew_at))]).await;
    }
    let expected = [
        ("shop-1", "kakao-channel"),
        ("shop-2", "instagram"),
        ("shop-1", "instagram"),
    ]
    .map(|(of, on)| (owner(of), channel(on)));
    let to_renew = |until, limit| store.accounts_to_renew(at(until), limit);
    assert_eq!(to_renew(19, 10).await.expect("a read"), []);
    assert_eq!(to_renew(30, 10).await.expect("a read"), expected);
    assert_eq!(to_renew(30, 2).await.expect("a read"), expected[..2]);

    // Two are renewed, one of them for good.
    for (of, on, renew_at) in [
        ("shop-1", "kakao-channel", Some(90)),
        ("shop-1", "instagram", None),
    ] {
        let account = Account {
            revision: 1,
            ..renewed(of, on, renew_at)
        };
        commit(store, [Mutation::PutAccount(account)]).await;
    }
    assert_eq!(to_renew(30, 10).await.expect("a read"), expected[1..2]);
}

fn renewed(of: &str, on: &str, renew_at: Option<i64>) -> Account {
    Account {
        renew_at: renew_at.map(at),
        ..sample::account(of, on)
    }
}
