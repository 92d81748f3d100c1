//! Asking the channels what they think of a draft. Nothing is sent and nothing is stored.

use std::sync::Arc;

use futures::future::try_join_all;

use crate::attempt::AccountView;
use crate::connect::{NotConnected, account_view};
use crate::content::{Content, Finding, Severity};
use crate::draft::{Draft, Part};
use crate::event::Event;
use crate::id::{ChannelId, EventId, OwnerId};
use crate::ports::{
    CallError, Channels, CheckInput, HeldRelease, JsonObject, Store, StoreError, Vault,
};

/// The use case, with what it needs.
pub struct Checker {
    pub store: Arc<dyn Store>,
    pub channels: Arc<dyn Channels>,
    pub vault: Arc<dyn Vault>,
}

/// What the caller asks for.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    pub owner: OwnerId,
    pub event: EventId,
    /// None: the draft's own selection.
    pub channels: Option<Vec<ChannelId>>,
}

/// What one channel thinks of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelCheck {
    pub channel: ChannelId,
    /// Empty when everything is in order. Places are JSON pointers into the draft.
    pub findings: Vec<Finding>,
    /// HTML; none when the channel shows none, or cannot with what it has.
    pub preview: Option<String>,
}

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// There is none, or it is somebody else's.
    #[error("no such event")]
    NotFound,
    /// There is nothing to look at, or nobody to ask.
    #[error("the event is not complete")]
    NotReady(Vec<Part>),
    #[error("no such channel is installed")]
    UnknownChannels(Vec<ChannelId>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a component is asked with.
struct Prepared {
    options: JsonObject,
    account: AccountView,
}

impl Checker {
    /// Asks every selected channel, all at once. Answers in the order of the selection.
    ///
    /// # Errors
    /// See [`CheckError`]. What is wrong with one channel is a finding, not an error.
    pub async fn check(&self, request: &CheckRequest) -> Result<Vec<ChannelCheck>, CheckError> {
        let event = self.own_event(request).await?;
        let draft = &event.draft;
        let selected = request.channels.as_ref().unwrap_or(&draft.channels);
        let (Some(content), false) = (&draft.content, selected.is_empty()) else {
            return Err(CheckError::NotReady(missing(draft, selected)));
        };
        let held = self.hold(selected)?;
        let checks = held
            .iter()
            .map(|held| self.check_channel(&event, content, held.as_ref()));
        Ok(try_join_all(checks).await?)
    }

    async fn own_event(&self, request: &CheckRequest) -> Result<Event, CheckError> {
        let event = self.store.event(request.event).await?;
        event
            .filter(|event| event.owner == request.owner)
            .ok_or(CheckError::NotFound)
    }

    fn hold(&self, selected: &[ChannelId]) -> Result<Vec<Box<dyn HeldRelease>>, CheckError> {
        let mut unknown = Vec::new();
        let mut held = Vec::new();
        for (index, channel) in selected.iter().enumerate() {
            if selected[..index].contains(channel) {
                continue;
            }
            match self.channels.hold(channel) {
                Some(release) => held.push(release),
                None => unknown.push(channel.clone()),
            }
        }
        if unknown.is_empty() {
            Ok(held)
        } else {
            Err(CheckError::UnknownChannels(unknown))
        }
    }

    async fn check_channel(
        &self,
        event: &Event,
        content: &Content,
        held: &dyn HeldRelease,
    ) -> Result<ChannelCheck, StoreError> {
        let channel = held.release().manifest.id.clone();
        let prepared = match self.prepare(event, held).await? {
            Ok(prepared) => prepared,
            Err(findings) => {
                return Ok(ChannelCheck {
                    channel,
                    findings,
                    preview: None,
                });
            }
        };
        let input = CheckInput {
            content,
            options: &prepared.options,
            account: &prepared.account,
        };
        let mut findings = match held.check(input).await {
            Ok(findings) => Finding::in_draft(&channel, findings),
            Err(error) => vec![unfinished(Severity::Error, "check", &error)],
        };
        let preview = held.preview(input).await.unwrap_or_else(|error| {
            findings.push(unfinished(Severity::Warning, "preview", &error));
            None
        });
        Ok(ChannelCheck {
            channel,
            findings,
            preview,
        })
    }

    /// `Err` inside: what the owner does before the component can be asked, all of it at once.
    async fn prepare(
        &self,
        event: &Event,
        held: &dyn HeldRelease,
    ) -> Result<Result<Prepared, Vec<Finding>>, StoreError> {
        let channel = &held.release().manifest.id;
        let options = held
            .options(&event.draft.options(channel))
            .map_err(|findings| Finding::below(&format!("/channelSettings/{channel}"), findings));
        let account = account_view(self.store.as_ref(), self.vault.as_ref(), &event.owner, held);
        let account = match account.await {
            Ok(account) => Ok(account),
            Err(NotConnected::Store(error)) => return Err(error),
            Err(error) => Err(Finding::error("/channels", error.to_string())),
        };
        Ok(match (options, account) {
            (Ok(options), Ok(account)) => Ok(Prepared { options, account }),
            (options, account) => {
                let findings = options.err().into_iter().flatten();
                Err(findings.chain(account.err()).collect())
            }
        })
    }
}

/// Content and channels alone: a draft may be looked at before the rest is chosen.
fn missing(draft: &Draft, selected: &[ChannelId]) -> Vec<Part> {
    let mut missing = draft.missing(selected);
    missing.retain(|part| matches!(part, Part::Content | Part::Channels));
    missing
}

fn unfinished(severity: Severity, call: &str, error: &CallError) -> Finding {
    Finding {
        severity,
        at: String::new(),
        message: format!("the channel's {call} did not finish: {error}"),
    }
}
