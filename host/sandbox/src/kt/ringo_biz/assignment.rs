//! A tone on a line for a while. When it goes, the line has the tone that it had before.

use serde::Deserialize;
use serde_json::{Value, json};

use super::line;
use super::tone::Tone;
use crate::kt::creation::{Creation, required};
use crate::kt::order::{Order, OrderDetails};
use crate::kt::partner::{CreationContext, State};
use crate::kt::problem::Problem;
use crate::kt::review::{OrderPhase, OrderProgress, PeriodRequest};
use crate::ledger::{Media, MediaKind};

#[derive(Debug)]
pub(crate) struct Assignment {
    phone_number: String,
    tone_id: String,
    tone: Tone,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssignmentRequest {
    client_reference: Option<String>,
    phone_number: Option<String>,
    tone_id: Option<String>,
    period: Option<PeriodRequest>,
    restore_previous: Option<bool>,
}

pub(super) fn create(
    creation: &Creation,
    state: &mut State<Tone, Assignment>,
    context: &CreationContext,
) -> Result<Value, Problem> {
    let now = context.now;
    let request: AssignmentRequest = creation.parse()?;
    let reference = state.orders.check_reference(request.client_reference)?;
    let number = required("phoneNumber", request.phone_number)?;
    let phone_number = line::check("phoneNumber", number)?;
    let tone_id = required("toneId", request.tone_id)?;
    if request.restore_previous == Some(false) {
        let detail = "a line always gets its former tone back";
        return Err(Problem::invalid("restorePrevious", detail));
    }
    let period = required("period", request.period)?.check(now)?;
    line::check_owner(context)?;
    let tone = state.ready_content("toneId", &tone_id, now)?;
    let assignment = Assignment {
        phone_number,
        tone_id,
        tone,
    };
    let progress = OrderProgress::new(now, period);
    let order = Order::new(reference, assignment, progress, context.visibility);
    Ok(state.submit(order, now))
}

impl OrderDetails for Assignment {
    const ID_PREFIX: &'static str = "as_";
    const RUNNING: &'static str = "ACTIVE";

    fn members(&self, _id: &str, _stage: OrderPhase) -> Value {
        json!({ "phoneNumber": self.phone_number, "toneId": self.tone_id })
    }

    fn page_fields(&self) -> Value {
        match &self.tone {
            Tone::Recording { .. } => json!({}),
            Tone::Script { voice, .. } => json!({ "voice": voice }),
        }
    }

    /// The script, or the recording's address.
    fn text(&self) -> &str {
        match &self.tone {
            Tone::Recording { url } => url,
            Tone::Script { text, .. } => text,
        }
    }

    fn account(&self) -> String {
        self.phone_number.clone()
    }

    fn media(&self) -> Vec<Media> {
        match &self.tone {
            Tone::Script { .. } => Vec::new(),
            Tone::Recording { url } => vec![Media {
                kind: MediaKind::Audio,
                url: url.clone(),
                alt_text: String::new(),
            }],
        }
    }
}
