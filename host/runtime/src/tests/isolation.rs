//! Nothing of one call is there for the next.

use baepo_domain::model::attempt::AttemptOutcome;

use super::support::{Guest, RuntimeFixture, small};

#[tokio::test]
async fn an_instance_serves_one_call() {
    // Traps where a global or the memory is not as the component declares it.
    let guest = Guest {
        declares: "(global $called (mut i32) (i32.const 0))",
        ..Guest::that(
            "(if (i32.or (global.get $called) (i32.load (i32.const 2048))) (then (unreachable)))
             (global.set $called (i32.const 1))
             (i32.store (i32.const 2048) (i32.const 1))",
        )
    };
    let fixture = RuntimeFixture::with(small());

    // More often than the pool has places.
    for call in 0..8 {
        let report = fixture.run(&guest).await;
        let is_live = matches!(report.end, AttemptOutcome::Live(_));
        assert!(is_live, "call {call}: {:?}", report.end);
    }
}
