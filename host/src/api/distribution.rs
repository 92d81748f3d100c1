//! `/api/distribution/{id}`: the state of a publication, channel by channel.

mod action;
mod result;
mod stream;
mod visible;

use axum::Json;
use axum::extract::State;
use baepo_domain::Timestamp;
use baepo_domain::model::attempt::{Attempt, Usage};
use baepo_domain::model::audit;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::id::DistributionId;
use baepo_domain::model::journal::{Exchange, exchanges};
use baepo_domain::model::reason::Reason;
use baepo_domain::model::text::{Language, Localized};
use baepo_domain::ports::StoreError;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::action::{ActionBody, Possible};
pub(super) use self::result::ResultBody;
use self::visible::find_visible;
use super::auth::Reader;
use super::error::{Problem, ProblemBody};
use super::extract::Path;
use super::language::ReaderLanguage;
use super::state::ApiState;

/// A distribution as its owner, or an operator, sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Distribution)]
struct DistributionBody {
    distribution_id: Uuid,
    event_id: Uuid,
    /// When every delivery was settled; null while one is open.
    completed_at: Option<Timestamp>,
    deliveries: Vec<DeliveryBody>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
struct DeliveryBody {
    id: Uuid,
    /// Grows only when it is published again after a certain failure.
    generation: u32,
    #[serde(flatten)]
    result: ResultBody,
    next_attempt_at: Option<Timestamp>,
    /// What you can do about it now: the call of this name is accepted.
    possible: Vec<Possible>,
    /// For operators: what is behind the message, by the names of limits, rules and options.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What only you can do, while it is ACTION_REQUIRED.
    action: Option<ActionBody>,
    /// In the order in which they began.
    attempt_log: Vec<AttemptBody>,
}

/// One run of the channel's component.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attempt)]
struct AttemptBody {
    id: Uuid,
    /// 1 for the first.
    number: u32,
    /// SHA-256 of the component.
    release: String,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    /// `live`, `action-required`, a failure's name, or `died`.
    #[schema(example = "live")]
    end: Option<String>,
    message: Option<String>,
    /// For operators: what is behind the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    usage: Option<Usage>,
    /// What it asked of the provider, in order; without headers and bodies.
    requests: Vec<RequestBody>,
}

/// One request of an attempt.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AttemptRequest)]
struct RequestBody {
    #[schema(example = "POST")]
    method: String,
    /// Without its query.
    url: String,
    sent_at: Timestamp,
    /// Null while it is under way, or when a stop of the host cut it off.
    answered_at: Option<Timestamp>,
    /// The HTTP status, or `denied`, `not-sent`, `in-doubt`, `too-large`.
    #[schema(example = "200")]
    status: Option<String>,
}

impl From<Exchange> for RequestBody {
    fn from(exchange: Exchange) -> Self {
        Self {
            method: exchange.method,
            url: exchange.url,
            sent_at: exchange.sent_at,
            answered_at: exchange.answered_at,
            status: exchange.status,
        }
    }
}

/// Who reads, and in which language.
#[derive(Clone, Copy)]
struct ReaderContext {
    language: Language,
    is_operator: bool,
}

impl ReaderContext {
    fn detail(self, text: Option<&Localized>) -> Option<String> {
        let text = text.filter(|_| self.is_operator);
        text.and_then(Localized::detail).map(str::to_owned)
    }
}

/// A delivery and the actions that are possible on it.
struct DeliveryWithActions {
    delivery: Delivery,
    possible: Vec<audit::Action>,
}

/// An attempt and the requests in its journal.
struct AttemptWithExchanges {
    attempt: Attempt,
    exchanges: Vec<Exchange>,
}

impl AttemptBody {
    fn new(
        AttemptWithExchanges { attempt, exchanges }: AttemptWithExchanges,
        reader_context: ReaderContext,
    ) -> Self {
        let (ended_at, end, text, usage) = match attempt.ended {
            Some(ended) => (
                Some(ended.at),
                Some(ended.end),
                ended.message,
                Some(ended.usage),
            ),
            None => (None, None, None, None),
        };
        let detail = reader_context.detail(text.as_ref());
        let message = text.map(|text| text.get(reader_context.language).to_owned());
        Self {
            id: attempt.id.0,
            number: attempt.number,
            release: attempt.release.into(),
            started_at: attempt.started_at,
            ended_at,
            end,
            message,
            detail,
            usage,
            requests: exchanges.into_iter().map(RequestBody::from).collect(),
        }
    }
}

impl DistributionBody {
    fn new(
        distribution: &Distribution,
        deliveries: &[DeliveryWithActions],
        mut attempts: Vec<AttemptWithExchanges>,
        reader_context: ReaderContext,
    ) -> Self {
        let language = reader_context.language;
        let delivery = |DeliveryWithActions { delivery, possible }: &DeliveryWithActions| {
            let own = attempts.extract_if(.., |attempt_with_exchanges| {
                attempt_with_exchanges.attempt.delivery == delivery.id
            });
            let attempt_log = own
                .map(|attempt_with_exchanges| {
                    AttemptBody::new(attempt_with_exchanges, reader_context)
                })
                .collect();
            let action = delivery.action.clone();
            DeliveryBody {
                id: delivery.id.0,
                generation: delivery.generation,
                result: ResultBody::for_reader(DeliveryResult::from(delivery), language),
                next_attempt_at: delivery.due_at,
                possible: action::possible(possible),
                detail: reader_context.detail(delivery.message.as_ref().map(Reason::text).as_ref()),
                action: action.map(|action| ActionBody::new(action, delivery, language)),
                attempt_log,
            }
        };
        Self {
            distribution_id: distribution.id.0,
            event_id: distribution.event.0,
            completed_at: distribution.completed_at,
            deliveries: deliveries.iter().map(delivery).collect(),
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .merge(action::routes())
        .merge(stream::routes())
}

/// Show a distribution
///
/// Its deliveries, every attempt of each, and what each attempt asked of the provider. Owners see their own, operators all.
#[utoipa::path(get, path = "/api/distribution/{id}", tag = "publishing", operation_id = "showDistribution",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The distribution.", body = DistributionBody),
        (status = 404, description = "You have no such distribution.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.distribution.show", skip_all, fields(distribution = %id))]
async fn show(
    State(ApiState {
        distributions,
        deliveries,
        attempts,
        journals,
        delivery_actions,
        ..
    }): State<ApiState>,
    reader: Reader,
    ReaderLanguage(language): ReaderLanguage,
    Path(id): Path<DistributionId>,
) -> Result<Json<DistributionBody>, Problem> {
    let distribution = find_visible(distributions.as_ref(), &reader, id).await?;
    let mut seen = Vec::new();
    for delivery in deliveries.deliveries(id).await? {
        let possible = delivery_actions.possible(&delivery).await?;
        seen.push(DeliveryWithActions { delivery, possible });
    }
    let mut attempted = Vec::new();
    for attempt in attempts.attempts(id).await? {
        let journal = StoreError::skip_unreadable(journals.journal(attempt.id).await)?;
        let exchanges = exchanges(&journal.unwrap_or_default());
        attempted.push(AttemptWithExchanges { attempt, exchanges });
    }
    let reader_context = ReaderContext {
        language,
        is_operator: matches!(reader, Reader::Operator),
    };
    let body = DistributionBody::new(&distribution, &seen, attempted, reader_context);
    Ok(Json(body))
}
