//! Pieces of WebAssembly text for channels that do their worst: strings, lists that alias one, results.

use super::channel::ChannelText;

/// Where strings begin, behind what the host writes into the component.
pub(super) const TEXT: usize = 1 << 16;
/// Where results lie.
pub(super) const RESULT: usize = 1_024;
/// Of a component, with room below the limit of 64 MiB.
pub(super) const PAGES: usize = 1_000;
/// As long as a string can be beside everything else.
pub(super) const LONGEST: usize = 60 << 20;

pub(super) const RETURN: &str = "(return (i32.const 1024))";

/// A channel with `bytes` of text in its memory and this body of `distribute`.
pub(super) fn distributing(bytes: usize, body: &str) -> ChannelText {
    ChannelText {
        memory: PAGES.to_string(),
        distribute: fill(bytes) + body,
        ..ChannelText::default()
    }
}

/// The same, with a function of the host's by its own name.
pub(super) fn calling(
    interface: &str,
    name: &str,
    parameters: &str,
    bytes: usize,
    body: &str,
) -> ChannelText {
    ChannelText {
        imports: format!(
            r#"(import "baepo:channel/{interface}@1.0.0" "{name}" (func ${name} (param {parameters})))"#
        ),
        ..distributing(bytes, body)
    }
}

/// One GET to an address that nobody granted, with these header fields and this body.
pub(super) fn sending(bytes: usize, before: &str, headers: &str, body: &str) -> ChannelText {
    let url = text(16);
    let rest = "(i32.const 0) ".repeat(5);
    let send = format!(
        "{before} (call $send (i32.const 0) {url} {headers} {body} {rest} (i32.const 2048))"
    );
    calling("http", "send", &"i32 ".repeat(14), bytes, &send)
}

/// `err(rejected)` with so many findings that alias one string.
pub(super) fn rejected(count: usize, bytes: usize) -> ChannelText {
    let (list, filled) = findings(count, bytes);
    let result = store(&[(0, 1), (8, 0), (16, list), (20, count)]);
    distributing(bytes, &(filled + &result + RETURN))
}

/// `err` of the variant's case with a string.
pub(super) fn failure(case: usize, bytes: usize) -> String {
    store(&[(0, 1), (8, case), (16, TEXT), (20, bytes)]) + RETURN
}

/// A list of findings; where it lies, and the code that writes it.
pub(super) fn findings(count: usize, bytes: usize) -> (usize, String) {
    aliasing(count, 20, bytes, &[(4, 1), (12, bytes)])
}

/// A list of `count` records of `size` bytes behind a text of `bytes`; each has strings of these
/// lengths at these offsets.
pub(super) fn aliasing(
    count: usize,
    size: usize,
    bytes: usize,
    strings: &[(usize, usize)],
) -> (usize, String) {
    let list = (TEXT + bytes).next_multiple_of(8);
    let strings: String = strings
        .iter()
        .map(|(offset, length)| {
            let behind = offset + 4;
            format!(
                "(i32.store offset={offset} (local.get $at) (i32.const {TEXT}))
                 (i32.store offset={behind} (local.get $at) (i32.const {length}))"
            )
        })
        .collect();
    let code = format!(
        "(local.set $at (i32.const {list})) (local.set $left (i32.const {count}))
         (block $done (loop $next
            (br_if $done (i32.eqz (local.get $left)))
            {strings}
            (local.set $at (i32.add (local.get $at) (i32.const {size})))
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br $next)))"
    );
    (list, code)
}

/// Numbers at offsets of the result.
pub(super) fn store(values: &[(usize, usize)]) -> String {
    let stores = values.iter().map(|(offset, value)| {
        format!("(i32.store offset={offset} (i32.const {RESULT}) (i32.const {value}))")
    });
    stores.collect()
}

pub(super) fn fill(bytes: usize) -> String {
    format!("(memory.fill (i32.const {TEXT}) (i32.const 97) (i32.const {bytes}))")
}

/// A string as two arguments.
pub(super) fn text(bytes: usize) -> String {
    format!("(i32.const {TEXT}) (i32.const {bytes})")
}

pub(super) fn for_ever(body: &str) -> String {
    format!("(loop $for_ever {body} (br $for_ever))")
}
