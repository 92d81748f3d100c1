//! A real broker, started and broken.

use super::*;

#[test]
fn a_killed_broker_keeps_its_messages() {
    let begin = Instant::now();
    let mut kafka = Kafka::start().expect("a broker");
    println!("started after {:?}", begin.elapsed());
    kafka.create_topic("kept", 3).expect("a topic");
    let again = kafka.create_topic("kept", 3);
    assert!(
        again
            .expect_err("it is there")
            .to_string()
            .contains("exists")
    );
    let broker = Broker::at(&kafka.bootstrap());
    assert!(!broker.has_leaders("another").expect("an answer"));

    let begin = Instant::now();
    kafka.kill();
    assert!(broker.is_registered().is_err());
    kafka.restart().expect("the broker again");
    println!("started after a kill after {:?}", begin.elapsed());
    assert!(broker.has_leaders("kept").expect("an answer"));

    let begin = Instant::now();
    kafka.stop();
    kafka.restart().expect("the broker again");
    println!("stopped and started after {:?}", begin.elapsed());
    assert!(broker.has_leaders("kept").expect("an answer"));
}
