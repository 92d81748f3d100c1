//! Channels that are accepted, and do their worst when they are called: what they return, what they
//! hand to the host, and what they take while they run.
//!
//! Lists alias one string: what is small in a component's memory is large for whoever copies it.

use super::channel::{ChannelText, declared_as, manifest};
use super::upload::Expected;
use super::wat_text::{
    LONGEST, PAGES, RETURN, TEXT, aliasing, calling, distributing, failure, fill, findings,
    for_ever, rejected, sending, store, text,
};

/// A channel that does its worst in one of its functions.
pub struct CallAttack {
    /// Also the channel's id.
    pub name: &'static str,
    pub what: &'static str,
    pub asked: Asked,
    /// Calls at the same time.
    pub at_once: usize,
    /// What the operator reads of an attempt that was stopped, or how a call is refused.
    pub expected: Expected,
    make: fn() -> ChannelText,
}

/// Which function does its worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// `distribute`.
    Publish,
    /// `check`.
    Check,
    /// `preview`.
    Preview,
}

impl CallAttack {
    /// The component.
    #[must_use]
    pub fn component(&self) -> Vec<u8> {
        declared_as((self.make)().component(), &manifest(self.name))
    }
}

const RESULT_WORDS: &[&str] = &["limit \"", "hands over", "host calls"];

/// All of them.
#[must_use]
pub fn calls() -> Vec<CallAttack> {
    let mut calls = results();
    calls.extend(arguments());
    calls.extend(work());
    calls
}

/// Too much comes back.
fn results() -> Vec<CallAttack> {
    let publish = |name, what, make| CallAttack {
        name,
        what,
        asked: Asked::Publish,
        at_once: 6,
        expected: Expected::Refused(RESULT_WORDS),
        make,
    };
    vec![
        publish(
            "findings-aliased",
            "rejected with 50 findings that alias one string of 1 MB",
            || rejected(50, 1 << 20),
        ),
        publish(
            "findings-many",
            "rejected with two million findings of a byte",
            || rejected(2_000_000, 1),
        ),
        publish("finding-long", "rejected with one finding of 60 MB", || {
            rejected(1, LONGEST)
        }),
        publish("failed-long", "failed with a text of 60 MB", || {
            distributing(LONGEST, &failure(5, LONGEST))
        }),
        publish(
            "unauthorized-long",
            "unauthorized with a text of 1 MB",
            || distributing(1 << 20, &failure(1, 1 << 20)),
        ),
        publish("receipt-long", "live with an id and a URL of 50 MB", || {
            let text = (TEXT, 50 << 20);
            let id = store(&[(16, 1), (20, text.0), (24, text.1)]);
            let url = store(&[(28, 1), (32, text.0), (36, text.1)]);
            distributing(50 << 20, &(id + &url + RETURN))
        }),
        publish(
            "assets-aliased",
            "1,000 prepared files that alias one of 1 MB",
            || {
                let texts = [(0, 8), (8, 8), (16, 1 << 20)];
                let (list, filled) = aliasing(1_000, 24, 1 << 20, &texts);
                let action = store(&[(8, 1), (24, list), (28, 1_000)]);
                distributing(1 << 20, &(filled + &action + RETURN))
            },
        ),
        publish("instructions-long", "instructions of 60 MB", || {
            let action = store(&[(8, 1), (16, TEXT), (20, LONGEST)]);
            distributing(LONGEST, &(action + RETURN))
        }),
        CallAttack {
            asked: Asked::Check,
            expected: Expected::Refused(&["could not check"]),
            ..publish(
                "check-findings-aliased",
                "a check that finds 50 things that alias one string of 1 MB",
                || {
                    let (list, filled) = findings(50, 1 << 20);
                    let result = store(&[(0, list), (4, 50)]);
                    ChannelText {
                        memory: PAGES.to_string(),
                        check: fill(1 << 20) + &filled + &result + RETURN,
                        ..ChannelText::default()
                    }
                },
            )
        },
        CallAttack {
            asked: Asked::Preview,
            expected: Expected::Refused(&["could not make a preview"]),
            ..publish("preview-long", "a preview of 60 MB", || ChannelText {
                memory: PAGES.to_string(),
                preview: fill(LONGEST) + &store(&[(0, TEXT), (4, LONGEST)]) + RETURN,
                ..ChannelText::default()
            })
        },
    ]
}

/// Too much is handed to a function of the host.
fn arguments() -> Vec<CallAttack> {
    let call = |name, what, make| CallAttack {
        name,
        what,
        asked: Asked::Publish,
        at_once: 6,
        expected: Expected::Refused(RESULT_WORDS),
        make,
    };
    let contained = |name, what, make| CallAttack {
        expected: Expected::Either,
        ..call(name, what, make)
    };
    vec![
        call("log-long", "one line of 60 MB for the log", || {
            let line = format!("(call $log (i32.const 0) {})", text(LONGEST));
            calling("run", "log", "i32 i32 i32", LONGEST, &line)
        }),
        call("log-flood", "lines of 8 KiB for the log, for ever", || {
            let line = format!("(call $log (i32.const 0) {})", text(8 << 10));
            calling("run", "log", "i32 i32 i32", 8 << 10, &for_ever(&line))
        }),
        contained("remark-long", "a remark of 60 MB", || {
            let remark = format!("(call $remark {})", text(LONGEST));
            calling("run", "remark", "i32 i32", LONGEST, &remark)
        }),
        contained(
            "waiting-flood",
            "a note of 1 MB for the owner, for ever",
            || {
                let note = format!("(call $waiting {})", text(1 << 20));
                calling("run", "waiting", "i32 i32", 1 << 20, &for_ever(&note))
            },
        ),
        contained(
            "accepted-long",
            "accepted, with a receipt of three times 60 MB",
            || {
                let one = text(LONGEST);
                let receipt =
                    format!("(i32.const 1) {one} (i32.const 1) {one} (i32.const 0) (i64.const 0)");
                let accepted = format!("(call $accepted {receipt} {one})");
                let parameters = "i32 i32 i32 i32 i32 i32 i32 i64 i32 i32";
                calling("run", "accepted", parameters, LONGEST, &accepted)
            },
        ),
        contained(
            "setting-long",
            "a setting whose name has 60 MB, for ever",
            || {
                let ask = format!("(call $setting {} (i32.const 2048))", text(LONGEST));
                calling(
                    "account",
                    "setting",
                    "i32 i32 i32",
                    LONGEST,
                    &for_ever(&ask),
                )
            },
        ),
        contained(
            "attributable-many",
            "seven million ids of posts that alias one string",
            || {
                let (list, filled) = aliasing(7_000_000, 8, 1_000, &[(0, 1_000)]);
                let ask = format!(
                    "{filled} (call $attributable (i32.const {list}) (i32.const 7000000)
                        (i64.const 0) (i32.const 2048))"
                );
                calling("account", "attributable", "i32 i32 i64 i32", 1_000, &ask)
            },
        ),
        contained(
            "request-body-long",
            "a request with a body of 60 MB",
            || {
                let body = format!("(i32.const 1) {}", text(LONGEST));
                sending(LONGEST, "", "(i32.const 0) (i32.const 0)", &body)
            },
        ),
        contained(
            "request-headers-many",
            "a request with three million header fields that alias one string",
            || {
                let (list, filled) = aliasing(3_000_000, 16, 1_000, &[(0, 1_000), (8, 1_000)]);
                let headers = format!("(i32.const {list}) (i32.const 3000000)");
                let body = "(i32.const 0) (i32.const 0) (i32.const 0)";
                sending(1_000, &filled, &headers, body)
            },
        ),
        contained("requests-many", "a million requests at once", || {
            let (list, filled) = aliasing(1_000_000, 52, 1_000, &[(4, 1_000)]);
            let send = format!(
                "{filled} (call $send-all (i32.const {list}) (i32.const 1000000) (i32.const 2048))"
            );
            calling("http", "send-all", "i32 i32 i32", 1_000, &send)
        }),
    ]
}

/// Time and memory.
fn work() -> Vec<CallAttack> {
    let call = |name, what, at_once, words, make| CallAttack {
        name,
        what,
        asked: Asked::Publish,
        at_once,
        expected: Expected::Refused(words),
        make,
    };
    vec![
        call(
            "fuel-burner",
            "computes for ever",
            8,
            &["limit \"fuel\""],
            || distributing(0, &for_ever("")),
        ),
        call(
            "memory-hog",
            "takes all the memory that it gets, and writes to it",
            64,
            &["limit \"memory"],
            || {
                let grow = for_ever(
                    "(local.set $at (memory.grow (i32.const 16)))
                     (if (i32.eq (local.get $at) (i32.const -1)) (then unreachable))
                     (memory.fill (i32.mul (local.get $at) (i32.const 65536)) (i32.const 97)
                        (i32.const 1048576))",
                );
                ChannelText {
                    distribute: grow,
                    ..ChannelText::default()
                }
            },
        ),
        call(
            "memory-writer",
            "takes nearly all the memory that it may, and writes to it until its fuel ends",
            64,
            &["limit \"fuel\"", "limit \"active time\""],
            || distributing(LONGEST, &for_ever(&fill(LONGEST))),
        ),
        call(
            "recursion",
            "calls itself for ever",
            8,
            &["limit \"stack\""],
            || ChannelText {
                declares: "(func $deeper (call $deeper))".to_owned(),
                distribute: "(call $deeper)".to_owned(),
                ..ChannelText::default()
            },
        ),
        call(
            "host-calls",
            "asks the host for the time, for ever",
            8,
            &["limit \"host calls\""],
            || {
                let import = r#"(import "baepo:channel/run@1.0.0" "now" (func $now (result i64)))"#;
                ChannelText {
                    imports: import.to_owned(),
                    distribute: for_ever("(drop (call $now))"),
                    ..ChannelText::default()
                }
            },
        ),
        call("trap", "traps", 8, &["trap"], || {
            distributing(0, "unreachable")
        }),
    ]
}
