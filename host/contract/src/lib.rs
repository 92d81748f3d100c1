//! The behaviour that every adapter of a port must show.
//!
//! An adapter's tests call [`store_contract!`](crate::store_contract) or
//! [`cache_contract!`](crate::cache_contract), which make a test of each behaviour, named like it.
//! A behaviour is a plain function that takes the port and panics when it is not shown.
//!
//! ```text
//! /// What must be kept while the store is used, such as its folder, and an empty store.
//! async fn open() -> (TempDir, SqliteStore) { … }
//!
//! baepo_contract::store_contract!(open);
//! ```

mod accounts;
mod attribution;
mod audit;
mod cache;
mod claims;
mod commits;
mod completion;
mod draw;
mod extremes;
mod journals;
mod lists;
mod messages;
mod releases;
mod sample;
mod schedules;
mod together;
mod transitions;
mod unfinished;

pub use self::accounts::*;
pub use self::attribution::*;
pub use self::audit::*;
pub use self::cache::*;
pub use self::claims::*;
pub use self::commits::*;
pub use self::completion::*;
pub use self::extremes::*;
pub use self::journals::*;
pub use self::lists::*;
pub use self::messages::*;
pub use self::releases::*;
pub use self::schedules::*;
pub use self::together::*;
pub use self::transitions::*;
pub use self::unfinished::*;

/// A test of each behaviour of a [`Store`](baepo_domain::ports::Store). `$open` is an async function
/// without arguments that gives a pair: something to keep, and a store that is empty.
#[macro_export]
macro_rules! store_contract {
    ($open:path) => {
        $crate::contract_tests! { $open;
            a_committed_row_is_read_back
            extreme_values_are_read_back
            a_missing_row_is_none
            a_second_insert_is_a_conflict
            an_update_of_a_missing_row_is_a_conflict
            an_update_with_an_old_revision_is_a_conflict
            a_commit_is_atomic
            mutations_of_one_commit_see_each_other
            one_of_many_concurrent_updates_wins
            concurrent_commits_are_grouped_and_conflict_individually
            a_failed_commit_leaves_grouped_commits_intact
            an_event_has_one_distribution_and_a_channel_one_delivery
            events_come_newest_first_and_page_by_page
            publishes_are_unfinished_while_the_event_has_a_lease
            schedules_come_due_earliest_first
            failed_and_cancelled_schedules_are_not_due
            the_next_scheduled_time_is_the_earliest
            deliveries_come_in_creation_order
            attempts_come_in_start_order
            revisions_are_read_in_order_from_a_given_one
            a_refused_commit_stores_no_revision
            concurrent_transitions_each_store_their_revision
            forgetting_a_journal_keeps_the_last_revision
            due_deliveries_are_claimed_longest_due_first
            an_expired_due_claim_can_be_claimed_again
            due_claims_of_other_nodes_can_be_claimed_at_start
            a_transition_releases_the_due_claim
            concurrent_due_claims_are_disjoint
            the_next_due_time_is_the_earliest
            expired_leases_are_reclaimable_oldest_first
            leases_of_other_nodes_are_reclaimable_at_start
            an_unclaimed_delivery_is_not_reclaimable
            every_unfinished_delivery_is_eventually_found
            claimed_or_scheduled_deliveries_are_not_found_early
            an_orphan_is_found_only_after_the_grace_period
            a_post_of_another_delivery_of_the_account_is_identified
            a_delivery_without_an_id_makes_posts_unidentified
            a_post_is_identified_while_its_delivery_keeps_it
            a_lease_renewal_covers_only_named_deliveries_and_keeps_revisions
            a_publish_lease_is_renewed_only_by_its_holder
            entries_are_read_in_order
            many_entries_are_appended_at_once
            entries_without_the_lease_are_refused
            entries_of_an_earlier_attempt_are_refused
            a_repeated_append_changes_nothing
            entries_are_appended_with_the_end_of_their_delivery
            an_old_journal_is_forgotten_when_its_attempt_has_ended
            an_idempotency_key_is_answered_once
            an_answer_is_replaced_only_with_its_current_value
            an_idempotency_key_is_bound_to_its_request
            messages_wait_in_order_until_they_are_sent
            a_message_is_written_atomically_with_its_commit
            a_message_is_sent_by_its_holder
            message_leases_are_renewed_only_by_their_holder
            a_sent_message_is_never_claimed
            the_outbox_is_read_page_by_page
            an_account_can_be_deleted_and_connected_again
            accounts_are_listed_only_for_their_owner
            accounts_to_renew_come_earliest_first
            audit_entries_come_newest_first_page_by_page
            an_audit_entry_is_written_atomically_with_its_commit
            an_audit_entry_may_have_no_subject
            releases_come_in_the_order_of_installation
            a_component_is_kept_once_for_all_channels
            a_channel_has_one_active_release
            permissions_and_their_approval_are_read_back
            a_deleted_release_is_gone_and_its_component_once_nobody_needs_it
            unfinished_attempts_are_counted_per_release
            unsettled_deliveries_are_counted_per_channel
        }

        $crate::contract_tests! { $open, shared;
            deliveries_settling_at_once_on_two_hosts_complete_once
            a_retry_during_the_last_settlement_prevents_completion
        }
    };
}

/// A test of each behaviour of a [`Cache`](baepo_domain::ports::Cache). `$open` is as for
/// [`store_contract!`](crate::store_contract); `$clock` is a [`Clock`](baepo_domain::ports::clock::Clock) that
/// goes as the cache's own time does.
#[macro_export]
macro_rules! cache_contract {
    ($open:path, $clock:expr) => {
        $crate::contract_tests! { $open;
            a_value_is_found_under_its_key
            the_last_value_counts
            a_deleted_value_is_gone
        }

        #[tokio::test]
        async fn a_value_expires_after_its_ttl() {
            let (_kept, cache) = $open().await;
            $crate::a_value_expires_after_its_ttl(&cache, &$clock).await;
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($open:path; $($behaviour:ident)+) => {$(
        #[tokio::test]
        async fn $behaviour() {
            let (_kept, adapter) = $open().await;
            $crate::$behaviour(&adapter).await;
        }
    )+};
    // Several hosts of the behaviour's own have the adapter.
    ($open:path, shared; $($behaviour:ident)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $behaviour() {
            let (_kept, adapter) = $open().await;
            $crate::$behaviour(::std::sync::Arc::new(adapter)).await;
        }
    )+};
}
