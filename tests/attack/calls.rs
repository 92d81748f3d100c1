//! Channels that are installed, and do their worst when they are called, several at once.

use std::time::Duration;

use futures::future::join_all;
use guests::hostile::{Asked, CallAttack, Expected};
use it::{ApiResponse, autumn_event};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bounds::Bounds;
use crate::processes;
use crate::report::{Row, shortened};
use crate::victim::Victim;

/// The largest answer about one delivery, in bytes.
const ANSWER: usize = 1 << 20;
/// By how much the data may grow in one attack, in MiB.
const DATA: u64 = 64;

pub async fn run(attack: &CallAttack, victim: &mut Victim, bounds: &Bounds) -> Row {
    let component = attack.component();
    let mut row = Row {
        name: attack.name.to_owned(),
        what: format!("{}; {} at once", attack.what, attack.at_once),
        bytes: component.len(),
        ..Row::default()
    };
    let events = match prepare(attack, victim, component, bounds).await {
        Ok(events) => events,
        Err(why) => {
            row.faults.push(why);
            return row;
        }
    };
    let data_before = processes::folder_mib(&victim.data());
    let ongoing = victim.attacked(bounds);
    let calls = events
        .iter()
        .map(|event| call(attack, victim, event, bounds));
    let answers = join_all(calls).await;
    for answer in answers {
        let fault = match answer {
            None => Some(format!("no answer in {} s", bounds.patience_s)),
            Some(answer) => judge(attack, victim, &answer, &mut row).await,
        };
        row.faults.extend(fault);
    }
    row.faults.sort();
    row.faults.dedup();
    let grown = processes::folder_mib(&victim.data()).saturating_sub(data_before);
    if grown > DATA {
        row.faults
            .push(format!("the data grew by {grown} MiB, allowed are {DATA}"));
    }
    let row = ongoing.end(victim, bounds, bounds.calls_mib, row).await;
    victim.delete(attack.name).await;
    row
}

/// Installs it, connects to it, and drafts as many events as calls.
async fn prepare(
    attack: &CallAttack,
    victim: &Victim,
    component: Vec<u8>,
    bounds: &Bounds,
) -> Result<Vec<String>, String> {
    let patience = Duration::from_secs(bounds.patience_s);
    let installed = victim.upload(attack.name, component, patience).await;
    let (status, release) = installed.ok_or("no answer to its installation")?;
    if !(200..300).contains(&status) {
        return Err(format!("not installed: {status} {}", release["detail"]));
    }
    victim.promote(attack.name, &release).await?;
    let path = format!("/api/accounts/{}", attack.name);
    let nothing = json!({"settings": {}, "secrets": {}});
    let account = victim.owner.put(&path, &nothing).await;
    if !account.status.is_success() {
        return Err(format!("not connected: {}", account.body));
    }
    let draft = autumn_event(&[attack.name]);
    let mut events = Vec::new();
    for _ in 0..attack.at_once {
        events.push(victim.owner.create(&draft).await);
    }
    Ok(events)
}

async fn call(
    attack: &CallAttack,
    victim: &Victim,
    event: &str,
    bounds: &Bounds,
) -> Option<ApiResponse> {
    let what = match attack.asked {
        Asked::Publish => "publish",
        Asked::Check | Asked::Preview => "check",
    };
    let path = format!("/api/events/{event}/{what}");
    let request = victim.owner.request(Method::POST, &path);
    let request = request.timeout(Duration::from_secs(bounds.patience_s));
    victim.owner.ask(request).await
}

/// What is wrong with an answer.
async fn judge(
    attack: &CallAttack,
    victim: &Victim,
    answer: &ApiResponse,
    row: &mut Row,
) -> Option<String> {
    let status = answer.status.as_u16();
    let bytes = answer.body.to_string().len();
    if bytes > ANSWER {
        return Some(format!("an answer of {bytes} bytes, allowed are {ANSWER}"));
    }
    // 502 says that every channel failed, which is so.
    let is_answered = answer.status.is_success() || matches!(status, 400..500 | 502);
    if !is_answered {
        return Some(format!("answered {status}: {}", answer.body));
    }
    let (end, reason) = match attack.asked {
        Asked::Publish => published(attack, victim, &answer.body).await,
        Asked::Check | Asked::Preview => (status.to_string(), answer.body.to_string()),
    };
    row.answer = format!("{end} {}", shortened(&reason, 160));
    let stopped = (end != "LIVE").then_some(reason.as_str());
    let expected = attack.expected;
    let is_expected = match expected {
        Expected::Either => true,
        Expected::Refused(_) => expected.allows(stopped),
    };
    (!is_expected).then(|| {
        let reason = shortened(&reason, 400);
        format!("ended {end} {reason:?}, expected was {expected:?}")
    })
}

/// How the delivery ended, and what operators read of it.
async fn published(attack: &CallAttack, victim: &Victim, body: &Value) -> (String, String) {
    let results = body["distributionResults"].as_array().into_iter().flatten();
    let mut of_channel = results.filter(|result| result["channel"] == attack.name);
    let end = of_channel
        .next()
        .and_then(|result| result["status"].as_str())
        .unwrap_or("none");
    let id = body["distributionId"].as_str().unwrap_or_default();
    let path = format!("/api/distribution/{id}");
    let read = victim.operator.request(Method::GET, &path);
    let Some(read) = victim.operator.ask(read).await else {
        return (end.to_owned(), "the host is gone".to_owned());
    };
    let deliveries = read.body["deliveries"].as_array().into_iter().flatten();
    let mut of_channel = deliveries.filter(|delivery| delivery["channel"] == attack.name);
    let delivery = of_channel.next().cloned().unwrap_or_default();
    let texts = [&delivery["detail"], &delivery["message"]];
    let reason = texts.into_iter().find_map(Value::as_str);
    (end.to_owned(), reason.unwrap_or_default().to_owned())
}
