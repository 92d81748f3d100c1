//! A booked spot, from its review to its last showing.

use serde::Deserialize;
use serde_json::{Value, json};

use super::airtime::{AirtimeRequest, TimeBand};
use super::creative::Creative;
use crate::kt::creation::{self, Creation, required};
use crate::kt::order::{Order, OrderDetails};
use crate::kt::partner::{CreationContext, State};
use crate::kt::problem::Problem;
use crate::kt::review::{OrderPhase, OrderProgress};
use crate::ledger::{Media, MediaKind};
use crate::provider::Provider;

const NAME_CHARACTERS: usize = 100;
const CHANNELS: usize = 100;
const CHANNEL_CHARACTERS: usize = 50;

#[derive(Debug)]
pub(crate) struct Campaign {
    provider: Provider,
    name: String,
    source_url: String,
    place: String,
    time_bands: Vec<TimeBand>,
    tv_channels: Vec<String>,
    estimated_reach: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CampaignRequest {
    client_reference: Option<String>,
    name: Option<String>,
    creative_id: Option<String>,
    tv_channels: Option<Vec<String>>,
}

pub(super) fn create(
    creation: &Creation,
    state: &mut State<Creative, Campaign>,
    context: &CreationContext,
) -> Result<Value, Problem> {
    let request: CampaignRequest = creation.parse()?;
    let airtime: AirtimeRequest = creation.parse()?;
    let reference = state.orders.check_reference(request.client_reference)?;
    let name = creation::text("name", request.name, NAME_CHARACTERS)?;
    let tv_channels = check_channels(request.tv_channels.unwrap_or_default())?;
    let creative_id = required("creativeId", request.creative_id)?;
    let now = context.now;
    let airtime = airtime.check(context)?;
    let creative = state.ready_content("creativeId", &creative_id, now)?;
    let campaign = Campaign {
        provider: context.provider,
        name,
        estimated_reach: airtime.forecast(creative.length).reach,
        source_url: creative.source_url,
        place: airtime.place(),
        time_bands: airtime.time_bands,
        tv_channels,
    };
    let progress = OrderProgress::new(now, airtime.period);
    let order = Order::new(reference, campaign, progress, context.visibility);
    Ok(state.submit(order, now))
}

impl OrderDetails for Campaign {
    const ID_PREFIX: &'static str = "cp_";
    const RUNNING: &'static str = "ON_AIR";

    fn members(&self, id: &str, phase: OrderPhase) -> Value {
        let mut members = json!({ "name": self.name, "estimatedReach": self.estimated_reach });
        if phase == OrderPhase::Running {
            let host = self.provider.name();
            members["viewUrl"] = format!("https://www.{host}.example/spots/{id}").into();
        }
        members
    }

    fn page_fields(&self) -> Value {
        json!({
            "timeBands": self.time_bands,
            "tvChannels": self.tv_channels,
            "estimatedReach": self.estimated_reach,
        })
    }

    fn text(&self) -> &str {
        &self.name
    }

    fn account(&self) -> String {
        self.place.clone()
    }

    fn media(&self) -> Vec<Media> {
        vec![Media {
            kind: MediaKind::Video,
            url: self.source_url.clone(),
            alt_text: String::new(),
        }]
    }
}

fn check_channels(channels: Vec<String>) -> Result<Vec<String>, Problem> {
    let is_name = |channel: &String| (1..=CHANNEL_CHARACTERS).contains(&channel.chars().count());
    if channels.len() <= CHANNELS && channels.iter().all(is_name) {
        Ok(channels)
    } else {
        let detail = format!("at most {CHANNELS} names of at most {CHANNEL_CHARACTERS} characters");
        Err(Problem::invalid("tvChannels", detail))
    }
}
