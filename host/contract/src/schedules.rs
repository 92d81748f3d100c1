//! Publishes that begin by themselves.

use baepo_domain::model::event::Event;
use baepo_domain::model::id::EventId;
use baepo_domain::model::schedule::Schedule;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{Mutation, Store};

use super::sample::{self, at, commit, id, schedule};

pub async fn schedules_come_due_earliest_first(store: &dyn Store) {
    for (number, publish_at) in [(1, 30), (4, 20), (2, 10), (3, 20), (5, 40)] {
        put(store, event(number, Some(schedule(publish_at)))).await;
    }
    assert_eq!(scheduled(store, 9, 10).await, numbered([]));
    assert_eq!(scheduled(store, 10, 10).await, numbered([2]));
    assert_eq!(scheduled(store, 30, 10).await, numbered([2, 3, 4, 1]));
    assert_eq!(scheduled(store, 30, 2).await, numbered([2, 3]));
}

pub async fn failed_and_cancelled_schedules_are_not_due(store: &dyn Store) {
    let problem = |publish_at| Schedule {
        problem: Some(Localized::verbatim("제목이 없습니다")),
        ..schedule(publish_at)
    };
    put(store, event(1, Some(problem(10)))).await;
    put(store, event(2, None)).await;
    assert_eq!(scheduled(store, 90, 10).await, numbered([]));
    assert_eq!(next(store).await, None);

    // One gets a time, another one a problem, and a third is published.
    for number in [3, 4] {
        put(store, event(number, Some(schedule(20)))).await;
    }
    put(store, stored(event(1, Some(schedule(30))))).await;
    put(store, stored(event(3, Some(problem(20))))).await;
    put(store, stored(sample::publishing(4, "shop-1"))).await;
    assert_eq!(scheduled(store, 90, 10).await, numbered([1]));
    assert_eq!(next(store).await, Some(at(30)));

    // And one is called off.
    let called_off = event(1, None);
    let called_off = Event {
        revision: 2,
        ..called_off
    };
    put(store, called_off).await;
    assert_eq!(scheduled(store, 90, 10).await, numbered([]));
    assert_eq!(next(store).await, None);
}

pub async fn the_next_scheduled_time_is_the_earliest(store: &dyn Store) {
    assert_eq!(next(store).await, None);
    for (number, publish_at) in [(1, 30), (2, 10), (3, 20)] {
        put(store, event(number, Some(schedule(publish_at)))).await;
    }
    assert_eq!(next(store).await, Some(at(10)));
    put(store, stored(event(2, None))).await;
    assert_eq!(next(store).await, Some(at(20)));
    put(store, stored(event(3, Some(schedule(40))))).await;
    assert_eq!(next(store).await, Some(at(30)));
}

fn event(number: u32, schedule: Option<Schedule>) -> Event {
    sample::event(number, "shop-1").reschedule(schedule, at(1))
}

fn stored(event: Event) -> Event {
    Event {
        revision: 1,
        ..event
    }
}

async fn put(store: &dyn Store, event: Event) {
    commit(store, [Mutation::PutEvent(event)]).await;
}

async fn scheduled(store: &dyn Store, until: i64, limit: u32) -> Vec<EventId> {
    store.scheduled(at(until), limit).await.expect("a read")
}

async fn next(store: &dyn Store) -> Option<jiff::Timestamp> {
    store.next_scheduled().await.expect("a read")
}

fn numbered<const N: usize>(numbers: [u32; N]) -> [EventId; N] {
    numbers.map(|number| EventId(id(number)))
}
