//! What was ordered, a campaign or an assignment: known by the provider's id and by the client's
//! reference, and where it stands.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    asset::{add_members, number},
    creation,
    problem::Problem,
    review::{Course, Stage},
    settings::Settings,
};
use crate::{
    lag::Shown,
    ledger::{Media, Post},
    provider::Provider,
    shelf::Shelf,
};

const REFERENCE_CHARACTERS: usize = 64;

/// What is particular to a campaign or an assignment.
pub(super) trait Terms: std::fmt::Debug + Send + 'static {
    const ID_PREFIX: &'static str;
    /// The status of one that the public meets.
    const RUNNING: &'static str;

    /// What its reader is told besides id, reference, status and period.
    fn members(&self, id: &str, stage: Stage) -> Value;
    /// What the sandbox's page shows besides text, account and media.
    fn facts(&self) -> Value;
    fn text(&self) -> &str;
    /// Whom it is for: the region, the line.
    fn account(&self) -> String;
    fn media(&self) -> Vec<Media>;
}

#[derive(Debug)]
pub(super) struct Order<T> {
    reference: String,
    terms: T,
    course: Course,
    shown: Shown,
}

impl<T: Terms> Order<T> {
    pub(super) fn new(reference: String, terms: T, course: Course, shown: Shown) -> Self {
        Self {
            reference,
            terms,
            course,
            shown,
        }
    }

    pub(super) fn shown(&self) -> Shown {
        self.shown
    }

    pub(super) fn stage(&self, now: Timestamp) -> Stage {
        self.course.stage(now)
    }

    pub(super) fn cancel(&mut self, now: Timestamp) {
        self.course.cancel(now);
    }

    pub(super) fn view(&self, id: u64, now: Timestamp) -> Value {
        let id = format!("{}{id}", T::ID_PREFIX);
        let stage = self.stage(now);
        let mut view = json!({
            "id": id,
            "clientReference": self.reference,
            "status": stage.status(T::RUNNING),
            "period": self.course.period(),
        });
        add_members(&mut view, self.terms.members(&id, stage));
        if let Some(message) = self.course.rejection() {
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
            "status": self.stage(now).status(T::RUNNING),
            "text": self.terms.text(),
            "account": self.terms.account(),
            "at": self.course.submitted(),
            "period": self.course.period(),
            "media": self.terms.media(),
        });
        if let Some(message) = self.course.rejection() {
            listing["reason"] = message.into();
        }
        add_members(&mut listing, self.terms.facts());
        listing
    }

    /// `None` unless the public meets it now.
    fn post(&self, provider: Provider, id: u64, now: Timestamp) -> Option<Post> {
        let at = self.course.running_since(now)?;
        Some(Post {
            provider,
            external_id: format!("{}{id}", T::ID_PREFIX),
            reference: self.reference.clone(),
            text: self.terms.text().to_owned(),
            at,
            account: self.terms.account(),
            media: self.terms.media(),
            buttons: Vec::new(),
            recipients: None,
        })
    }
}

#[derive(Debug)]
pub(super) struct Orders<T> {
    shelf: Shelf<Order<T>>,
    /// Of all that is on the shelf.
    ids: HashMap<String, u64>,
}

impl<T: Terms> Orders<T> {
    pub(super) fn starting_at(first_id: u64) -> Self {
        Self {
            shelf: Shelf::starting_at(first_id),
            ids: HashMap::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.shelf.clear();
        self.ids.clear();
    }

    /// A reference that nobody has used.
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
        if self.shelf.is_full()
            && let Some(oldest) = self.shelf.remove_oldest()
        {
            self.ids.remove(&oldest.reference);
        }
        let reference = order.reference.clone();
        let id = self.shelf.push(order);
        self.ids.insert(reference, id);
    }

    pub(super) fn next_id(&self) -> u64 {
        self.shelf.next_id()
    }

    pub(super) fn id_of(&self, reference: &str) -> Option<u64> {
        self.ids.get(reference).copied()
    }

    /// `None`: there is none of this number.
    pub(super) fn shown(&self, id: u64) -> Option<Shown> {
        self.shelf.get(id).map(Order::shown)
    }

    /// By the provider's own id, with its verdict written down if its review is over.
    pub(super) fn read(
        &mut self,
        id: &str,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(u64, &mut Order<T>), Problem> {
        let id = number(T::ID_PREFIX, id).ok_or_else(Problem::not_found)?;
        let order = self.shelf.get_mut(id).ok_or_else(Problem::not_found)?;
        order.course.decide(settings, now);
        Ok((id, order))
    }

    pub(super) fn decide_all(&mut self, settings: &Settings, now: Timestamp) {
        for order in self.shelf.values_mut() {
            order.course.decide(settings, now);
        }
    }

    /// Newest first.
    pub(super) fn posts(&self, provider: Provider, now: Timestamp) -> impl Iterator<Item = Post> {
        let orders = self.shelf.newest_first();
        orders.filter_map(move |(id, order)| order.post(provider, id, now))
    }

    /// Newest first.
    pub(super) fn listings(
        &self,
        provider: Provider,
        now: Timestamp,
    ) -> impl Iterator<Item = Value> {
        let orders = self.shelf.newest_first();
        orders.map(move |(id, order)| order.listing(provider, id, now))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::from_value;

    use super::*;
    use crate::{kt::review::PeriodRequest, lag::ReadLag, shelf::CAPACITY};

    #[derive(Debug)]
    struct Plain;

    impl Terms for Plain {
        const ID_PREFIX: &'static str = "p_";
        const RUNNING: &'static str = "RUNNING";

        fn members(&self, _id: &str, _stage: Stage) -> Value {
            Value::Null
        }

        fn facts(&self) -> Value {
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
    fn a_reference_leaves_with_its_order_when_the_shelf_is_full() {
        let now = Timestamp::UNIX_EPOCH;
        let period = json!({ "startsAt": now, "endsAt": Timestamp::MAX });
        let request: PeriodRequest = from_value(period).unwrap();
        let course = Course::new(now, request.check(now).unwrap());
        let mut orders = Orders::starting_at(1);

        for n in 0..=CAPACITY {
            let shown = ReadLag::default().from(now);
            orders.push(Order::new(n.to_string(), Plain, course.clone(), shown));
        }

        assert_eq!(orders.ids.len(), CAPACITY);
        assert_eq!(orders.id_of("0"), None);
        assert_eq!(orders.id_of("1"), Some(2));
        let used = orders.check_reference(Some("1".to_owned()));
        assert_eq!(used, Err(Problem::duplicate_reference("p_2")));
    }
}
