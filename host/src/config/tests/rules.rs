//! Each rule stands once: what the file lets through no part refuses later, and what it does not let through is
//! reported with its place.

use super::super::keys::Key;
use super::super::probe::Kind;
use super::*;

/// A file that gives one option one value, on its second line.
fn file_of(path: &str, value: &str) -> String {
    let (section, name) = path.rsplit_once('.').expect("a section");
    format!("[{section}]\n{name} = {value}")
}

/// The bounds in what a number allows, and the unit.
fn bounds(key: &Key) -> (u64, u64) {
    let (low, rest) = key.allowed.split_once(" to ").expect("two bounds");
    let high = rest.split_once(' ').map_or(rest, |(high, _)| high);
    let number = |text: &str| text.parse().expect("a number");
    (number(low), number(high))
}

/// Errors of the option's own rule, not of what contradicts it.
fn refused(path: &str, value: &str) -> Option<String> {
    let rule = format!("baepo.toml:2: {path} is ");
    let error = from_file(&file_of(path, value)).err()?;
    let mut lines = error.lines().map(str::trim);
    lines
        .find(|line| line.starts_with(&rule) && line.contains(", allowed is "))
        .map(str::to_owned)
}

#[test]
fn each_number_is_taken_up_to_its_bounds_and_refused_with_its_line_beyond() {
    let mut numbers = 0;
    for key in Keys::of::<Config>().iter() {
        if key.kind != Kind::Number {
            continue;
        }
        numbers += 1;
        let (path, (low, high)) = (&key.path, bounds(key));
        for inside in [low, low + 1, high - 1, high] {
            assert_eq!(
                refused(path, &inside.to_string()),
                None,
                "{path} = {inside}"
            );
        }
        let (below, above) = (i128::from(low) - 1, i128::from(high) + 1);
        for outside in [
            below.to_string(),
            above.to_string(),
            "\"1\"".to_owned(),
            "1.5".to_owned(),
        ] {
            let error = refused(path, &outside).unwrap_or_else(|| panic!("{path} = {outside}"));
            let allowed = format!("allowed is {}", key.allowed);
            assert!(error.contains(&allowed), "{error}");
        }
    }
    assert!(numbers > 50, "{numbers} options are numbers");
}

#[test]
fn no_text_and_no_choice_takes_what_is_neither() {
    for key in Keys::of::<Config>().iter() {
        if matches!(key.kind, Kind::Text | Kind::Choice) {
            for wrong in ["1", "true", "[]"] {
                assert!(
                    refused(&key.path, wrong).is_some(),
                    "{} = {wrong}",
                    key.path
                );
            }
            // But for a prefix, which may be nothing.
            let takes_nothing = refused(&key.path, "\"\"").is_none();
            assert_eq!(takes_nothing, key.path == "cache.prefix", "{}", key.path);
        }
    }
}

#[test]
fn a_value_that_its_part_would_refuse_at_the_start_is_refused_with_its_line() {
    for (path, value) in [
        // librdkafka looks for late messages once a second.
        ("bus.message_timeout_ms", "1500"),
        ("bus.url", "\"kafka://broker\""),
        ("bus.event_topic", "\"..\""),
        (
            "store.url",
            "\"postgres://localhost/baepo?sslmode=sometimes\"",
        ),
        ("cache.url", "\"redis://localhost/zero\""),
        ("cache.url", "\"rediss://localhost/#unknown\""),
        ("distribution.url", "\"ftp://distribution.internal\""),
    ] {
        assert!(refused(path, value).is_some(), "{path} = {value}");
    }
}

#[test]
fn a_property_that_baepo_decides_or_kafka_does_not_know_is_refused_with_its_line() {
    for (name, value) in [
        ("acks", "1"),
        ("enable.idempotence", "false"),
        ("bootstrap.servers", "elsewhere:9092"),
        ("sasl.password", "hunter2"),
        ("no.such.property", "hunter2"),
        ("linger.ms", "hunter2"),
    ] {
        let text = format!("[bus]\nproperties.\"{name}\" = \"{value}\"");
        let error = from_file(&text).expect_err(&text);
        let expected = format!("baepo.toml:2: bus.properties is wrong at \"{name}\", allowed is ");
        assert!(error.starts_with(&expected), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_rewrite_that_is_no_plain_address_is_refused_with_its_line() {
    for (origin, to) in [
        ("ftp://api.example", "http://127.0.0.1:1"),
        ("https://api.example", "http://127.0.0.1:1/?x=1"),
        ("https://user@api.example", "http://127.0.0.1:1"),
    ] {
        let text = format!("[egress]\nrewrite.\"{origin}\" = \"{to}\"");
        let error = from_file(&text).expect_err(&text);
        assert!(
            error.starts_with("baepo.toml:2: egress.rewrite is wrong at "),
            "{error}"
        );
    }
}

#[test]
fn each_contradiction_of_a_part_s_own_options_is_reported() {
    let text = "[runtime]\nconcurrency = 600\nrequest_time_ms = 90000\n\
                [runtime.default_limits]\nfuel = 30000000000\nhost_calls = 200000";
    let error = from_file(text).unwrap_err();
    for expected in [
        "baepo.toml:2: runtime: concurrency must be at least 1 and below pool_instances",
        "baepo.toml:3: runtime: request_time_ms is above longest_request_time_ms",
        "baepo.toml:5: runtime: default_limits.fuel is above maximum_limits.fuel",
        "baepo.toml:6: runtime: default_limits.host_calls is above maximum_limits.host_calls",
    ] {
        assert!(error.contains(expected), "{error}");
    }
}
