//! Options that had another name.

use super::super::aliases::ALIASES;
use super::*;

fn lines(warnings: &[Problem]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn an_old_name_in_the_file_works_and_warns_with_its_line() {
    let loaded = load(
        "[cache]\nrest_ms = 20\nfailures_to_rest = 7",
        &[],
        &Flags::default(),
    );
    let Loaded { config, warnings } = loaded.unwrap();
    assert_eq!(config.cache.redis.open_for.as_millis(), 20);
    assert_eq!(config.cache.redis.failures_to_open, 7);
    let rename = "rename it, the old name goes with a later version";
    let expected = [
        format!(
            "baepo.toml:3: cache.failures_to_rest is called cache.failures_to_open now: {rename}"
        ),
        format!("baepo.toml:2: cache.rest_ms is called cache.open_ms now: {rename}"),
    ];
    assert_eq!(lines(&warnings), expected);
}

#[test]
fn an_old_name_in_the_environment_works_and_warns_with_its_variable() {
    let environment = [("BAEPO_PUBLISH__REPEAT_WAITS_MS", "7")];
    let Loaded { config, warnings } = load("", &environment, &Flags::default()).unwrap();
    assert_eq!(config.publish.limits.repeat_waits.as_millis(), 7);
    let [warning] = &lines(&warnings)[..] else {
        panic!("{warnings:?}")
    };
    let place = "environment variable BAEPO_PUBLISH__REPEAT_WAITS_MS: publish.repeat_waits_ms";
    assert!(warning.starts_with(place), "{warning}");
}

#[test]
fn an_old_and_a_new_name_together_are_refused_with_both_places() {
    let error = from_file("[cache]\nopen_ms = 20\nrest_ms = 30").unwrap_err();
    assert_eq!(
        error,
        "baepo.toml:3: cache.rest_ms is the old name of cache.open_ms, which is given too \
         (baepo.toml:2): keep one"
    );
    let environment = [("BAEPO_CACHE__OPEN_MS", "20")];
    let error = read("[cache]\nrest_ms = 30", &environment, &Flags::default()).unwrap_err();
    assert_eq!(
        error,
        "baepo.toml:2: cache.rest_ms is the old name of cache.open_ms, which is given too \
         (environment variable BAEPO_CACHE__OPEN_MS): keep one"
    );
}

#[test]
fn a_wrong_value_by_an_old_name_is_reported_as_it_was_written() {
    let error = from_file("[cache]\nrest_ms = 5").unwrap_err();
    let expected = "baepo.toml:2: cache.rest_ms is 5, allowed is 10 to 600000 (ms): how long";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn a_name_of_today_warns_of_nothing() {
    let loaded = load("[cache]\nopen_ms = 20", &[], &Flags::default()).unwrap();
    assert_eq!(loaded.warnings, []);
}

#[test]
fn each_old_name_works() {
    let keys = Keys::of::<Config>();
    for (old, new) in ALIASES {
        let key = keys.get(new).expect(new);
        let (low, _) = key.allowed.split_once(' ').expect("a number");
        let given = |path: &str| {
            let (section, name) = path.split_once('.').expect("a section");
            let text = format!("[{section}]\n{name} = {low}");
            load(&text, &[], &Flags::default()).expect(path)
        };
        assert_eq!(given(old).config, given(new).config);
        assert_eq!(given(old).warnings.len(), 1);
    }
}
