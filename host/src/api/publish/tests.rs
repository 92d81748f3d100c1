use std::time::Duration;

use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use baepo_domain::model::delivery::DeliveryStatus;
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::event::EventStatus;
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::{Digest, DistributionId, EventId};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::{Language, Localized};
use baepo_domain::usecases::publish::{Publication, PublishOutcome};
use serde_json::Value;
use uuid::Uuid;

use super::answer;

fn publication(status: DeliveryStatus, ending: PublishOutcome) -> Publication {
    Publication {
        event: EventId(Uuid::from_u128(1)),
        status: EventStatus::Active,
        distribution: DistributionId(Uuid::from_u128(2)),
        results: vec![DeliveryResult {
            channel: "paper".parse().unwrap(),
            status,
            receipt: Receipt {
                external_id: Some("p-1".to_owned()),
                url: Some("https://paper.example/1".to_owned()),
                estimated_reach: Some(300),
            },
            execution_time_ms: 12,
            attempts: 1,
            message: None,
            findings: vec![Finding::error("/title", Localized::verbatim("is too loud"))],
            release: Some(Digest::of(b"paper")),
        }],
        ending,
    }
}

async fn answered(publication: Publication) -> (StatusCode, Value) {
    let response = answer(publication, Language::English).into_response();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_publication_lists_a_result_per_channel() {
    let (status, body) = answered(publication(
        DeliveryStatus::Live,
        PublishOutcome::Distributed,
    ))
    .await;
    assert_eq!(status, StatusCode::OK);
    insta::assert_json_snapshot!(body);
}

#[tokio::test]
async fn a_publish_with_all_channels_failed_returns_the_results() {
    let (status, body) = answered(publication(
        DeliveryStatus::Failed,
        PublishOutcome::AllFailed,
    ))
    .await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    insta::assert_json_snapshot!(body);
}

#[tokio::test]
async fn a_wait_is_rounded_up_to_whole_seconds() {
    let ending = PublishOutcome::Underway {
        why: Localized::verbatim("the bus is silent"),
        retry_after: Duration::from_millis(1_001),
    };
    let response = answer(
        publication(DeliveryStatus::Pending, ending),
        Language::English,
    )
    .into_response();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(response.headers()["retry-after"], "2");
}
