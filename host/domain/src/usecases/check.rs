//! Asking the channels what they think of a draft. Nothing is sent and nothing is stored.

use std::sync::Arc;

use futures::future::try_join_all;

use crate::model::content::Content;
use crate::model::draft::{Draft, DraftField};
use crate::model::event::Event;
use crate::model::findings::{Finding, Severity};
use crate::model::id::{ChannelId, EventId, OwnerId};
use crate::model::offer_end::OfferEnd;
use crate::model::reason::Reason;
use crate::ports::clock::Clock;
use crate::ports::{CallError, Channels, CheckInput, EventStore, HeldRelease, StoreError};
use crate::usecases::accounts::AccountReader;

/// The use case, with what it needs.
pub struct Checker {
    pub events: Arc<dyn EventStore>,
    pub accounts: AccountReader,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
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
    /// Empty when everything is in order. Places are JSON pointers into the draft, and
    /// `/accounts/{channel}` for the account. Some are said in every language.
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
    NotReady(Vec<DraftField>),
    #[error("no such channel is installed")]
    UnknownChannels(Vec<ChannelId>),
    #[error(transparent)]
    Store(#[from] StoreError),
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
        let event = self.events.event(request.event).await?;
        let event = event
            .filter(|event| event.owner == request.owner)
            .ok_or(CheckError::NotFound)?;
        // As an attempt would begin with it.
        Ok(Event {
            draft: event.draft.normalized(),
            ..event
        })
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

    /// Also without a usable account: what is wrong with the content is found now rather than after
    /// the owner has connected it.
    async fn check_channel(
        &self,
        event: &Event,
        content: &Content,
        held: &dyn HeldRelease,
    ) -> Result<ChannelCheck, StoreError> {
        let channel = held.release().manifest.id.clone();
        let now = self.clock.now();
        let account = self.accounts.inspect(&event.owner, held, now).await?;
        let begins = content.period.map(|period| period.starts_at);
        let mut findings = account.findings(begins, now);
        let end = OfferEnd::of(content).filter(|end| end.is_over_at(now));
        findings.extend(end.map(OfferEnd::is_over));
        let options = match held.options(&event.draft.options(&channel)) {
            Ok(options) => options,
            Err(wrong) => {
                let at = format!("/channelSettings/{channel}");
                findings.extend(Finding::below(&at, wrong));
                return Ok(ChannelCheck {
                    channel,
                    findings,
                    preview: None,
                });
            }
        };
        let input = CheckInput {
            content,
            options: &options,
            account: &account.view,
        };
        let is_usable = account.refusal().is_none();
        match held.check(input).await {
            Ok(found) => {
                let found = Finding::in_draft(&channel, found).into_iter();
                // The end of the period is said once.
                let is_new =
                    |found: &Finding| end.is_none() || !found.at.starts_with("/content/period");
                findings.extend(found.filter(is_new));
            }
            Err(error) if is_usable => findings.push(unfinished(Call::Check, error)),
            // It cannot do without the account, and that is said already.
            Err(_) => {}
        }
        let preview = held.preview(input).await.unwrap_or_else(|error| {
            if is_usable {
                findings.push(unfinished(Call::Preview, error));
            }
            None
        });
        Ok(ChannelCheck {
            channel,
            findings,
            preview,
        })
    }
}

/// Content and channels alone: a draft may be looked at before the rest is chosen.
fn missing(draft: &Draft, selected: &[ChannelId]) -> Vec<DraftField> {
    let mut missing = draft.missing(selected);
    missing.retain(|part| matches!(part, DraftField::Content | DraftField::Channels));
    missing
}

/// What a component was asked for.
#[derive(Debug, Clone, Copy)]
enum Call {
    Check,
    Preview,
}

fn unfinished(call: Call, CallError(failure): CallError) -> Finding {
    let (severity, reason) = match call {
        Call::Check => (Severity::Error, Reason::CheckFailed(failure)),
        Call::Preview => (Severity::Warning, Reason::PreviewFailed(failure)),
    };
    Finding {
        severity,
        at: String::new(),
        message: reason.text(),
    }
}
