use proptest::prelude::*;
use wasm_encoder as enc;

use super::bounds::BOUNDS;
use super::*;

/// Sections of one id, as they are in the bytes.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut section = vec![id];
    enc::Encode::encode(content, &mut section);
    section
}

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const CORE_TYPES: u8 = 3;
const COMPONENT_TYPES: u8 = 7;

fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [COMPONENT.to_vec(), sections.concat()].concat()
}

fn module(text: &str) -> Vec<u8> {
    let module = wat::parse_str(text).expect("valid text");
    let mut around = enc::Component::new();
    around.section(&enc::RawSection {
        id: enc::ComponentSectionId::CoreModule.into(),
        data: &module,
    });
    around.finish()
}

fn var_u32(number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    enc::Encode::encode(&number, &mut bytes);
    bytes
}

fn refusal(component: &[u8]) -> String {
    check(component).expect_err("too much").to_string()
}

/// Components in components, each in the only section of the one around it.
fn nested(levels: usize) -> Vec<u8> {
    let mut heads = Vec::new();
    let mut inner = COMPONENT.len();
    for _ in 0..levels {
        let length = u32::try_from(inner).expect("small");
        let head = [COMPONENT.to_vec(), vec![4], var_u32(length)].concat();
        inner += head.len();
        heads.push(head);
    }
    heads.reverse();
    [heads.concat(), COMPONENT.to_vec()].concat()
}

#[test]
fn bounds_are_in_order_and_have_room_for_four_times_of_what_is_needed() {
    for (index, bound) in BOUNDS.iter().enumerate() {
        assert_eq!(bound.counted as usize, index);
        assert!(bound.allowed >= 4 * bound.needed, "{:?}", bound.counted);
    }
}

#[test]
fn components_nested_20_000_deep_are_refused_at_the_first_level_too_many() {
    assert!(check(&nested(8)).is_ok());
    let wanted = "the component has at least 9 levels of nested components, the host takes at most 8: \
                  link fewer parts into it";
    assert_eq!(refusal(&nested(9)), wanted);
    assert_eq!(refusal(&nested(20_000)), wanted);
}

#[test]
fn types_nested_a_million_deep_are_refused_without_recursion() {
    let levels = 1_000_000;
    // A section of one type, an instance type of one declaration, a type, an instance type of …
    let mut types = vec![1, 0x42, 1];
    types.extend([1, 0x42, 1].repeat(levels));
    let why = refusal(&component(&[section(COMPONENT_TYPES, &types)]));
    assert!(why.contains("at least 9 levels of nested types"), "{why}");
}

#[test]
fn a_function_with_many_locals_in_loops_in_loops_is_refused() {
    let shape = |loops: usize, locals: usize| {
        let uses: String = (0..locals)
            .map(|local| format!("(local.set {local} (i32.add (local.get {local}) (i32.const 1)))"))
            .collect();
        let open = "(loop ".repeat(loops);
        let close = ")".repeat(loops);
        module(&format!(
            "(module (func (local {}) {open}{uses}{close}))",
            "i32 ".repeat(locals)
        ))
    };
    assert!(check(&shape(3, 3_000)).is_ok());
    let why = refusal(&shape(300, 3_000));
    assert!(why.contains("locals in loops of one function"), "{why}");
    assert!(
        why.ends_with("compile it with optimisation, or split the function"),
        "{why}"
    );
}

#[test]
fn a_function_with_many_locals_across_many_branches_is_refused() {
    let ifs = "(if (local.get 0) (then (local.set 1 (i32.const 1))))".repeat(20_000);
    let uses: String = (0..3_000)
        .map(|local| format!("(drop (local.get {local}))"))
        .collect();
    let text = format!(
        "(module (func (local {}) {ifs}{uses}))",
        "i32 ".repeat(3_000)
    );
    let why = refusal(&module(&text));
    assert!(
        why.contains("locals across branches of one function"),
        "{why}"
    );
}

#[test]
fn functions_are_counted_by_loops_and_branches() {
    let text = "(module (func (local i32 i32 i32)
        (loop (local.set 0 (i32.const 1)) (local.set 1 (i32.const 1)) (loop (local.set 2 (i32.const 1))))
        (block (block (br_table 0 1 0 (local.get 0))))))";
    let mut tally = Tally::default();
    count(&module(text), &mut tally).expect("small");
    assert_eq!(tally.of(Counted::FunctionLocals), 3);
    assert_eq!(tally.of(Counted::BlockLevels), 2);
    // Three in the outer loop, one of them in the inner one, too.
    assert_eq!(tally.of(Counted::LoopLocals), 4);
    // Four blocks and three targets, with three locals each.
    assert_eq!(tally.of(Counted::BranchLocals), 21);
}

#[test]
fn every_count_is_bounded_and_named() {
    let core =
        |text: &str, times: u64| module(&format!("(module {})", text.repeat(times as usize)));
    let many = |id: u8, item: &[u8], times: u64| {
        let count = u32::try_from(times).expect("small");
        let items = item.repeat(times as usize);
        component(&[section(id, &[var_u32(count), items].concat())])
    };
    let empty_module = section(1, b"\0asm\x01\0\0\0");
    type Build = Box<dyn Fn(u64) -> Vec<u8>>;
    let cases: Vec<(Counted, Build)> = vec![
        (
            Counted::Sections,
            Box::new(|times| component(&vec![section(CORE_TYPES, &[0]); times as usize])),
        ),
        (
            Counted::CustomSections,
            Box::new(|times| component(&vec![section(0, &[0]); times as usize])),
        ),
        (
            Counted::Parts,
            Box::new(move |times| component(&vec![empty_module.clone(); times as usize])),
        ),
        (
            Counted::Instances,
            Box::new(move |times| many(2, &[1, 0], times)),
        ),
        (
            Counted::Aliases,
            Box::new(move |times| many(6, &[3, 2, 0, 0], times)),
        ),
        (
            Counted::CanonicalFunctions,
            Box::new(move |times| many(8, &[3, 0], times)),
        ),
        (
            Counted::Imports,
            Box::new(move |times| core("(import \"\" \"\" (func))", times)),
        ),
        (
            Counted::Exports,
            Box::new(move |times| {
                let exports: String = (0..times)
                    .map(|name| format!("(export \"{name}\" (func 0))"))
                    .collect();
                module(&format!("(module (func) {exports})"))
            }),
        ),
        (
            Counted::Types,
            Box::new(move |times| many(COMPONENT_TYPES, &[0x7f], times)),
        ),
        (
            Counted::Functions,
            Box::new(move |times| core("(func)", times)),
        ),
        (
            Counted::Globals,
            Box::new(move |times| core("(global i32 (i32.const 0))", times)),
        ),
        (
            Counted::Memories,
            Box::new(move |times| core("(memory 0)", times)),
        ),
        (
            Counted::Tables,
            Box::new(move |times| core("(table 0 funcref)", times)),
        ),
        (Counted::Tags, Box::new(move |times| core("(tag)", times))),
        (
            Counted::ElementSegments,
            Box::new(move |times| core("(elem funcref)", times)),
        ),
        (
            Counted::DataSegments,
            Box::new(move |times| core("(data)", times)),
        ),
        (
            Counted::FunctionLocals,
            Box::new(move |times| {
                module(&format!(
                    "(module (func (local {})))",
                    "i32 ".repeat(times as usize)
                ))
            }),
        ),
        (
            Counted::FunctionBytes,
            Box::new(move |times| {
                module(&format!(
                    "(module (func {}))",
                    "nop ".repeat(times as usize)
                ))
            }),
        ),
        (
            Counted::BlockLevels,
            Box::new(move |times| {
                let times = times as usize;
                module(&format!(
                    "(module (func {} {}))",
                    "block ".repeat(times),
                    "end ".repeat(times)
                ))
            }),
        ),
    ];
    for (counted, build) in cases {
        let bound = &BOUNDS[counted as usize];
        let why = refusal(&build(bound.allowed + 1));
        assert!(why.contains(bound.what), "{counted:?}: {why}");
    }
}

#[test]
fn parts_of_types_are_counted_in_every_kind_of_type() {
    // 30 records of 10,000 fields, each in an instance type.
    let mut records = var_u32(30);
    for _ in 0..30 {
        records.extend([0x42, 1, 1, 0x72]);
        records.extend(var_u32(10_000));
        records.extend([1, b'a', 0x7f].repeat(10_000));
    }
    let why = refusal(&component(&[section(COMPONENT_TYPES, &records)]));
    assert!(
        why.contains("fields, cases and parameters of types"),
        "{why}"
    );
    let functions = format!("(type (func {}))", "(param i32) ".repeat(1_000)).repeat(300);
    let why = refusal(&module(&format!("(module {functions})")));
    assert!(
        why.contains("fields, cases and parameters of types"),
        "{why}"
    );
}

#[test]
fn a_component_that_is_cut_off_is_named_as_such_at_every_byte() {
    let whole = module("(module (func (local i32) (loop (local.set 0 (i32.const 1)))))");
    assert!(check(&whole).is_ok());
    for length in COMPONENT.len() + 1..whole.len() {
        let why = refusal(&whole[..length]);
        assert!(
            why.starts_with("the component is cut off or damaged"),
            "{length}: {why}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_are_counted_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = check(&bytes);
        let _ = check(&component(std::slice::from_ref(&bytes)));
        let _ = check(&component(&[section(COMPONENT_TYPES, &bytes)]));
    }

    #[test]
    fn a_mutated_component_is_counted_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = module(
            "(module (import \"a\" \"b\" (func (param i32))) (memory 1) (table 1 funcref) (elem (i32.const 0) 0)
                (data (i32.const 0) \"x\") (func (export \"f\") (local i64) (block (loop (br_if 1 (i32.const 0))))))",
        );
        bytes.extend(section(COMPONENT_TYPES, &[1, 0x42, 1, 1, 0x72, 1, 1, b'a', 0x7f]));
        prop_assert!(check(&bytes).is_ok());
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = check(&bytes);
    }
}
