//! How fast it is.

use super::*;

/// `cargo test -p baepo-adapters -- --ignored --nocapture how_fast_it_is`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn how_fast_it_is() {
    let Some(kafka) = shared() else {
        return;
    };
    let config = config(kafka.bootstrap());
    for topic in config.topics() {
        kafka.create_topic(topic, 6).expect("a topic");
    }
    let bus = bus(&config);
    let one = row(1, Topic::Event, "event-1");
    let mut times = Vec::new();
    for _ in 0..3_000 {
        let begin = Instant::now();
        send_all(&bus, std::slice::from_ref(&one)).await;
        times.push(begin.elapsed());
    }
    times.sort();
    let at = |share: f64| times[(times.len() as f64 * share) as usize];
    println!("one: {:?} median, {:?} at 99 %", at(0.5), at(0.99));

    let slice: Vec<OutboxRow> = (0..256)
        .map(|number| row(number, Topic::Event, &format!("event-{number}")))
        .collect();
    let begin = Instant::now();
    let slices = 400;
    for _ in 0..slices {
        send_all(&bus, &slice).await;
    }
    let took = begin.elapsed();
    let rate = f64::from(slices) * 256.0 / took.as_secs_f64();
    println!(
        "slices of 256: {rate:.0} messages/s, {:?} each",
        took / slices
    );
}
