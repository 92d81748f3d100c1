//! Depth: components in components, types in types.

use super::channel::{declared, quiet};
use super::raw::{COMPONENT_HEADER, component, leb, list, section, type_index};
use super::upload::{Expected, Upload};

const DEPTH_WORDS: &[&str] = &["nest", "depth", "deep"];
const TYPE_WORDS: &[&str] = &["type", "nest", "depth", "deep"];

pub fn uploads() -> Vec<Upload> {
    let mut uploads = Vec::new();
    for depth in [100, 1_000, 10_000, 20_000, 100_000] {
        uploads.push(Upload::new(
            format!("nested-components-{depth}"),
            format!("components nested in each other, {depth} deep"),
            Expected::Refused(DEPTH_WORDS),
            move || declared(nested_components(depth)),
        ));
    }
    for depth in [50, 1_000, 100_000, 1_000_000] {
        uploads.push(Upload::new(
            format!("nested-instance-types-{depth}"),
            format!("one type of an instance that holds a type of an instance, {depth} deep"),
            Expected::Refused(TYPE_WORDS),
            move || declared(nested_types(0x42, depth)),
        ));
    }
    uploads.push(Upload::new(
        "nested-component-types-100000",
        "the same with types of components, 100,000 deep",
        Expected::Refused(TYPE_WORDS),
        || declared(nested_types(0x41, 100_000)),
    ));
    uploads.push(Upload::new(
        "deep-lists-1000",
        "list<list<…>>, 1,000 deep",
        Expected::Either,
        || beside(&chain_of_types(1_000, list_of)),
    ));
    uploads.push(Upload::new(
        "deep-lists-200000",
        "list<list<…>>, 200,000 deep",
        Expected::Refused(TYPE_WORDS),
        || beside(&chain_of_types(200_000, list_of)),
    ));
    uploads.push(Upload::new(
        "doubling-tuples-64",
        "64 tuples, each of two of the one before: 2^64 fields",
        Expected::Refused(TYPE_WORDS),
        || beside(&chain_of_types(64, pair_of)),
    ));
    uploads.push(Upload::new(
        "component-beside-channel",
        "a channel with another whole channel nested in it, unused",
        Expected::Either,
        || beside(&quiet()),
    ));
    uploads
}

/// One of each, of a few levels.
pub fn small() -> impl Iterator<Item = Vec<u8>> {
    [
        nested_components(9),
        nested_types(0x42, 9),
        nested_types(0x41, 9),
        chain_of_types(9, list_of),
        chain_of_types(9, pair_of),
    ]
    .into_iter()
}

/// Written from the inside: each level knows the length of what it holds.
fn nested_components(depth: usize) -> Vec<u8> {
    let mut heads = vec![COMPONENT_HEADER.to_vec()];
    let mut length = COMPONENT_HEADER.len();
    for _ in 0..depth {
        let mut head = COMPONENT_HEADER.to_vec();
        head.push(super::raw::section::COMPONENT);
        head.extend(leb(length));
        length += head.len();
        heads.push(head);
    }
    heads.into_iter().rev().flatten().collect()
}

/// One type whose only declaration is a type whose only declaration …
fn nested_types(kind: u8, depth: usize) -> Vec<u8> {
    const ONE_DECLARATION: u8 = 1;
    const A_TYPE: u8 = 1;
    let mut ty = [kind, ONE_DECLARATION, A_TYPE].repeat(depth);
    ty.extend([kind, 0]);
    component(&[list(super::raw::section::TYPE, 1, &ty)])
}

/// A channel that is in order, and another component in it that nobody uses.
fn beside(nested: &[u8]) -> Vec<u8> {
    [quiet(), section(super::raw::section::COMPONENT, nested)].concat()
}

fn list_of(previous: usize) -> Vec<u8> {
    [&[0x70][..], &type_index(previous)].concat()
}

fn pair_of(previous: usize) -> Vec<u8> {
    let previous = type_index(previous);
    [&[0x6f, 2][..], &previous, &previous].concat()
}

/// Types that each refer to the one before; the first is a string's list.
fn chain_of_types(length: usize, next: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    const LIST_OF_STRINGS: [u8; 2] = [0x70, 0x73];
    let mut types = LIST_OF_STRINGS.to_vec();
    for previous in 0..length {
        types.extend(next(previous));
    }
    component(&[list(super::raw::section::TYPE, length + 1, &types)])
}
