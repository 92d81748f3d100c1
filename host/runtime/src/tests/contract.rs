//! A component of another contract is refused with the interface, the function and what differs.

use baepo_domain::ports::Channels as _;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use super::support::{RuntimeFixture, small};
use crate::componentize;

const WIT: &str = include_str!("../../../../wit/channel.wit");
const MANIFEST: &str = "id = \"by-hand\"\n[names]\nko = \"손\"\nen = \"Hand\"\n";

/// A component that does nothing, for a world of this contract.
fn component(wit: &str, world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("changed.wit", wit).expect("valid");
    let world = resolve
        .select_world(&[package], Some(world))
        .expect("it is there");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let component = ComponentEncoder::default()
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .expect("a component");
    componentize(&component, MANIFEST).expect("with a manifest")
}

/// With this in place of that, once.
fn changed(from: &str, to: &str) -> String {
    assert!(WIT.contains(from), "{from}");
    WIT.replacen(from, to, 1)
}

#[tokio::test]
async fn a_component_of_the_contract_loads() {
    let fixture = RuntimeFixture::with(small());
    for world in ["channel-plugin", "full-channel-plugin"] {
        let loaded = fixture.runtime.load(component(WIT, world)).await;
        let abilities = loaded.expect("it loads").release().abilities;
        assert_eq!(abilities.preview, world == "full-channel-plugin");
    }
}

#[tokio::test]
async fn a_changed_type_or_function_is_named_with_its_place() {
    let cases = [
        (
            changed(
                "    title: string,",
                "    title: string,\n    subtitle: string,",
            ),
            "imports baepo:channel/types@1.0.0 in another form: content is a record of title, \
             subtitle, body, hashtags, link, media, period, in the contract a record of title, body, \
             hashtags, link, media, period",
        ),
        (
            changed(
                "enum media-kind { image, video, audio }",
                "enum media-kind { image, video }",
            ),
            "imports baepo:channel/types@1.0.0 in another form: media-kind is an enum of image, video, in the contract an enum of image, \
             video, audio",
        ),
        (
            changed("rate-limited(option<u64>)", "rate-limited(option<u32>)"),
            "failure.rate-limited is u32, in the contract u64",
        ),
        (
            changed("status: u16,", "status: u32,"),
            "imports baepo:channel/http@1.0.0 in another form: ",
        ),
        (
            changed("repeat: repeat,", "repeat: repeat,\n    retries: u8,"),
            "imports baepo:channel/http@1.0.0 in another form: ",
        ),
        (
            changed(
                "now: func() -> u64;",
                "now: func() -> u64;\n  later: func();",
            ),
            "imports baepo:channel/run@1.0.0 in another form: the contract has no function \"later\"",
        ),
        (
            changed(
                "sleep: func(ms: u64);",
                "sleep: func(ms: u64, why: string);",
            ),
            "the function \"sleep\" is a function of ms, why, in the contract one of ms",
        ),
        (
            changed(
                "  distribute: func(job: job) -> result<outcome, failure>;",
                "",
            ),
            "the function \"distribute\" is missing",
        ),
    ];
    let fixture = RuntimeFixture::with(small());
    for (wit, wanted) in cases {
        let why = fixture.refusal(component(&wit, "channel-plugin")).await;
        assert!(why.contains(wanted), "{why}\n{wanted}");
        assert!(
            why.ends_with("rebuild it with an SDK of baepo:channel@1.0.0"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn a_changed_optional_export_is_refused() {
    let wit = changed(
        "result<option<receipt>, failure>;",
        "result<receipt, failure>;",
    );
    let why = RuntimeFixture::with(small())
        .refusal(component(&wit, "full-channel-plugin"))
        .await;
    assert!(
        why.contains("probe: the result.ok is a record of external-id, url, estimated-reach, in the contract an option"),
        "{why}"
    );
}

#[tokio::test]
async fn another_version_of_the_contract_is_no_substitute() {
    let wit = changed(
        "package baepo:channel@1.0.0;",
        "package baepo:channel@1.1.0;",
    );
    let why = RuntimeFixture::with(small())
        .refusal(component(&wit, "channel-plugin"))
        .await;
    assert!(why.contains("\"baepo:channel/http@1.1.0\""), "{why}");
    assert!(why.contains("baepo:channel/http@1.0.0"), "{why}");
    assert!(
        why.ends_with("rebuild it with an SDK of baepo:channel@1.0.0"),
        "{why}"
    );
}

#[tokio::test]
async fn an_optional_export_of_another_version_is_refused() {
    let text = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (instance $channel (export "f" (func $f)))
        (export "baepo:channel/channel@1.0.0" (instance $channel))
        (export "baepo:channel/probe@2.0.0" (instance $channel)))"#;
    let component = componentize(&wat::parse_str(text).expect("valid"), MANIFEST);
    let why = RuntimeFixture::with(small())
        .refusal(component.expect("with a manifest"))
        .await;
    assert!(
        why.starts_with("the component exports \"baepo:channel/probe@2.0.0\""),
        "{why}"
    );
}

#[tokio::test]
async fn foreign_imports_are_listed_up_to_a_number_before_anything_is_compiled() {
    let imports: String = (0..100)
        .map(|number| format!("(import \"wasi:clocks/c{number}@0.2.9\" (instance))"))
        .collect();
    // It is not valid: a compiler would say so.
    let text = format!("(component {imports} (core module (func (result i32))))");
    let component = componentize(&wat::parse_str(&text).expect("can be written"), MANIFEST);
    let why = RuntimeFixture::with(small())
        .refusal(component.expect("with a manifest"))
        .await;
    assert!(
        why.starts_with("the component imports \"wasi:clocks/c0@0.2.9\", "),
        "{why}"
    );
    assert!(why.contains("\"wasi:clocks/c7@0.2.9\", 92 more"), "{why}");
    assert!(
        why.ends_with("build it without WASI, for Rust with the target wasm32-unknown-unknown"),
        "{why}"
    );
}
