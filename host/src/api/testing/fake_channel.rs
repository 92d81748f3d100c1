//! The channel `paper`: needs a page number and a token, finds that a title is too loud.

use std::sync::Arc;

use async_trait::async_trait;
use baepo_domain::model::attempt::{AccountView, AttemptOutcome, GuestFailure, Job, Report, Usage};
use baepo_domain::model::findings::{Finding, Severity};
use baepo_domain::model::id::{ChannelId, Digest};
use baepo_domain::model::manifest::{DeclaredLimits, Manifest};
use baepo_domain::model::permissions::Permissions;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{
    CallError, Channels, CheckInput, HeldRelease, Journal, JsonObject, LoadError, LoadedRelease,
    NotLoaded, OptionalExports, ProbeInconclusive, ProbeRequest, RenewError, RenewedSecret,
    WithdrawError, WithdrawRequest,
};
use serde_json::Value;

pub(crate) struct FakeChannels;

struct FakeHeldRelease(LoadedRelease);

fn release() -> LoadedRelease {
    let manifest = "
        id = \"paper\"
        [names]
        ko = \"신문\"
        en = \"Paper\"
        [[secrets]]
        name = \"token\"
        description = \"what the printer knows you by\"
        example = \"sandbox-paper-token\"
    ";
    LoadedRelease {
        digest: Digest::of(b"paper"),
        bytes: 5,
        manifest: Manifest::parse(manifest).unwrap(),
        abilities: OptionalExports {
            preview: true,
            ..OptionalExports::default()
        },
        permissions: Permissions::default(),
        author_mistakes: None,
    }
}

#[async_trait]
impl Channels for FakeChannels {
    async fn load(&self, _component: Vec<u8>) -> Result<Box<dyn HeldRelease>, LoadError> {
        Err(LoadError::Rejected("it is not a component".to_owned()))
    }

    fn activate(&self, _channel: &ChannelId, digest: Digest) -> Result<(), NotLoaded> {
        Err(NotLoaded(digest))
    }

    fn deactivate(&self, _channel: &ChannelId) {}

    fn active(&self) -> Vec<Arc<LoadedRelease>> {
        vec![Arc::new(release())]
    }

    fn hold(&self, channel: &ChannelId) -> Option<Box<dyn HeldRelease>> {
        (channel.as_str() == "paper")
            .then(|| Box::new(FakeHeldRelease(release())) as Box<dyn HeldRelease>)
    }

    fn hold_release(&self, _digest: Digest) -> Option<Box<dyn HeldRelease>> {
        None
    }

    fn holders(&self, _digest: Digest) -> usize {
        0
    }
}

#[async_trait]
impl HeldRelease for FakeHeldRelease {
    fn release(&self) -> &LoadedRelease {
        &self.0
    }

    fn settings(&self, given: &Value) -> Result<JsonObject, Vec<Finding>> {
        match given.get("page") {
            Some(Value::Number(_)) => Ok(given.as_object().cloned().unwrap_or_default()),
            _ => Err(vec![Finding::error(
                "/page",
                Localized::verbatim("a number is needed"),
            )]),
        }
    }

    fn options(&self, given: &Value) -> Result<JsonObject, Vec<Finding>> {
        Ok(given.as_object().cloned().unwrap_or_default())
    }

    fn normal_settings(&self, given: JsonObject) -> JsonObject {
        given
    }

    fn limits(&self) -> DeclaredLimits {
        DeclaredLimits::default()
    }

    async fn run(&self, _job: Job, _journal: Arc<dyn Journal>) -> Report {
        Report {
            end: AttemptOutcome::GuestFailed(GuestFailure::Host(
                "paper is for looking at".to_owned(),
            )),
            usage: Usage::default(),
            unsafe_sent: false,
            in_doubt: false,
            refused_at_end: None,
            remark: None,
            entries: Vec::new(),
        }
    }

    async fn probe(
        &self,
        _question: ProbeRequest,
    ) -> Option<Result<Option<Receipt>, ProbeInconclusive>> {
        None
    }

    async fn withdraw(&self, _withdrawal: WithdrawRequest) -> Option<Result<(), WithdrawError>> {
        None
    }

    async fn renew(
        &self,
        _secret: &str,
        _account: &AccountView,
    ) -> Result<RenewedSecret, RenewError> {
        Err(RenewError::Unavailable(
            "paper is for looking at".to_owned(),
        ))
    }

    async fn check(&self, draft: CheckInput<'_>) -> Result<Vec<Finding>, CallError> {
        let is_loud = draft.content.title.ends_with('!');
        let loud = Finding {
            severity: Severity::Warning,
            at: "/title".to_owned(),
            message: Localized::verbatim("is loud"),
        };
        Ok(is_loud.then_some(loud).into_iter().collect())
    }

    async fn preview(&self, draft: CheckInput<'_>) -> Result<Option<String>, CallError> {
        Ok(Some(format!("<h1>{}</h1>", draft.content.title)))
    }
}
