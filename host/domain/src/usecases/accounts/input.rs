//! What an owner gave: everything that is wrong with it, and what a part of it makes of the rest.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::lifetime::{earliest_renewal, expiry, renewal, soonest_renewal};
use crate::model::account::{self, Account};
use crate::model::findings::{Finding, Findings};
use crate::model::id::OwnerId;
use crate::model::manifest::{Manifest, SecretSpec};
use crate::model::text::{Language, Localized};
use crate::ports::{HeldRelease, JsonObject, Vault};

/// What an owner gives to connect a channel.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    pub settings: JsonObject,
    /// By name. One that is left out stays as it was given before.
    pub secrets: BTreeMap<String, SecretString>,
    /// When given secrets run out, by name, where the owner knows better than the channel.
    pub expires: BTreeMap<String, Timestamp>,
}

/// Everything that is wrong with what the owner gave, not only the first.
pub(super) fn check(
    held: &dyn HeldRelease,
    input: &Connection,
    known: Option<&Account>,
    now: Timestamp,
) -> Result<(), Findings> {
    let declared = &held.release().manifest.secrets;
    let mut problems = match held.settings(&input.settings.clone().into()) {
        Ok(_) => Vec::new(),
        Err(findings) => Finding::below("/settings", findings),
    };
    problems.extend(secrets(declared, input, known));
    problems.extend(times(input, now));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.into())
    }
}

fn secrets(declared: &[SecretSpec], input: &Connection, known: Option<&Account>) -> Vec<Finding> {
    let mut problems = Vec::new();
    let at = |name: &str| format!("/secrets/{}", pointer_segment(name));
    for (name, secret) in &input.secrets {
        let length = secret.expose_secret().len();
        let (least, most) = (account::MIN_SECRET_BYTES, account::MAX_SECRET_BYTES);
        if !declared.iter().any(|spec| spec.name == *name) {
            let message = Localized::new(
                "이 채널에는 이런 이름의 인증 정보가 없습니다.",
                "The channel has no secret of this name.",
            );
            problems.push(Finding::error(at(name), message));
        } else if !(least..=most).contains(&length) {
            let message = Localized::new(
                format!(
                    "{least}자 이상 {most}자 이하로 입력해 주세요. 더 짧은 인증 정보는 안전하게 지킬 수 없습니다."
                ),
                format!(
                    "It must have {least} to {most} characters. A shorter one cannot be kept safe."
                ),
            );
            problems.push(Finding::error(at(name), message));
        }
    }
    for spec in declared {
        let is_stored = known.is_some_and(|known| known.secrets.contains_key(&spec.name));
        if !is_stored && !input.secrets.contains_key(&spec.name) {
            let description = spec.description.clone();
            let message = description.around(|language, description| match language {
                Language::Korean => format!("꼭 입력해 주세요. {description}"),
                Language::English => format!("This field is required. {description}"),
            });
            problems.push(Finding::error(at(&spec.name), message));
        }
    }
    problems
}

fn times(input: &Connection, now: Timestamp) -> Vec<Finding> {
    let problem = |(name, expires): (&String, &Timestamp)| {
        let at = format!("/secretsExpireAt/{}", pointer_segment(name));
        if !input.secrets.contains_key(name) {
            let message = Localized::new(
                "이 인증 정보를 함께 보낼 때만 유효 기간을 정할 수 있습니다.",
                "This can be given only together with the secret itself.",
            );
            Some(Finding::error(at, message))
        } else if *expires <= now {
            let message =
                Localized::new("지금보다 나중이어야 합니다.", "It must be later than now.");
            Some(Finding::error(at, message))
        } else {
            None
        }
    };
    input.expires.iter().filter_map(problem).collect()
}

/// A name as it stands in a JSON pointer (RFC 6901).
fn pointer_segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The account that it makes. Of the stored secrets those stay that the channel still declares.
pub(super) fn account(
    owner: &OwnerId,
    manifest: &Manifest,
    input: &Connection,
    known: Option<Account>,
    vault: &dyn Vault,
    now: Timestamp,
) -> Account {
    let mut account = known.unwrap_or_else(|| Account {
        owner: owner.clone(),
        channel: manifest.id.clone(),
        settings: JsonObject::new(),
        secrets: BTreeMap::new(),
        expires: BTreeMap::new(),
        renew_at: None,
        problem: None,
        connected_at: now,
        updated_at: now,
        revision: 0,
    });
    let is_declared = |name: &String| manifest.secrets.iter().any(|spec| spec.name == *name);
    account.secrets.retain(|name, _| is_declared(name));
    account.expires.retain(|name, _| is_declared(name));
    for spec in &manifest.secrets {
        let name = &spec.name;
        let Some(secret) = input.secrets.get(name) else {
            continue;
        };
        let sealed = vault.seal(owner, &manifest.id, name, secret);
        account.secrets.insert(name.clone(), sealed);
        match expiry(spec, input.expires.get(name).copied(), now) {
            Some(at) => account.expires.insert(name.clone(), at),
            None => account.expires.remove(name),
        };
        account.problem = None;
    }
    // Before what is planned, which depends on them.
    account.settings.clone_from(&input.settings);
    let planned = account.renew_at;
    account.renew_at = earliest_renewal(manifest, &account, now, |name, expires| {
        if input.secrets.contains_key(name) {
            renewal(now, expires)
        } else {
            planned.unwrap_or_else(|| soonest_renewal(expires))
        }
    });
    Account {
        updated_at: now,
        ..account
    }
}

/// `stored` with `patch` merged over it (RFC 7396).
pub(super) fn merged(stored: &JsonObject, patch: &JsonObject) -> JsonObject {
    let mut merged = stored.clone();
    for (name, value) in patch {
        let value = match value {
            Value::Null => {
                merged.remove(name);
                continue;
            }
            Value::Object(patch) => {
                let below = merged.get(name).and_then(Value::as_object);
                Value::Object(self::merged(&below.cloned().unwrap_or_default(), patch))
            }
            other => other.clone(),
        };
        merged.insert(name.clone(), value);
    }
    merged
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::sample::{self, PlaintextVault, now};
    use super::*;
    use crate::model::time::after;

    const DAY: Duration = Duration::from_secs(24 * 3_600);

    fn in_days(days: u32) -> Timestamp {
        after(now(), DAY * days)
    }

    fn secrets(names: &[&str]) -> Connection {
        let secret = |name: &&str| ((*name).to_owned(), "new".into());
        Connection {
            secrets: names.iter().map(secret).collect(),
            ..Connection::default()
        }
    }

    /// What it makes of a stored account whose token is renewed in three days, where `input` comes
    /// a day after it was connected.
    fn applied(input: &Connection, known: Account) -> Account {
        let owner = known.owner.clone();
        let manifest = sample::manifest();
        account(
            &owner,
            &manifest,
            input,
            Some(known),
            &PlaintextVault,
            in_days(1),
        )
    }

    fn stored() -> Account {
        Account {
            renew_at: Some(in_days(3)),
            ..sample::account(in_days(5))
        }
    }

    fn object(value: &Value) -> JsonObject {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_given_secret_is_good_for_its_usual_life_and_renewed_before() {
        let account = applied(&secrets(&["token"]), stored());
        assert_eq!(account.expires["token"], in_days(61));
        assert_eq!(account.renew_at, Some(in_days(55)));
    }

    #[test]
    fn an_owner_s_expiry_overrides_the_usual_lifetime() {
        let mut input = secrets(&["token", "key"]);
        input.expires = ["token", "key"]
            .map(|name| (name.to_owned(), in_days(11)))
            .into();
        let account = applied(&input, stored());
        assert_eq!(account.expires["token"], in_days(11));
        assert_eq!(
            account.renew_at,
            Some(in_days(10)),
            "the key is not renewed"
        );
    }

    #[test]
    fn other_changes_keep_the_planned_renewal() {
        for input in [Connection::default(), secrets(&["key"])] {
            let account = applied(&input, stored());
            assert_eq!(account.expires, stored().expires);
            assert_eq!(account.renew_at, stored().renew_at);
        }
    }

    #[test]
    fn a_new_secret_clears_the_problem() {
        let refused = || Account {
            renew_at: None,
            problem: Some(Localized::verbatim("revoked")),
            ..stored()
        };
        let unchanged = applied(&Connection::default(), refused());
        assert_eq!(unchanged.problem, Some(Localized::verbatim("revoked")));
        assert_eq!(unchanged.renew_at, None);
        let mended = applied(&secrets(&["token"]), refused());
        assert_eq!((mended.problem, mended.renew_at), (None, Some(in_days(55))));
    }

    #[test]
    fn undeclared_secrets_are_removed() {
        let mut known = stored();
        let token = known.secrets["token"].clone();
        known.secrets.insert("old".to_owned(), token);
        known.expires.insert("old".to_owned(), in_days(9));
        let account = applied(&Connection::default(), known);
        assert_eq!(
            (account.secrets, account.expires),
            (stored().secrets, stored().expires)
        );
    }

    #[test]
    fn an_expiry_needs_its_secret_and_lies_in_the_future() {
        let mut input = secrets(&["token"]);
        input.expires = [("token".to_owned(), now()), ("key".to_owned(), in_days(1))].into();
        let places: Vec<String> = times(&input, now()).into_iter().map(|one| one.at).collect();
        assert_eq!(places, ["/secretsExpireAt/key", "/secretsExpireAt/token"]);
    }

    #[test]
    fn a_patch_replaces_adds_and_removes_and_leaves_the_rest() {
        let stored = object(&json!({"a": 1, "b": {"c": 2, "d": 3}, "e": [1], "f": 4}));
        let patch = json!({"a": null, "b": {"c": null, "x": {"y": null}}, "e": [2], "g": 5});
        assert_eq!(
            merged(&stored, &object(&patch)),
            object(&json!({"b": {"d": 3, "x": {}}, "e": [2], "f": 4, "g": 5}))
        );
    }

    #[test]
    fn a_patch_object_replaces_a_non_object() {
        let stored = object(&json!({"a": 1}));
        let patch = object(&json!({"a": {"b": 2}}));
        assert_eq!(merged(&stored, &patch), patch);
    }
}
