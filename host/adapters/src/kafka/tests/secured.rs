//! A broker with TLS, passwords and rights, which makes topics by itself.

use baepo_test_services::SaslListener;

use super::real::find;
use super::*;
use crate::checkup::Verdict;

fn authenticate_as(
    sasl: &SaslListener,
    username: &str,
    password: &str,
    mechanism: KafkaMechanism,
) -> KafkaConfig {
    let mut config = config(&sasl.bootstrap());
    config.message_timeout_ms = 2_000;
    let security = &mut config.security;
    security.protocol = KafkaProtocol::SaslTls;
    security.tls.ca = Some(sasl.certificate().to_owned());
    security.sasl = KafkaSasl {
        mechanism,
        username: Some(username.to_owned()),
        password: Some(password.into()),
    };
    config
}

/// One broker for all of it: it takes seconds to start.
#[tokio::test]
async fn a_secured_broker_accepts_authorized_clients_and_errors_name_the_cause() {
    let kafka = Kafka::start_with_sasl().expect("a broker");
    let sasl = kafka.sasl().expect("it is guarded");
    a_client_with_the_password_sends(sasl).await;
    a_wrong_password_is_reported_and_not_shown(sasl).await;
    an_unknown_certificate_is_reported(sasl).await;
    an_unauthorized_client_gets_the_missing_right_reported(sasl).await;
    topics_are_not_created_despite_broker_auto_creation(sasl).await;
}

async fn a_client_with_the_password_sends(sasl: &SaslListener) {
    for mechanism in [
        KafkaMechanism::Plain,
        KafkaMechanism::ScramSha256,
        KafkaMechanism::ScramSha512,
    ] {
        let config = authenticate_as(sasl, SaslListener::USER, SaslListener::PASSWORD, mechanism);
        create_topics(&config, 1, 1).await.expect("topics");
        send_all(&bus(&config), &[row(1, Topic::Event, "event-1")]).await;
        let checks = check_kafka(&config).await;
        assert_eq!(find(&checks, "kafka: rights").verdict, Verdict::Good);
        let automatic = find(&checks, "kafka: auto.create.topics.enable");
        assert_eq!(automatic.verdict, Verdict::Warning);
    }
}

async fn a_wrong_password_is_reported_and_not_shown(sasl: &SaslListener) {
    for mechanism in [KafkaMechanism::Plain, KafkaMechanism::ScramSha512] {
        let config = authenticate_as(sasl, SaslListener::USER, "not-the-password", mechanism);
        let begin = Instant::now();
        let error = send_failure(&bus(&config), &row(1, Topic::Event, "event-1")).await;
        assert!(begin.elapsed() < Duration::from_secs(5));
        assert!(error.contains("uthentication"), "{error}");
        assert!(!error.contains("not-the-password"), "{error}");
        let checks = check_kafka(&config).await;
        assert_eq!(checks[0].verdict, Verdict::Bad);
        assert!(!format!("{config:?}{checks:?}").contains("not-the-password"));
    }
}

async fn an_unknown_certificate_is_reported(sasl: &SaslListener) {
    let plain = KafkaMechanism::Plain;
    let mut config = authenticate_as(sasl, SaslListener::USER, SaslListener::PASSWORD, plain);
    config.security.tls.ca = None;
    let error = send_failure(&bus(&config), &row(1, Topic::Event, "event-1")).await;
    assert!(error.contains("certificate"), "{error}");
}

async fn an_unauthorized_client_gets_the_missing_right_reported(sasl: &SaslListener) {
    let plain = KafkaMechanism::Plain;
    let user = authenticate_as(sasl, SaslListener::USER, SaslListener::PASSWORD, plain);
    create_topics(&user, 1, 1).await.expect("topics");
    let mut config = authenticate_as(
        sasl,
        SaslListener::UNKNOWN_USER,
        SaslListener::PASSWORD,
        plain,
    );
    config.event_topic = user.event_topic;
    let bus = bus(&config);
    for _ in 0..2 {
        let error = send_failure(&bus, &row(1, Topic::Event, "event-1")).await;
        let told = "does not let Baepo write to the topic";
        assert!(error.contains(told), "{error}");
    }
    let checks = check_kafka(&config).await;
    let topic = find(&checks, &format!("kafka: topic {}", config.event_topic));
    let grant = format!(
        "kafka-acls.sh --bootstrap-server {} --command-config client.properties --add \
         --allow-principal User:stranger --operation Write --operation Describe --topic {}",
        sasl.bootstrap(),
        config.event_topic
    );
    assert_eq!(
        (topic.verdict, topic.advice.as_deref()),
        (Verdict::Bad, Some(&*grant))
    );
    let rights = find(&checks, "kafka: rights");
    assert_eq!(rights.verdict, Verdict::Bad, "{rights:?}");
}

async fn topics_are_not_created_despite_broker_auto_creation(sasl: &SaslListener) {
    let plain = KafkaMechanism::Plain;
    let config = authenticate_as(sasl, SaslListener::USER, SaslListener::PASSWORD, plain);
    for _ in 0..2 {
        let error = send_failure(&bus(&config), &row(1, Topic::Event, "event-1")).await;
        assert!(error.contains("has no topic"), "{error}");
        let checks = check_kafka(&config).await;
        let topic = find(&checks, &format!("kafka: topic {}", config.event_topic));
        assert_eq!(topic.found, "there is none");
    }
}
