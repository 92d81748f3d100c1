//! What the three providers have alike: tokens, assets that are processed, orders that are
//! reviewed, and creations that happen once.

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::asset::{Asset, Content, number};
use super::creation::{Creation, ReplayCache};
use super::order::{Order, OrderDetails, Orders};
use super::problem::Problem;
use super::review::OrderPhase;
use super::settings::Settings;
use super::token::{self, Tokens};
use crate::bounded_store::BoundedStore;
use crate::clock::Clock;
use crate::lag::{ReadLag, Visibility};
use crate::ledger::Post;
use crate::lock::locked;
use crate::provider::Provider;

#[derive(Debug)]
pub(super) struct Partner<C, T> {
    provider: Provider,
    clock: Arc<Clock>,
    settings: Arc<Mutex<Settings>>,
    state: Mutex<State<C, T>>,
}

#[derive(Debug)]
pub(super) struct State<C, T> {
    tokens: Tokens,
    replay_cache: ReplayCache,
    assets: BoundedStore<Asset<C>>,
    pub(super) orders: Orders<T>,
}

/// What a request is judged by.
#[derive(Debug)]
pub(super) struct CreationContext {
    pub(super) provider: Provider,
    pub(super) now: Timestamp,
    pub(super) settings: Settings,
    /// From when on what comes of it is shown.
    pub(super) visibility: Visibility,
}

impl<C: Content, T: OrderDetails> Partner<C, T> {
    /// Ids begin with the milliseconds since 1970, which makes those of a later run different from
    /// those of an earlier one.
    pub(super) fn new(
        provider: Provider,
        clock: Arc<Clock>,
        settings: Arc<Mutex<Settings>>,
    ) -> Self {
        let first_id = u64::try_from(clock.now().as_millisecond()).unwrap_or_default();
        let state = State {
            tokens: Tokens::new(provider, first_id),
            replay_cache: ReplayCache::default(),
            assets: BoundedStore::starting_at(first_id),
            orders: Orders::starting_at(first_id),
        };
        Self {
            provider,
            clock,
            settings,
            state: Mutex::new(state),
        }
    }

    /// Everything as at the start, except that ids go on and that who has a token keeps it.
    pub(super) fn reset(&self) {
        let mut state = self.state();
        state.replay_cache = ReplayCache::default();
        state.assets.clear();
        state.orders.clear();
    }

    fn state(&self) -> MutexGuard<'_, State<C, T>> {
        locked(&self.state)
    }

    pub(super) fn context(&self) -> CreationContext {
        self.context_with_lag(ReadLag::default())
    }

    fn context_with_lag(&self, lag: ReadLag) -> CreationContext {
        let now = self.clock.now();
        CreationContext {
            provider: self.provider,
            now,
            settings: locked(&self.settings).clone(),
            visibility: lag.from(now),
        }
    }

    pub(super) fn issue_token(&self) -> Value {
        let token = self.state().tokens.issue(self.clock.now());
        let expires_in = token::LIFETIME.as_secs();
        json!({ "access_token": token, "token_type": "Bearer", "expires_in": expires_in })
    }

    pub(super) fn accepts(&self, token: &str) -> bool {
        self.state().tokens.accept(token, self.clock.now())
    }

    /// Creates once: the key's first answer is given again.
    pub(super) fn create(
        &self,
        creation: &Creation,
        make: impl FnOnce(&mut State<C, T>, &CreationContext) -> Result<Value, Problem>,
    ) -> Result<Value, Problem> {
        let context = self.context_with_lag(creation.lag);
        let mut state = self.state();
        if let Some(first) = state.replay_cache.first(creation, context.now)? {
            return Ok(first);
        }
        let body = make(&mut state, &context)?;
        state.replay_cache.keep(creation, body.clone(), context.now);
        Ok(body)
    }

    pub(super) fn asset(&self, id: &str) -> Result<Value, Problem> {
        let number = number(C::ID_PREFIX, id).ok_or_else(Problem::not_found)?;
        let state = self.state();
        let now = self.clock.now();
        let asset = state.assets.get(number);
        let asset = asset.filter(|asset| asset.visibility().is_readable(now));
        Ok(asset.ok_or_else(Problem::not_found)?.view(number, now))
    }

    pub(super) fn order(&self, id: &str) -> Result<Value, Problem> {
        let CreationContext { now, settings, .. } = self.context();
        let mut state = self.state();
        let (id, order) = state.orders.read(id, &settings, now)?;
        if order.visibility().is_readable(now) {
            Ok(order.view(id, now))
        } else {
            Err(Problem::not_found())
        }
    }

    pub(super) fn order_of(&self, reference: &str) -> Option<Value> {
        let id = {
            let state = self.state();
            let id = state.orders.id_of(reference)?;
            let is_listed = state.orders.visibility(id)?.is_listed(self.clock.now());
            is_listed.then_some(id)?
        };
        self.order(&format!("{}{id}", T::ID_PREFIX)).ok()
    }

    /// What it is afterwards: `CANCELLED`, or `ENDED` if it had ended by itself.
    pub(super) fn cancel(&self, id: &str) -> Result<(OrderPhase, Value), Problem> {
        let CreationContext { now, settings, .. } = self.context();
        let mut state = self.state();
        let (id, order) = state.orders.read(id, &settings, now)?;
        order.cancel(now);
        Ok((order.phase(now), order.view(id, now)))
    }
}

/// What the control API asks of each of the three.
pub(super) trait PartnerControl {
    fn reset(&self);
    fn decide_all(&self, settings: &Settings);
    /// What is out now, at most `limit` of the newest.
    fn posts(&self, limit: usize) -> Vec<Arc<Post>>;
    /// What was ordered, oldest first, at most `limit` of the newest.
    fn listings(&self, limit: usize) -> Vec<Value>;
}

impl<C: Content, T: OrderDetails> PartnerControl for Partner<C, T> {
    fn reset(&self) {
        Partner::reset(self);
    }

    fn decide_all(&self, settings: &Settings) {
        self.state().orders.decide_all(settings, self.clock.now());
    }

    fn posts(&self, limit: usize) -> Vec<Arc<Post>> {
        let CreationContext { now, settings, .. } = self.context();
        let mut state = self.state();
        state.orders.decide_all(&settings, now);
        let posts = state.orders.posts(self.provider, now);
        posts.take(limit).map(Arc::new).collect()
    }

    fn listings(&self, limit: usize) -> Vec<Value> {
        let CreationContext { now, settings, .. } = self.context();
        let mut state = self.state();
        state.orders.decide_all(&settings, now);
        let newest = state.orders.listings(self.provider, now);
        let mut listings: Vec<_> = newest.take(limit).collect();
        listings.reverse();
        listings
    }
}

impl<C: Content, T: OrderDetails> State<C, T> {
    pub(super) fn add_asset(&mut self, content: C, context: &CreationContext) -> Value {
        let now = context.now;
        let processing_ms = context.settings.creative_ms;
        let asset = Asset::new(content, now, processing_ms, context.visibility);
        let id = self.assets.push(asset);
        // Also one that takes no time is PROCESSING in the answer to its creation.
        json!({ "id": format!("{}{id}", C::ID_PREFIX), "status": "PROCESSING" })
    }

    /// The content of an asset that is ready; an unknown one is the field's fault.
    pub(super) fn ready_content(
        &self,
        field: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<C, Problem> {
        let asset = number(C::ID_PREFIX, id).and_then(|number| self.assets.get(number));
        let asset = asset.ok_or_else(|| Problem::invalid(field, "is unknown"))?;
        asset.ready_content(now).cloned()
    }

    /// Under review, whatever the settings say: the first reading finds out.
    pub(super) fn submit(&mut self, order: Order<T>, now: Timestamp) -> Value {
        let view = order.view(self.orders.next_id(), now);
        self.orders.push(order);
        view
    }
}
