//! A request that came before with the same key: what it was answered, and what its repeat gets.
//!
//! A final success is given again. A failure that can be tried again is tried again. Whatever was not
//! the last word, a publish that is underway or channels that had not answered, gets its state
//! of today ([ADR 18](../../../../docs/adr/0018-a-repeat-gets-today-s-state.md)).

use std::time::Duration;

use serde_json::Value;

use super::answer::{InterimPublication, PriorPublish};
use super::{
    BeginError, Origin, Publication, PublishError, PublishOutcome, PublishRequest, PublishResponse,
    Publisher,
};
use crate::model::delivery::result::DeliveryResult;
use crate::model::event::Event;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::reason::Reason;
use crate::ports::{Mutation, StoreError};

/// Between two looks at channels that are at work.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

impl Publisher {
    pub(super) async fn prior_publish(
        &self,
        request: &PublishRequest,
    ) -> Result<PriorPublish, PublishError> {
        let Some(key) = &request.key else {
            return Ok(PriorPublish::None);
        };
        let Some(record) = self.idempotency.idempotency(&request.owner, key).await? else {
            return Ok(PriorPublish::None);
        };
        if record.fingerprint != request.fingerprint() {
            return Err(PublishError::KeyReused);
        }
        let Some(answer) = record.answer else {
            return Ok(PriorPublish::Running);
        };
        // What cannot be read any more says nothing: publishing again is always safe.
        let Ok(publication) = serde_json::from_value::<Publication>(answer.clone()) else {
            return Ok(PriorPublish::Failed(answer));
        };
        let all_answered = all_answered(&publication.results);
        Ok(match publication.ending {
            PublishOutcome::Distributed if all_answered => PriorPublish::Final(publication),
            PublishOutcome::AllFailed => PriorPublish::Failed(answer),
            PublishOutcome::Distributed | PublishOutcome::Underway { .. } => {
                PriorPublish::Open(InterimPublication {
                    publication,
                    answer,
                })
            }
        })
    }

    /// How it stands today with what was answered before. Nothing is published. Once every channel
    /// has answered, that is the answer from now on.
    pub(super) async fn current_publication(
        &self,
        request: &PublishRequest,
        event: &Event,
        open: InterimPublication,
    ) -> Result<PublishResponse, BeginError> {
        let InterimPublication {
            publication: earlier,
            answer,
        } = open;
        let results = self.selected_results(request, event, &earlier).await?;
        let is_over = event.publishing.is_none() && all_answered(&results) && !results.is_empty();
        let ending = match (&earlier.ending, is_over) {
            (_, true) => PublishOutcome::of(&results),
            // It was answered 200 with what there was, and never goes back behind that.
            (PublishOutcome::Distributed | PublishOutcome::AllFailed, false) => {
                PublishOutcome::Distributed
            }
            (PublishOutcome::Underway { .. }, false) if event.publishing.is_some() => {
                earlier.ending.clone()
            }
            (PublishOutcome::Underway { .. }, false) => at_work(),
        };
        let publication = Publication {
            event: event.id,
            status: event.status,
            distribution: earlier.distribution,
            results,
            ending,
        };
        if is_over {
            self.store_answer(request, &publication, answer).await?;
        }
        Ok(PublishResponse {
            publication,
            origin: Origin::EarlierRequest,
        })
    }

    async fn store_answer(
        &self,
        request: &PublishRequest,
        publication: &Publication,
        earlier: Value,
    ) -> Result<(), BeginError> {
        let Some(record) = request.record(self.clock.now()) else {
            return Ok(());
        };
        let answer = serde_json::to_value(publication).ok();
        let record = IdempotencyRecord { answer, ..record };
        let change = Mutation::ReplaceAnswer { record, earlier };
        // A conflict: another repeat was faster, and this one looks again.
        Ok(self.unit_of_work.commit(vec![change]).await?)
    }

    /// The lines of the channels that this request selects, as far as they were ordered.
    async fn selected_results(
        &self,
        request: &PublishRequest,
        event: &Event,
        earlier: &Publication,
    ) -> Result<Vec<DeliveryResult>, StoreError> {
        let deliveries = self.deliveries.deliveries(earlier.distribution).await?;
        let told_before = |result: &DeliveryResult| {
            let mut earlier = earlier.results.iter();
            earlier.any(|earlier| earlier.channel == result.channel)
        };
        let is_selected = |result: &DeliveryResult| match &request.channels {
            Some(channels) => channels.contains(&result.channel),
            None if !earlier.results.is_empty() => told_before(result),
            None => event.draft.channels.contains(&result.channel),
        };
        let results = deliveries.iter().map(DeliveryResult::from);
        Ok(results.filter(is_selected).collect())
    }
}

fn all_answered(results: &[DeliveryResult]) -> bool {
    results.iter().all(|result| result.status.is_answered())
}

fn at_work() -> PublishOutcome {
    PublishOutcome::Underway {
        why: Reason::ChannelsInProgress.text(),
        retry_after: POLL_INTERVAL,
    }
}
