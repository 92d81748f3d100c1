//! How long secrets are good for, and when somebody must renew them with their provider.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::account::Account;
use crate::model::manifest::{Manifest, SecretSpec};
use crate::model::time::{after, before, until};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Before a provider is asked again that could not say yes or no, and before a channel is looked for
/// again that is not installed.
pub(crate) const LONGEST_PAUSE: Duration = HOUR;
const SHORTEST_PAUSE: Duration = Duration::from_secs(60);

/// How long before a secret runs out its owner hears of it, and the most that one is renewed ahead.
pub(super) const RENEWAL_WINDOW: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Meta refuses to refresh tokens that are younger than 24 hours.
const MIN_SECRET_AGE: Duration = DAY;
/// A renewal has failed when the next is planned this much later than the first was: less than the
/// pause after a failure, more than a host takes to look.
const RENEWAL_SLACK: Duration = HOUR.checked_div(2).expect("two is not zero");

/// The shortest and the longest life of a renewed secret that a provider is believed.
const PLAUSIBLE_LIFETIME: RangeInclusive<Duration> = HOUR..=Duration::from_secs(366 * 24 * 3_600);

/// Whether a provider is believed that says how long a renewed secret is good for: some say 0, or a
/// number of something else.
#[must_use]
pub fn is_plausible_lifetime(good_for: Duration) -> bool {
    PLAUSIBLE_LIFETIME.contains(&good_for)
}

/// When a provider is asked again that could not say yes or no: after a pause, which is shorter the
/// less is left. None when it would come too late.
pub(crate) fn next_retry(now: Timestamp, expires: Timestamp) -> Option<Timestamp> {
    let pause = (until(now, expires) / 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
    Some(after(now, pause)).filter(|next| *next < expires)
}

/// When a secret runs out that is given now: when its owner says, or after its usual life.
pub(crate) fn expiry(
    spec: &SecretSpec,
    given_expiry: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    // Whole milliseconds are what the stores keep.
    let given_expiry = given_expiry.map(|given_expiry| after(given_expiry, Duration::ZERO));
    let usual = spec.lifetime_days.map(|days| after(now, DAY * days));
    given_expiry.or(usual)
}

/// When a secret is renewed: a tenth of its life before it runs out, so that there is time to try
/// again, but not more than a week before, and not while its provider takes it for too young.
pub(crate) fn renewal(given: Timestamp, expires: Timestamp) -> Timestamp {
    let ahead = (until(given, expires) / 10).min(RENEWAL_WINDOW);
    let planned = before(expires, ahead);
    let youngest = after(given, MIN_SECRET_AGE);
    // What runs out before that was made earlier than it was given, and may be old enough.
    if youngest < expires {
        planned.max(youngest)
    } else {
        planned
    }
}

/// The earliest that a secret is renewed, whenever it was given.
pub(crate) fn soonest_renewal(expires: Timestamp) -> Timestamp {
    before(expires, RENEWAL_WINDOW)
}

/// When somebody must renew the first of the account's secrets. `when` says it for one secret, by
/// its name and the time at which it runs out; what would come too late is not renewed.
pub(crate) fn earliest_renewal(
    manifest: &Manifest,
    account: &Account,
    now: Timestamp,
    when: impl Fn(&str, Timestamp) -> Timestamp,
) -> Option<Timestamp> {
    if account.problem.is_some() {
        return None;
    }
    let renewals = renewable(manifest, account, now).filter_map(|(spec, expires)| {
        let at = when(&spec.name, expires);
        (at < expires).then_some(at)
    });
    renewals.min()
}

/// The secrets to renew when the account's time has come: those that run out within a week.
pub(crate) fn due<'a>(
    manifest: &'a Manifest,
    account: &'a Account,
    now: Timestamp,
) -> impl Iterator<Item = &'a SecretSpec> {
    renewable(manifest, account, now)
        .filter(move |(_, expires)| soonest_renewal(*expires) <= now)
        .map(|(spec, _)| spec)
}

/// Whether the host renews this secret before it runs out, as far as it can be known: it is
/// planned, and has not failed before. Since when the secret is there is not known, only that it is
/// not later than the account's last change; so failures of renewing may be seen late, but none is
/// seen that was not there.
pub(super) fn is_renewed_in_time(spec: &SecretSpec, account: &Account, expires: Timestamp) -> bool {
    let first = renewal(account.updated_at, expires);
    let is_on_time = |planned: Timestamp| planned <= after(first, RENEWAL_SLACK);
    let refresh = spec.refresh.as_ref();
    refresh.is_some_and(|refresh| refresh.is_for(&account.settings))
        && account.problem.is_none()
        && account.renew_at.is_some_and(is_on_time)
}

/// Secrets that can still be renewed, and when they run out.
fn renewable<'a>(
    manifest: &'a Manifest,
    account: &'a Account,
    now: Timestamp,
) -> impl Iterator<Item = (&'a SecretSpec, Timestamp)> {
    let can = manifest.secrets.iter().filter(|spec| {
        let refresh = spec.refresh.as_ref();
        refresh.is_some_and(|refresh| refresh.is_for(&account.settings))
    });
    can.filter_map(move |spec| {
        let expires = *account.expires.get(&spec.name)?;
        (expires > now).then_some((spec, expires))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hours(hours: u64) -> Timestamp {
        after(
            Timestamp::UNIX_EPOCH,
            HOUR * u32::try_from(hours).expect("a few"),
        )
    }

    #[test]
    fn a_secret_is_renewed_a_tenth_of_its_life_before_it_runs_out() {
        assert_eq!(renewal(hours(0), hours(60 * 24)), hours(54 * 24));
    }

    #[test]
    fn a_long_lived_secret_is_renewed_a_week_before_it_runs_out() {
        assert_eq!(renewal(hours(0), hours(365 * 24)), hours(358 * 24));
    }

    #[test]
    fn a_secret_is_a_day_old_before_it_is_renewed() {
        assert_eq!(renewal(hours(0), hours(26)), hours(24));
    }

    #[test]
    fn a_secret_with_less_than_a_day_left_is_still_renewed() {
        assert_eq!(renewal(hours(0), hours(10)), hours(9));
    }

    #[test]
    fn an_owner_s_expiry_overrides_the_channel_s() {
        let spec = |lifetime_days| SecretSpec {
            name: "token".to_owned(),
            title: None,
            description: crate::model::text::Localized::default(),
            example: String::new(),
            lifetime_days,
            refresh: None,
        };
        assert_eq!(expiry(&spec(Some(2)), None, hours(1)), Some(hours(49)));
        assert_eq!(
            expiry(&spec(Some(2)), Some(hours(3)), hours(1)),
            Some(hours(3))
        );
        assert_eq!(expiry(&spec(None), None, hours(1)), None);
    }

    #[test]
    fn lifetimes_between_an_hour_and_a_year_are_plausible() {
        let believed = [HOUR, DAY * 60, DAY * 365];
        assert!(believed.into_iter().all(is_plausible_lifetime));
        let not = [Duration::ZERO, HOUR / 2, DAY * 400, Duration::MAX];
        assert!(!not.into_iter().any(is_plausible_lifetime));
    }

    #[test]
    fn retry_pauses_shrink_as_expiry_nears() {
        assert_eq!(next_retry(hours(0), hours(24)), Some(hours(1)));
        assert_eq!(
            next_retry(hours(0), hours(1)),
            Some(after(hours(0), HOUR / 2))
        );
        let minutes = |minutes| after(hours(0), Duration::from_secs(60) * minutes);
        assert_eq!(next_retry(hours(0), minutes(2)), Some(minutes(1)));
        assert_eq!(next_retry(hours(0), minutes(1)), None);
    }

    proptest! {
        #[test]
        fn a_renewal_is_after_giving_and_at_most_a_week_before_the_end(
            given in 0_i64..4_000_000_000_000,
            life in 10_i64..400_000_000_000,
        ) {
            let time = |millis| Timestamp::from_millisecond(millis).expect("in this age");
            let (given, expires) = (time(given), time(given + life));
            let at = renewal(given, expires);
            prop_assert!(given <= at && at < expires);
            prop_assert!(soonest_renewal(expires) <= at);
        }
    }
}
