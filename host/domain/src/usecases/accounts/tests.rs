//! What an inspection makes of an account: whether it can be used, and what its owner reads.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::sample::{PlaintextVault, account, manifest, now};
use super::*;
use crate::model::account::SealedSecret;
use crate::model::findings::Severity;
use crate::model::text::{Language, Localized};
use crate::model::time::after;
use crate::ports::JsonObject;

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn in_days(days: u32) -> Timestamp {
    after(now(), DAY * days)
}

fn look(account: Option<&Account>) -> Inspection {
    let settings = Ok(JsonObject::new());
    Inspection::with_settings(&manifest(), settings, account, &PlaintextVault, now())
}

/// An account whose token runs out then, with the renewal planned that connecting plans.
fn planned(expires: Timestamp) -> Account {
    Account {
        renew_at: Some(renewal(now(), expires)),
        ..account(expires)
    }
}

fn refusal(account: &Account) -> (String, String) {
    let text = look(Some(account)).refusal().expect("a refusal").message;
    (
        text.get(Language::Korean).to_owned(),
        text.get(Language::English).to_owned(),
    )
}

#[test]
fn an_account_whose_secrets_are_good_is_connected() {
    let good = planned(in_days(60));
    let inspection = look(Some(&good));
    assert_eq!(inspection.health(now()), AccountHealth::Connected);
    assert_eq!(inspection.findings(None, now()), []);
    let token = &inspection.view.secrets["token"];
    assert_eq!(token.expose_secret(), "token-of-the-printer");
}

#[test]
fn a_secret_from_before_there_was_a_shortest_works_with_a_warning() {
    let mut old = planned(in_days(60));
    old.secrets
        .insert("key".to_owned(), SealedSecret(b"7 bytes".to_vec()));
    let inspection = look(Some(&old));
    assert_eq!(inspection.health(now()), AccountHealth::Connected);
    assert_eq!(inspection.refusal(), None);
    let findings = inspection.findings(None, now());
    let [finding] = findings.as_slice() else {
        panic!("one: {findings:?}")
    };
    assert_eq!(
        (finding.severity, finding.at.as_str()),
        (Severity::Warning, "/accounts/paper")
    );
    let korean = finding.message.get(Language::Korean);
    assert!(korean.contains("8자보다 짧아"), "{korean}");
    let detail = finding.message.detail().expect("which, for operators");
    assert!(detail.contains("the secret key"), "{detail}");
}

#[test]
fn a_secret_that_has_run_out_asks_to_reconnect_in_both_languages() {
    let account = account(Timestamp::from_second(1_799_999_999).expect("a time"));
    let (korean, english) = refusal(&account);
    assert_eq!(
        korean,
        "계정을 다시 연결해 주세요. 인쇄소 토큰: 유효 기간이 2027년 1월 15일 16:59에 끝났습니다."
    );
    assert_eq!(
        english,
        "Connect the account again. Ran out on 2027-01-15 16:59 KST: printer's token."
    );
}

#[test]
fn a_secret_runs_out_at_its_very_time() {
    let health = look(Some(&account(now()))).health(now());
    assert!(matches!(health, AccountHealth::Reconnect(_)), "{health:?}");
    let later = Inspection::without_release(&account(now()), now()).health(now());
    assert!(matches!(later, AccountHealth::Reconnect(_)), "{later:?}");
}

#[test]
fn missing_unreadable_and_refused_secrets_are_reported_together() {
    let mut account = planned(in_days(60));
    account.secrets.remove("token");
    account
        .secrets
        .insert("key".to_owned(), SealedSecret(b"x".into()));
    account.problem = Some(Localized::new("취소되었습니다.", "it was revoked"));
    let (korean, english) = refusal(&account);
    assert_eq!(
        korean,
        "계정을 다시 연결해 주세요. 아직 입력하지 않은 것: 인쇄소 토큰. 저장된 것을 읽을 수 없습니다: 인증 정보. 취소되었습니다."
    );
    assert_eq!(
        english,
        "Connect the account again. Not given yet: printer's token. What was stored cannot be read: a secret. it was revoked."
    );
}

#[test]
fn a_channel_that_was_never_connected_is_to_be_connected() {
    let findings = look(None).findings(None, now());
    let [finding] = &findings[..] else {
        panic!("one finding: {findings:?}")
    };
    assert_eq!(
        (finding.severity, finding.at.as_str()),
        (Severity::Error, "/accounts/paper")
    );
    let reader_text = |language| finding.message.get(language);
    assert!(reader_text(Language::Korean).starts_with("먼저 계정을 연결해 주세요."));
    assert!(reader_text(Language::English).starts_with("Connect the account first."));
}

#[test]
fn settings_that_do_not_fit_are_refused_and_defaults_are_there_to_look_with() {
    let wrong = Finding::error(
        "/page",
        Localized::new("숫자여야 합니다", "must be a number"),
    );
    let inspection =
        Inspection::with_settings(&manifest(), Err(vec![wrong]), None, &PlaintextVault, now());
    let refusal = inspection.refusal().expect("a refusal").message;
    let english = refusal.get(Language::English);
    assert!(
        english.contains("Change its settings. must be a number."),
        "{english}"
    );
    let detail = refusal.detail().expect("where, for operators");
    assert!(detail.contains("PUT /api/accounts/paper"), "{detail}");
    assert!(
        detail.contains("the settings do not fit: /page"),
        "{detail}"
    );
    assert_eq!(json!(inspection.view.settings), json!({"size": "A2"}));
}

#[test]
fn a_secret_renewed_in_time_causes_no_warning() {
    let renewed = planned(in_days(5));
    let inspection = look(Some(&renewed));
    assert_eq!(inspection.health(now()), AccountHealth::Connected);
    assert_eq!(inspection.findings(Some(in_days(30)), now()), []);
}

#[test]
fn a_secret_whose_renewal_fails_is_expiring() {
    let given = planned(in_days(60));
    let first = given.renew_at.expect("a renewal");
    let failed = |account: &Account| Account {
        renew_at: Some(after(first, Duration::from_secs(3_600))),
        ..account.clone()
    };
    let health = |account: &Account| {
        let settings = Ok(JsonObject::new());
        Inspection::with_settings(&manifest(), settings, Some(account), &PlaintextVault, first)
            .health(first)
    };
    assert_eq!(health(&given), AccountHealth::Connected);
    assert_eq!(health(&failed(&given)), AccountHealth::Expiring);
    let claimed = Account {
        renew_at: Some(after(first, Duration::from_secs(60))),
        ..given
    };
    assert_eq!(
        health(&claimed),
        AccountHealth::Connected,
        "it is being renewed"
    );
}

#[test]
fn a_secret_without_renewal_is_warned_of_a_week_before() {
    let unplanned = |expires| account(expires);
    assert_eq!(
        look(Some(&unplanned(in_days(8)))).health(now()),
        AccountHealth::Connected
    );
    let inspection_of = unplanned(in_days(7));
    let inspection = look(Some(&inspection_of));
    assert_eq!(inspection.health(now()), AccountHealth::Expiring);
    let findings = inspection.findings(None, now());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].severity, Severity::Warning);
    assert_eq!(findings[0].at, "/accounts/paper");
}

#[test]
fn a_secret_that_runs_out_before_the_event_begins_is_warned_of() {
    let account = account(in_days(20));
    let inspection = look(Some(&account));
    assert_eq!(inspection.findings(Some(in_days(20)), now()), []);
    let findings = inspection.findings(Some(in_days(21)), now());
    let english = findings[0].message.get(Language::English);
    assert!(english.contains("before the event begins"), "{english}");
}

#[test]
fn findings_are_in_every_language_with_pointers_for_operators() {
    let finding = Finding::error("/secrets/token", Localized::new("필요합니다", "is missing"));
    let summary = Finding::summary(&[finding]);
    let expected = Localized::new("필요합니다.", "is missing.").with_detail("/secrets/token");
    assert_eq!(summary, expected);
}
