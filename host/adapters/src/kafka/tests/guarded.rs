//! A broker with TLS, passwords and rights, which makes topics by itself.

use baepo_test_services::KafkaGuard;

use super::real::find;
use super::*;
use crate::checkup::Verdict;

fn come_in_as(
    guard: &KafkaGuard,
    username: &str,
    password: &str,
    mechanism: KafkaMechanism,
) -> KafkaConfig {
    let mut config = config(&guard.bootstrap());
    config.message_timeout_ms = 2_000;
    let security = &mut config.security;
    security.protocol = KafkaProtocol::SaslTls;
    security.tls.ca = Some(guard.certificate().to_owned());
    security.sasl = KafkaSasl {
        mechanism,
        username: Some(username.to_owned()),
        password: Some(password.into()),
    };
    config
}

/// One broker for all of it: it takes seconds to start.
#[tokio::test]
async fn a_guarded_broker_lets_in_who_may_come_and_tells_why_not() {
    if !is_available() {
        return;
    }
    let kafka = Kafka::start_guarded().expect("a broker");
    let guard = kafka.guard().expect("it is guarded");
    whoever_has_the_password_sends(guard).await;
    a_wrong_password_is_told_and_not_shown(guard).await;
    an_unknown_certificate_is_told(guard).await;
    a_stranger_is_told_which_right_is_missing(guard).await;
    topics_are_not_made_although_the_broker_would(guard).await;
}

async fn whoever_has_the_password_sends(guard: &KafkaGuard) {
    for mechanism in [
        KafkaMechanism::Plain,
        KafkaMechanism::ScramSha256,
        KafkaMechanism::ScramSha512,
    ] {
        let config = come_in_as(guard, KafkaGuard::USER, KafkaGuard::PASSWORD, mechanism);
        create_topics(&config, 1, 1).await.expect("topics");
        send_all(&bus(&config), &[row(1, Topic::Event, "event-1")]).await;
        let checks = check_kafka(&config).await;
        assert_eq!(find(&checks, "kafka: rights").verdict, Verdict::Good);
        let automatic = find(&checks, "kafka: auto.create.topics.enable");
        assert_eq!(automatic.verdict, Verdict::Warning);
    }
}

async fn a_wrong_password_is_told_and_not_shown(guard: &KafkaGuard) {
    for mechanism in [KafkaMechanism::Plain, KafkaMechanism::ScramSha512] {
        let config = come_in_as(guard, KafkaGuard::USER, "not-the-password", mechanism);
        let begin = Instant::now();
        let error = refusal(&bus(&config), &row(1, Topic::Event, "event-1")).await;
        assert!(begin.elapsed() < Duration::from_secs(5));
        assert!(error.contains("uthentication"), "{error}");
        assert!(!error.contains("not-the-password"), "{error}");
        let checks = check_kafka(&config).await;
        assert_eq!(checks[0].verdict, Verdict::Bad);
        assert!(!format!("{config:?}{checks:?}").contains("not-the-password"));
    }
}

async fn an_unknown_certificate_is_told(guard: &KafkaGuard) {
    let plain = KafkaMechanism::Plain;
    let mut config = come_in_as(guard, KafkaGuard::USER, KafkaGuard::PASSWORD, plain);
    config.security.tls.ca = None;
    let error = refusal(&bus(&config), &row(1, Topic::Event, "event-1")).await;
    assert!(error.contains("certificate"), "{error}");
}

async fn a_stranger_is_told_which_right_is_missing(guard: &KafkaGuard) {
    let plain = KafkaMechanism::Plain;
    let user = come_in_as(guard, KafkaGuard::USER, KafkaGuard::PASSWORD, plain);
    create_topics(&user, 1, 1).await.expect("topics");
    let mut config = come_in_as(guard, KafkaGuard::STRANGER, KafkaGuard::PASSWORD, plain);
    config.event_topic = user.event_topic;
    let bus = bus(&config);
    for _ in 0..2 {
        let error = refusal(&bus, &row(1, Topic::Event, "event-1")).await;
        let told = "does not let Baepo write to the topic";
        assert!(error.contains(told), "{error}");
    }
    let checks = check_kafka(&config).await;
    let topic = find(&checks, &format!("kafka: topic {}", config.event_topic));
    let grant = format!(
        "kafka-acls.sh --bootstrap-server {} --command-config client.properties --add \
         --allow-principal User:stranger --operation Write --operation Describe --topic {}",
        guard.bootstrap(),
        config.event_topic
    );
    assert_eq!(
        (topic.verdict, topic.advice.as_deref()),
        (Verdict::Bad, Some(&*grant))
    );
    let rights = find(&checks, "kafka: rights");
    assert_eq!(rights.verdict, Verdict::Bad, "{rights:?}");
}

async fn topics_are_not_made_although_the_broker_would(guard: &KafkaGuard) {
    let plain = KafkaMechanism::Plain;
    let config = come_in_as(guard, KafkaGuard::USER, KafkaGuard::PASSWORD, plain);
    for _ in 0..2 {
        let error = refusal(&bus(&config), &row(1, Topic::Event, "event-1")).await;
        assert!(error.contains("has no topic"), "{error}");
        let checks = check_kafka(&config).await;
        let topic = find(&checks, &format!("kafka: topic {}", config.event_topic));
        assert_eq!(topic.found, "there is none");
    }
}
