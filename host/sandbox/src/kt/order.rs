//! What was ordered, a campaign or an assignment: known by the provider's id and by the client's
//! reference, and where it stands.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::asset::{add_members, number};
use super::creation;
use super::problem::Problem;
use super::review::{OrderPhase, OrderProgress};
use super::settings::Settings;
use crate::bounded_store::BoundedStore;
use crate::lag::Visibility;
use crate::ledger::{Media, Post};
use crate::provider::Provider;

const REFERENCE_CHARACTERS: usize = 64;

/// What is particular to a campaign or an assignment.
pub(super) trait OrderDetails: std::fmt::Debug + Send + 'static {
    const ID_PREFIX: &'static str;
    /// The status of one that the public meets.
    const RUNNING: &'static str;

    /// What a reader gets besides id, reference, status and period.
    fn members(&self, id: &str, phase: OrderPhase) -> Value;
    /// What the sandbox's page shows besides text, account and media.
    fn page_fields(&self) -> Value;
    fn text(&self) -> &str;
    /// Whom it is for: the region, the line.
    fn account(&self) -> String;
    fn media(&self) -> Vec<Media>;
}

#[derive(Debug)]
pub(super) struct Order<T> {
    reference: String,
    details: T,
    progress: OrderProgress,
    visibility: Visibility,
}

impl<T: OrderDetails> Order<T> {
    pub(super) fn new(
        reference: String,
        details: T,
        progress: OrderProgress,
        visibility: Visibility,
    ) -> Self {
        Self {
            reference,
            details,
            progress,
            visibility,
        }
    }

    pub(super) fn visibility(&self) -> Visibility {
        self.visibility
    }

    pub(super) fn phase(&self, now: Timestamp) -> OrderPhase {
        self.progress.phase(now)
    }

    pub(super) fn cancel(&mut self, now: Timestamp) {
        self.progress.cancel(now);
    }

    pub(super) fn view(&self, id: u64, now: Timestamp) -> Value {
        let id = format!("{}{id}", T::ID_PREFIX);
        let phase = self.phase(now);
        let mut view = json!({
            "id": id,
            "clientReference": self.reference,
            "status": phase.status(T::RUNNING),
            "period": self.progress.period(),
        });
        add_members(&mut view, self.details.members(&id, phase));
        if let Some(message) = self.progress.rejection() {
            view["reason"] = json!({ "code": "REVIEW_REJECTED", "message": message });
        }
        view
    }

    /// As `GET /_control/campaigns` shows it.
    fn listing(&self, provider: Provider, id: u64, now: Timestamp) -> Value {
        let mut listing = json!({
            "provider": provider,
            "id": format!("{}{id}", T::ID_PREFIX),
            "reference": self.reference,
            "status": self.phase(now).status(T::RUNNING),
            "text": self.details.text(),
            "account": self.details.account(),
            "at": self.progress.submitted(),
            "period": self.progress.period(),
            "media": self.details.media(),
        });
        if let Some(message) = self.progress.rejection() {
            listing["reason"] = message.into();
        }
        add_members(&mut listing, self.details.page_fields());
        listing
    }

    /// `None` unless the public meets it now.
    fn post(&self, provider: Provider, id: u64, now: Timestamp) -> Option<Post> {
        let at = self.progress.running_since(now)?;
        Some(Post {
            provider,
            external_id: format!("{}{id}", T::ID_PREFIX),
            reference: self.reference.clone(),
            text: self.details.text().to_owned(),
            at,
            account: self.details.account(),
            media: self.details.media(),
            buttons: Vec::new(),
            recipients: None,
        })
    }
}

#[derive(Debug)]
pub(super) struct Orders<T> {
    bounded_store: BoundedStore<Order<T>>,
    /// Of all that is on the shelf.
    ids: HashMap<String, u64>,
}

impl<T: OrderDetails> Orders<T> {
    pub(super) fn starting_at(first_id: u64) -> Self {
        Self {
            bounded_store: BoundedStore::starting_at(first_id),
            ids: HashMap::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.bounded_store.clear();
        self.ids.clear();
    }

    /// A reference that has not been used.
    pub(super) fn check_reference(&self, reference: Option<String>) -> Result<String, Problem> {
        let reference = creation::text("clientReference", reference, REFERENCE_CHARACTERS)?;
        match self.ids.get(&reference) {
            None => Ok(reference),
            Some(id) => {
                let existing = format!("{}{id}", T::ID_PREFIX);
                Err(Problem::duplicate_reference(&existing))
            }
        }
    }

    /// Makes room first, here and not on the shelf: a reference leaves with its order.
    pub(super) fn push(&mut self, order: Order<T>) {
        if self.bounded_store.is_full()
            && let Some(oldest) = self.bounded_store.remove_oldest()
        {
            self.ids.remove(&oldest.reference);
        }
        let reference = order.reference.clone();
        let id = self.bounded_store.push(order);
        self.ids.insert(reference, id);
    }

    pub(super) fn next_id(&self) -> u64 {
        self.bounded_store.next_id()
    }

    pub(super) fn id_of(&self, reference: &str) -> Option<u64> {
        self.ids.get(reference).copied()
    }

    /// `None`: there is none of this number.
    pub(super) fn visibility(&self, id: u64) -> Option<Visibility> {
        self.bounded_store.get(id).map(Order::visibility)
    }

    /// By the provider's own id, with its verdict written down if its review is over.
    pub(super) fn read(
        &mut self,
        id: &str,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(u64, &mut Order<T>), Problem> {
        let id = number(T::ID_PREFIX, id).ok_or_else(Problem::not_found)?;
        let order = self
            .bounded_store
            .get_mut(id)
            .ok_or_else(Problem::not_found)?;
        order.progress.decide(settings, now);
        Ok((id, order))
    }

    pub(super) fn decide_all(&mut self, settings: &Settings, now: Timestamp) {
        for order in self.bounded_store.values_mut() {
            order.progress.decide(settings, now);
        }
    }

    /// Newest first.
    pub(super) fn posts(&self, provider: Provider, now: Timestamp) -> impl Iterator<Item = Post> {
        let orders = self.bounded_store.newest_first();
        orders.filter_map(move |(id, order)| order.post(provider, id, now))
    }

    /// Newest first.
    pub(super) fn listings(
        &self,
        provider: Provider,
        now: Timestamp,
    ) -> impl Iterator<Item = Value> {
        let orders = self.bounded_store.newest_first();
        orders.map(move |(id, order)| order.listing(provider, id, now))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::from_value;

    use super::*;
    use crate::{bounded_store::CAPACITY, kt::review::PeriodRequest, lag::ReadLag};

    #[derive(Debug)]
    struct Plain;

    impl OrderDetails for Plain {
        const ID_PREFIX: &'static str = "p_";
        const RUNNING: &'static str = "RUNNING";

        fn members(&self, _id: &str, _stage: OrderPhase) -> Value {
            Value::Null
        }

        fn page_fields(&self) -> Value {
            Value::Null
        }

        fn text(&self) -> &str {
            ""
        }

        fn account(&self) -> String {
            String::new()
        }

        fn media(&self) -> Vec<Media> {
            Vec::new()
        }
    }

    #[test]
    fn a_reference_is_evicted_with_its_order() {
        let now = Timestamp::UNIX_EPOCH;
        let period = json!({ "startsAt": now, "endsAt": Timestamp::MAX });
        let request: PeriodRequest = from_value(period).unwrap();
        let progress = OrderProgress::new(now, request.check(now).unwrap());
        let mut orders = Orders::starting_at(1);

        for n in 0..=CAPACITY {
            let visibility = ReadLag::default().from(now);
            orders.push(Order::new(
                n.to_string(),
                Plain,
                progress.clone(),
                visibility,
            ));
        }

        assert_eq!(orders.ids.len(), CAPACITY);
        assert_eq!(orders.id_of("0"), None);
        assert_eq!(orders.id_of("1"), Some(2));
        let used = orders.check_reference(Some("1".to_owned()));
        assert_eq!(used, Err(Problem::duplicate_reference("p_2")));
    }
}
