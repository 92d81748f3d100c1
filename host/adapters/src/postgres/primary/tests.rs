use super::*;

fn server(started_at: i64, timeline: i32) -> Server {
    Server {
        is_standby: false,
        is_read_only: false,
        started_at,
        system: Some(7),
        timeline: Some(timeline),
    }
}

fn primary() -> Arc<Primary> {
    let config = super::super::PostgresConfig::default();
    let settings = config.settings("postgres://db.example/baepo").unwrap();
    Primary::new(settings, "postgres://db.example/baepo".to_owned())
}

#[test]
fn the_same_server_keeps_its_generation() {
    let primary = primary();
    let first = primary.admit(server(1, 1)).unwrap();
    assert_eq!(primary.admit(server(1, 1)), Ok(first));
}

#[test]
fn a_different_server_starts_the_next_generation() {
    let primary = primary();
    let first = primary.admit(server(1, 1)).unwrap();
    for (started_at, timeline) in [(2, 1), (3, 2)] {
        let next = primary.admit(server(started_at, timeline)).unwrap();
        assert!(next > first && !primary.is_generation(first));
    }
}

#[test]
fn a_server_that_takes_no_writes_is_not_admitted() {
    let primary = primary();
    let standby = Server {
        is_standby: true,
        is_read_only: true,
        ..server(1, 1)
    };
    let demoted = Server {
        is_read_only: true,
        ..server(1, 1)
    };
    assert_eq!(primary.admit(standby), Err(NoPrimary::Standby));
    assert_eq!(primary.admit(demoted), Err(NoPrimary::ReadOnly));
    assert!(primary.accepts_writes().is_err());
}

/// Writable or not: what is written there is lost.
#[test]
fn a_server_is_not_admitted_after_its_successor() {
    let primary = primary();
    primary.admit(server(1, 1)).unwrap();
    let successor = primary.admit(server(2, 2)).unwrap();
    let replaced = NoPrimary::Replaced { found: 1, known: 2 };
    assert_eq!(primary.admit(server(1, 1)), Err(replaced));
    assert!(primary.is_generation(successor));
    // Another database, restored to this address, has timelines of its own.
    let other = Server {
        system: Some(8),
        ..server(3, 1)
    };
    assert!(primary.admit(other).is_ok());
}

#[test]
fn a_loss_applies_to_its_own_generation_only() {
    let primary = primary();
    let first = primary.admit(server(1, 1)).unwrap();
    let second = primary.admit(server(2, 2)).unwrap();
    primary.mark_lost(first, NoPrimary::ReadOnly);
    assert_eq!(primary.accepts_writes(), Ok(()), "that was another one");
    primary.mark_lost(second, NoPrimary::ReadOnly);
    assert_eq!(primary.accepts_writes(), Err(NoPrimary::ReadOnly));
    let third = primary.admit(server(2, 2)).unwrap();
    assert!(third > second, "it takes writes again, on new sessions");
}
