//! KT's partner APIs: 우리동네TV and 지니TV (spots on television), 링고비즈 (what callers hear).
//!
//! No public contract exists. This one is Baepo's own, and a real partner's will differ.
//!
//! | | |
//! | --- | --- |
//! | `POST /oauth2/token` | Basic credentials → a token for an hour |
//! | TV: `POST /v1/creatives`, `GET /v1/creatives/{id}` | accepts a spot, reads its state |
//! | TV: `POST /v1/forecasts` | what a campaign would reach; creates nothing |
//! | TV: `POST /v1/campaigns`, `GET /v1/campaigns/{id}`, `GET /v1/campaigns?clientReference=` | books, reads, finds |
//! | TV: `POST /v1/campaigns/{id}/cancel` | ends it |
//! | 링고비즈: `POST /v1/lines/{number}/verification` | whose line it is |
//! | 링고비즈: `POST /v1/tones`, `GET /v1/tones/{id}` | accepts a tone, reads its state |
//! | 링고비즈: `POST /v1/assignments`, `GET /v1/assignments/{id}`, `GET /v1/assignments?clientReference=` | books, reads, finds |
//! | 링고비즈: `DELETE /v1/assignments/{id}` | ends it; it is kept, and read as `CANCELLED` |
//!
//! Errors are `application/problem+json` with a `code`. `RATE_LIMITED` (429 with `Retry-After`) comes
//! only as a status fault, see `/_control/faults`.
//!
//! # Time
//! Nothing runs in the background: a status is what submission, settings, period and the clock make
//! of it when it is read. `creativeMs` counts from the settings at creation. A review takes
//! `reviewMs`, and ends as the settings say at its end; then that stands. `APPROVED` lasts no time:
//! what is approved is `SCHEDULED`, or `ON_AIR` (TV) or `ACTIVE` (tone) if its period has begun.
//! It is a post, in `/_control/posts`, from then until it is cancelled or `ENDED`.
//!
//! # What decides
//! | | |
//! | --- | --- |
//! | a client id or secret that does not begin with `sandbox-` | 401 `invalid_client` |
//! | a code in `admDongCodes` that begins with `99`, a latitude outside of 33 to 39 | `REGION_NOT_SERVED` |
//! | an address or a script with `sandbox-reject` in it | processed to `REJECTED` |
//! | `/_control/settings` | budget, inventory, lines, verdicts, times |
//!
//! A refused tone is `CREATIVE_REJECTED` in an assignment, as a creative is in a campaign. Only what
//! was accepted uses its `Idempotency-Key` up, and a key counts per path. References, ids and keys
//! are known until 10,000 newer ones have come.

mod asset;
mod creation;
mod order;
mod partner;
mod problem;
mod review;
mod ringo_biz;
mod routes;
mod settings;
mod token;
mod tv;

use std::sync::{Arc, Mutex};

use axum::Router;
use serde_json::Value;

pub(crate) use self::settings::Settings;
use self::{partner::PartnerControl, ringo_biz::RingoBiz, tv::Tv};
use crate::{
    clock::Clock, ledger::Post, lock::locked, provider::Provider, settings::SettingsChange,
};

#[derive(Debug)]
pub(crate) struct Kt {
    settings: Arc<Mutex<Settings>>,
    uridongne_tv: Arc<Tv>,
    genie_tv: Arc<Tv>,
    ringo_biz: Arc<RingoBiz>,
}

impl Kt {
    pub(crate) fn new(clock: &Arc<Clock>) -> Self {
        let settings = Arc::new(Mutex::new(Settings::default()));
        let tv = |provider| {
            let (clock, settings) = (Arc::clone(clock), Arc::clone(&settings));
            Arc::new(Tv::new(provider, clock, settings))
        };
        let (uridongne_tv, genie_tv) = (tv(Provider::UridongneTv), tv(Provider::GenieTv));
        let lines = Arc::clone(&settings);
        let ringo_biz = RingoBiz::new(Provider::RingoBiz, Arc::clone(clock), lines);
        Self {
            settings,
            uridongne_tv,
            genie_tv,
            ringo_biz: Arc::new(ringo_biz),
        }
    }

    pub(crate) fn router(&self) -> Router {
        let uridongne_tv = tv::router(Arc::clone(&self.uridongne_tv));
        let genie_tv = tv::router(Arc::clone(&self.genie_tv));
        let ringo_biz = ringo_biz::router(Arc::clone(&self.ringo_biz));
        Router::new()
            .nest(Provider::UridongneTv.prefix(), uridongne_tv)
            .nest(Provider::GenieTv.prefix(), genie_tv)
            .nest(Provider::RingoBiz.prefix(), ringo_biz)
    }

    pub(crate) fn settings(&self) -> Settings {
        locked(&self.settings).clone()
    }

    /// A review that is over by now ends by the settings that it had.
    pub(crate) fn change_settings(&self, change: &SettingsChange) {
        let until_now = self.settings();
        for (_, partner) in self.partners() {
            partner.decide_all(&until_now);
        }
        locked(&self.settings).change(change);
    }

    pub(crate) fn reset(&self) {
        for (_, partner) in self.partners() {
            partner.reset();
        }
        *locked(&self.settings) = Settings::default();
    }

    /// What is on air or active, at most `limit` of each provider's newest.
    pub(crate) fn posts(&self, provider: Option<Provider>, limit: usize) -> Vec<Arc<Post>> {
        let selected = self.selected(provider);
        selected.flat_map(|partner| partner.posts(limit)).collect()
    }

    /// Whatever its state, oldest first per provider, at most `limit` of each one's newest.
    pub(crate) fn campaigns(&self, provider: Option<Provider>, limit: usize) -> Vec<Value> {
        let selected = self.selected(provider);
        selected
            .flat_map(|partner| partner.listings(limit))
            .collect()
    }

    fn selected(&self, provider: Option<Provider>) -> impl Iterator<Item = &dyn PartnerControl> {
        let every = self.partners().into_iter();
        every
            .filter(move |(own, _)| provider.is_none_or(|selected| selected == *own))
            .map(|(_, partner)| partner)
    }

    fn partners(&self) -> [(Provider, &dyn PartnerControl); 3] {
        [
            (Provider::UridongneTv, self.uridongne_tv.as_ref()),
            (Provider::GenieTv, self.genie_tv.as_ref()),
            (Provider::RingoBiz, self.ringo_biz.as_ref()),
        ]
    }
}
