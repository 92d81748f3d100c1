//! What takes a compiler's time and memory, and what happens at the start of an instance.

use std::fmt::Write as _;

use super::channel::{ChannelText, declared, with_module};
use super::upload::{Expected, Upload};

/// Whoever compiles may bound what it reads, or what it spends.
const CODE_WORDS: &[&str] = &[
    "function", "loop", "locals", "memory", "time", "compil", "body", "code", "segment",
];
const START_WORDS: &[&str] = &["start", "fuel", "time", "trap", "memory"];
const SIZE_WORDS: &[&str] = &["memor", "table"];

pub fn uploads() -> Vec<Upload> {
    let mut uploads = Vec::new();
    for (loops, locals) in [(30, 300), (300, 3_000), (1_000, 5_000), (5_000, 20_000)] {
        let expected = if loops < 100 {
            Expected::Either
        } else {
            Expected::Refused(CODE_WORDS)
        };
        uploads.push(code(
            format!("loops-{loops}-locals-{locals}"),
            format!("one function of {loops} nested loops in which {locals} locals change"),
            expected,
            move || nested_loops(loops, locals),
        ));
    }
    uploads.push(code(
        "many-loopy-functions-200",
        "200 functions of 30 nested loops in which 1,000 locals change",
        Expected::Either,
        || nested_loops(30, 1_000).repeat(200),
    ));
    uploads.push(code(
        "many-functions-200000",
        "200,000 functions that do nothing",
        Expected::Refused(CODE_WORDS),
        || "(func)".repeat(200_000),
    ));
    uploads.push(code(
        "locals-50000",
        "a function of 50,000 locals, and as many that are set",
        Expected::Either,
        || nested_loops(1, 50_000),
    ));
    uploads.push(code(
        "blocks-50000",
        "50,000 blocks nested in each other",
        Expected::Either,
        || {
            format!(
                "(func {} {})",
                "block ".repeat(50_000),
                "end ".repeat(50_000)
            )
        },
    ));
    uploads.push(code(
        "br-table-1000000",
        "a jump with a million targets",
        Expected::Either,
        || format!("(func (br_table {}(i32.const 0)))", "0 ".repeat(1_000_000)),
    ));
    uploads.push(code(
        "br-table-of-blocks-5000",
        "a jump to each of 5,000 blocks, again in each of them",
        Expected::Either,
        || jump_tables(5_000, 50),
    ));
    uploads.push(code(
        "straight-line-3mb",
        "a function of 3 MB that adds",
        Expected::Either,
        || {
            let add = "local.get 0 i32.const 1 i32.add local.set 0 ";
            format!("(func (param i32) {})", add.repeat(400_000))
        },
    ));
    uploads.extend(starts());
    uploads.extend(sizes());
    uploads
}

/// Code that runs before anything is asked of the channel.
fn starts() -> Vec<Upload> {
    let started = |name, what, expected, body: &'static str| {
        code(name, what, expected, move || {
            format!("(memory 1) (func $begin {body}) (start $begin)")
        })
    };
    vec![
        started(
            "start-loops",
            "a start function that never ends",
            Expected::Refused(START_WORDS),
            "(loop $for_ever (br $for_ever))",
        ),
        started(
            "start-allocates",
            "a start function that takes memory for ever",
            Expected::Refused(START_WORDS),
            "(loop $for_ever (memory.grow (i32.const 16)) drop (br $for_ever))",
        ),
        started(
            "start-fills",
            "a start function that takes what it may and writes to all of it for ever",
            Expected::Refused(START_WORDS),
            "(drop (memory.grow (i32.const 900)))
             (loop $for_ever
                (memory.fill (i32.const 0) (i32.const 1)
                    (i32.mul (memory.size) (i32.const 65536)))
                (br $for_ever))",
        ),
        started(
            "start-traps",
            "a start function that traps",
            Expected::Refused(START_WORDS),
            "unreachable",
        ),
        started(
            "start-recurses",
            "a start function that calls itself",
            Expected::Refused(&["start", "stack"]),
            "(call $begin)",
        ),
    ]
}

/// What an instance begins with.
fn sizes() -> Vec<Upload> {
    let sized = |name: &str, what: &str, expected, text: &str| {
        let text = text.to_owned();
        code(name, what, expected, move || text.clone())
    };
    let mut uploads = vec![
        sized(
            "second-memory-4gb",
            "a second memory of 4 GiB",
            Expected::Refused(SIZE_WORDS),
            "(memory 65536)",
        ),
        sized(
            "memories-200",
            "200 memories",
            Expected::Refused(SIZE_WORDS),
            &"(memory 0)".repeat(200),
        ),
        sized(
            "table-4000000000",
            "a table of four billion elements",
            Expected::Refused(SIZE_WORDS),
            "(table 4000000000 funcref)",
        ),
        sized(
            "tables-5000",
            "5,000 tables",
            Expected::Refused(SIZE_WORDS),
            &"(table 1 funcref)".repeat(5_000),
        ),
        sized(
            "elements-out-of-bounds",
            "an element segment beyond its table",
            Expected::Refused(&["start", "table", "element"]),
            "(table 1 funcref) (func $f) (elem (i32.const 100) $f)",
        ),
        sized(
            "data-out-of-bounds",
            "a data segment beyond its memory",
            Expected::Refused(&["start", "memory", "data"]),
            r#"(memory 1) (data (i32.const 4000000000) "a")"#,
        ),
        sized(
            "data-segments-90000",
            "90,000 data segments of a byte",
            Expected::Either,
            &format!(
                "(memory 1) {}",
                r#"(data (i32.const 0) "a")"#.repeat(90_000)
            ),
        ),
        sized(
            "elements-2000000",
            "an element segment of two million elements",
            Expected::Refused(&["element", "table", "segment", "memory"]),
            &format!(
                "(table 2000000 funcref) (func $f) (elem (i32.const 0) func {})",
                "$f ".repeat(2_000_000)
            ),
        ),
        sized(
            "globals-500000",
            "500,000 globals",
            Expected::Refused(&["global"]),
            &"(global i32 (i32.const 0))".repeat(500_000),
        ),
    ];
    uploads.push(Upload::new(
        "memory-4gb",
        "a channel whose memory begins with 4 GiB",
        Expected::Refused(SIZE_WORDS),
        || {
            let channel = ChannelText {
                memory: "65536".to_owned(),
                ..ChannelText::default()
            };
            declared(channel.component())
        },
    ));
    uploads.push(Upload::new(
        "data-20mb",
        "20 MB of data in a memory of 64 MiB",
        Expected::Either,
        || {
            let mut text = String::from(r#"(data (i32.const 0) ""#);
            text.push_str(&"a".repeat(20_000_000));
            text.push_str(r#"")"#);
            let channel = ChannelText {
                memory: "1024".to_owned(),
                declares: text,
                ..ChannelText::default()
            };
            declared(channel.component())
        },
    ));
    uploads
}

fn code(
    name: impl Into<String>,
    what: impl Into<String>,
    expected: Expected,
    declares: impl Fn() -> String + Send + Sync + 'static,
) -> Upload {
    Upload::new(name, what, expected, move || {
        declared(with_module(&format!("(module {})", declares())))
    })
}

/// Every local has a value of its own at the head of every loop: `loops × locals` values to be
/// told apart.
fn nested_loops(loops: usize, locals: usize) -> String {
    let mut text = format!("(func (local {})", "i32 ".repeat(locals));
    text.push_str(&"loop ".repeat(loops));
    for local in 0..locals {
        write!(
            text,
            "local.get {local} i32.const 1 i32.add local.set {local} "
        )
        .expect("a string");
    }
    for level in 0..loops {
        write!(text, "local.get {} br_if 0 end ", level % locals).expect("a string");
    }
    text.push(')');
    text
}

/// In every tenth block a jump to `targets` of those around it.
fn jump_tables(blocks: usize, targets: usize) -> String {
    let mut text = String::from("(func (param i32) ");
    for depth in 1..=blocks {
        text.push_str("block ");
        if depth % 10 == 0 {
            text.push_str("block local.get 0 br_table ");
            for target in 0..targets {
                write!(text, "{} ", target * depth / targets).expect("a string");
            }
            text.push_str("0 end ");
        }
    }
    text.push_str(&"end ".repeat(blocks));
    text.push(')');
    text
}
