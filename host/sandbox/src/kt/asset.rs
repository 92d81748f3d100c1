//! What is to be played, a creative or a tone: processed for a while, then ready or refused.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use super::problem::Problem;
use crate::lag::Visibility;

/// Nothing is fetched, so the address or the script asks for the refusal.
const REJECT_MARKER: &str = "sandbox-reject";

const URL_CHARACTERS: usize = 2_000;

/// What is particular to a creative or a tone.
pub(super) trait Content: std::fmt::Debug + Clone + Send + 'static {
    const ID_PREFIX: &'static str;
    /// Why one is refused that asked for it.
    const DEFAULT_REJECTION_REASON: &'static str;

    /// The address or the script.
    fn source(&self) -> &str;
    /// What a reader gets besides id and status, once it is ready.
    fn ready_members(&self) -> Value;
    fn still_processing() -> Problem;
}

#[derive(Debug)]
pub(super) struct Asset<C> {
    content: C,
    ready: Timestamp,
    visibility: Visibility,
}

impl<C: Content> Asset<C> {
    pub(super) fn new(
        content: C,
        now: Timestamp,
        processing_ms: u32,
        visibility: Visibility,
    ) -> Self {
        let ready = now + SignedDuration::from_millis(processing_ms.into());
        Self {
            content,
            ready,
            visibility,
        }
    }

    pub(super) fn visibility(&self) -> Visibility {
        self.visibility
    }

    /// What a campaign or an assignment may use.
    pub(super) fn ready_content(&self, now: Timestamp) -> Result<&C, Problem> {
        if now < self.ready {
            Err(C::still_processing())
        } else if self.is_refused() {
            Err(Problem::creative_rejected(C::DEFAULT_REJECTION_REASON))
        } else {
            Ok(&self.content)
        }
    }

    pub(super) fn view(&self, id: u64, now: Timestamp) -> Value {
        let id = format!("{}{id}", C::ID_PREFIX);
        if now < self.ready {
            return json!({ "id": id, "status": "PROCESSING" });
        }
        if self.is_refused() {
            return json!({ "id": id, "status": "REJECTED", "reason": C::DEFAULT_REJECTION_REASON });
        }
        let mut view = json!({ "id": id, "status": "READY" });
        add_members(&mut view, self.content.ready_members());
        view
    }

    fn is_refused(&self) -> bool {
        self.content.source().contains(REJECT_MARKER)
    }
}

/// Ids are a prefix and a number; what has another form is unknown as well.
pub(super) fn number(prefix: &str, id: &str) -> Option<u64> {
    id.strip_prefix(prefix)?.parse().ok()
}

pub(super) fn add_members(view: &mut Value, members: Value) {
    if let (Value::Object(view), Value::Object(members)) = (view, members) {
        view.extend(members);
    }
}

pub(super) fn web_address(field: &str, url: String) -> Result<String, Problem> {
    let is_web = Url::parse(&url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_web && url.len() <= URL_CHARACTERS {
        Ok(url)
    } else {
        let detail = format!("is no http or https address of at most {URL_CHARACTERS} characters");
        Err(Problem::invalid(field, detail))
    }
}
