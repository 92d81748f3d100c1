//! Who did what.

use baepo_domain::model::audit::AuditEntry;
use baepo_domain::model::id::AuditId;
use baepo_domain::ports::{CommitError, Mutation, Page, Store};
use futures::future::join_all;

use super::sample::{self, audit_entry, commit, owner};

pub async fn audit_entries_come_newest_first_page_by_page(store: &dyn Store) {
    let entries: Vec<AuditEntry> = [(1, "shop-1"), (2, "shop-2"), (3, "shop-1"), (4, "shop-1")]
        .map(|(number, of)| audit_entry(number, of))
        .into();
    // Written as callers come, and read by when it was done.
    let commits = [3, 1, 2, 0].map(|place| store.commit(vec![add(&entries[place])]));
    assert!(join_all(commits).await.iter().all(Result::is_ok));

    let newest_first: Vec<AuditEntry> = entries.iter().rev().cloned().collect();
    assert_eq!(read(store, None, None, 10).await, newest_first);
    let page = read(store, None, None, 3).await;
    assert_eq!(page, newest_first[..3]);
    let after = page.last().map(|entry| entry.id);
    assert_eq!(read(store, None, after, 3).await, newest_first[3..]);

    let mut of_one = newest_first;
    of_one.retain(|entry| entry.owner == owner("shop-1"));
    assert_eq!(read(store, Some("shop-1"), None, 10).await, of_one);
    let page = read(store, Some("shop-1"), None, 2).await;
    assert_eq!(page, of_one[..2]);
    let after = page.last().map(|entry| entry.id);
    assert_eq!(read(store, Some("shop-1"), after, 2).await, of_one[2..]);
    assert_eq!(read(store, Some("shop-3"), None, 10).await, []);
}

pub async fn an_audit_entry_is_written_atomically_with_its_commit(store: &dyn Store) {
    let event = sample::event(1, "shop-1");
    let put = || Mutation::PutEvent(event.clone());
    let account = Mutation::PutAccount(sample::account("shop-1", "instagram"));
    let [one, other] = [1, 2].map(|number| audit_entry(number, "shop-1"));
    commit(store, [put(), add(&one)]).await;
    for refused in [
        // The event is there already, and so is the entry.
        vec![add(&other), put()],
        vec![account.clone(), add(&one)],
        vec![add(&other), add(&other)],
    ] {
        let result = store.commit(refused).await;
        assert!(
            matches!(result, Err(CommitError::Conflict(_))),
            "{result:?}"
        );
    }
    let kept = [one];
    assert_eq!(read(store, None, None, 10).await, kept);
    let accounts = store.accounts(&owner("shop-1")).await.expect("a read");
    assert_eq!(accounts, []);
    commit(store, [account, add(&other)]).await;
    let [one] = kept;
    assert_eq!(read(store, None, None, 10).await, [other, one]);
}

pub async fn an_audit_entry_may_have_no_subject(store: &dyn Store) {
    let bare = AuditEntry {
        event: None,
        distribution: None,
        channel: None,
        detail: None,
        ..audit_entry(1, "shop-1")
    };
    commit(store, [add(&bare)]).await;
    assert_eq!(read(store, None, None, 10).await, [bare]);
}

fn add(entry: &AuditEntry) -> Mutation {
    Mutation::AddAudit(entry.clone())
}

async fn read(
    store: &dyn Store,
    of: Option<&str>,
    after: Option<AuditId>,
    limit: u32,
) -> Vec<AuditEntry> {
    let of = of.map(owner);
    let page = Page { after, limit };
    store.audit(of.as_ref(), page).await.expect("a read")
}
