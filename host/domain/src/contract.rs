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
//! baepo_domain::store_contract!(open);
//! ```

mod accounts;
mod attribution;
mod audit;
mod cache;
mod claims;
mod commits;
mod completion;
mod extremes;
mod journals;
mod lists;
mod messages;
mod moves;
mod releases;
mod sample;
mod schedules;
mod together;
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
pub use self::moves::*;
pub use self::releases::*;
pub use self::schedules::*;
pub use self::together::*;
pub use self::unfinished::*;

/// A test of each behaviour of a [`Store`](crate::ports::Store). `$open` is an async function
/// without arguments that gives a pair: something to keep, and a store that is empty.
#[macro_export]
macro_rules! store_contract {
    ($open:path) => {
        $crate::contract_tests! { $open;
            what_was_committed_is_read_back
            whatever_can_be_written_is_read_back
            what_is_not_there_is_none
            a_second_insert_is_a_conflict
            an_update_of_what_is_not_there_is_a_conflict
            an_update_with_an_old_revision_is_a_conflict
            a_commit_is_made_whole_or_not_at_all
            changes_of_one_commit_build_on_each_other
            of_many_updates_at_once_one_wins
            many_callers_share_few_commits_and_only_who_comes_second_conflicts
            a_callers_own_mistake_is_nobody_elses
            an_event_has_one_distribution_and_a_channel_one_delivery
            events_come_newest_first_and_page_by_page
            publishes_are_unfinished_while_the_event_has_a_lease
            schedules_come_due_earliest_first
            a_schedule_with_a_problem_and_one_that_is_gone_are_not_due
            the_next_scheduled_time_is_the_earliest
            deliveries_come_in_the_order_in_which_they_were_made
            attempts_come_in_the_order_in_which_they_began
            moves_are_read_in_order_from_one_on
            a_refused_commit_keeps_no_move
            of_many_moves_at_once_each_is_kept_with_its_delivery
            forgetting_a_journal_leaves_the_last_move
            what_is_due_is_taken_longest_due_first
            what_was_taken_can_be_taken_again_when_the_taking_has_run_out
            what_others_took_can_be_taken_at_a_start
            what_was_taken_and_moved_is_free_again
            of_many_who_take_at_once_each_gets_others
            the_next_due_time_is_the_earliest
            abandoned_are_claims_that_ran_out_oldest_first
            abandoned_are_the_claims_of_everybody_else_at_a_start
            what_is_no_longer_claimed_is_not_abandoned
            every_unfinished_delivery_is_found_in_the_end
            what_somebody_works_on_or_waits_for_is_not_found_before
            an_orphan_has_been_one_for_a_while
            a_post_is_of_another_delivery_of_its_account
            a_post_may_be_of_another_delivery_without_an_id
            a_post_is_known_as_long_as_its_delivery_has_it
            renewing_is_of_the_named_deliveries_alone_and_leaves_revisions
            a_publish_is_renewed_by_its_holder_alone
            entries_are_read_in_order
            many_entries_are_appended_at_once
            entries_of_one_who_lost_the_lease_are_refused
            entries_of_an_earlier_attempt_are_refused
            a_repeated_append_changes_nothing
            entries_are_appended_with_the_end_of_their_delivery
            an_old_journal_is_forgotten_when_its_attempt_has_ended
            an_idempotency_key_is_answered_once
            an_answer_is_replaced_by_those_who_know_it
            an_idempotency_key_stays_with_its_request
            messages_wait_in_order_until_they_are_sent
            a_message_is_written_with_its_commit_or_not_at_all
            a_message_is_sent_by_its_holder
            messages_are_renewed_by_their_holder_alone
            a_message_that_was_sent_is_taken_by_nobody
            the_outbox_is_read_page_by_page
            an_account_can_be_deleted_and_connected_again
            accounts_are_listed_for_their_owner_alone
            accounts_to_renew_come_earliest_first
            what_was_done_comes_newest_first_page_by_page
            what_was_done_is_written_with_its_commit_or_not_at_all
            what_was_done_may_have_nothing_with_it
            releases_come_in_the_order_of_installation
            a_component_is_kept_once_for_all_channels
            a_channel_has_one_active_release
        }

        $crate::contract_tests! { $open, shared;
            what_settles_at_once_on_two_hosts_completes_once
            what_is_tried_anew_while_the_last_one_settles_is_not_complete
        }
    };
}

/// A test of each behaviour of a [`Cache`](crate::ports::Cache). `$open` is as for
/// [`store_contract!`](crate::store_contract); `$clock` is a [`Clock`](crate::clock::Clock) that
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
        async fn a_value_lives_as_long_as_its_writer_said() {
            let (_kept, cache) = $open().await;
            $crate::contract::a_value_lives_as_long_as_its_writer_said(&cache, &$clock).await;
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
            $crate::contract::$behaviour(&adapter).await;
        }
    )+};
    // Several hosts of the behaviour's own have the adapter.
    ($open:path, shared; $($behaviour:ident)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $behaviour() {
            let (_kept, adapter) = $open().await;
            $crate::contract::$behaviour(::std::sync::Arc::new(adapter)).await;
        }
    )+};
}
