//! What becomes a release, and what is refused with which words.

use std::os::unix::fs::PermissionsExt as _;

use baepo_domain::model::text::Language;
use baepo_domain::ports::Channels as _;

use super::support::{Guest, RuntimeFixture, core_module_for_world, small};
use crate::{ComponentizeError, RuntimeConfig, componentize, manifest_of};

const MANIFEST: &str = "id = \"by-hand\"\n[names]\nko = \"손\"\nen = \"Hand\"\n";

#[tokio::test]
async fn concurrent_loads_of_a_component_compile_it_once() {
    let fixture = RuntimeFixture::with(small());
    let component = Guest::that("").build();
    let (one, other) = tokio::join!(
        fixture.runtime.load(component.clone()),
        fixture.runtime.load(component)
    );
    let (one, other) = (one.expect("it loads"), other.expect("it loads"));
    let (one, other) = (one.release(), other.release());
    assert!(std::ptr::eq(one, other));
    assert_eq!(one.manifest.id.as_str(), "by-hand");
    assert!(!one.abilities.preview);
}

#[tokio::test]
async fn bytes_that_are_no_component_are_rejected() {
    let fixture = RuntimeFixture::with(small());
    let why = fixture.refusal(b"not wasm at all".to_vec()).await;
    assert_eq!(why, "this is neither a WebAssembly module nor a component");
    let why = fixture
        .refusal(wat::parse_str("(module)").expect("valid"))
        .await;
    assert!(why.starts_with("this is a core module"), "{why}");
    let why = fixture
        .refusal(wat::parse_str("(component)").expect("valid"))
        .await;
    assert!(why.contains("no \"baepo:channel.toml\" section"), "{why}");
}

#[tokio::test]
async fn a_component_of_another_world_is_rejected() {
    let empty = wat::parse_str("(component)").expect("valid");
    let component = componentize(&empty, MANIFEST).expect("with a manifest");
    let why = RuntimeFixture::with(small()).refusal(component).await;
    assert!(why.contains("baepo:channel/channel@1.0.0"), "{why}");
}

#[tokio::test]
async fn a_foreign_import_is_rejected_by_name() {
    let text = r#"(component
        (import "wasi:sockets/tcp@0.2.9" (instance (export "connect" (func)))))"#;
    let component = componentize(&wat::parse_str(text).expect("valid"), MANIFEST);
    let why = RuntimeFixture::with(small())
        .refusal(component.expect("with a manifest"))
        .await;
    assert!(why.contains("\"wasi:sockets/tcp@0.2.9\""), "{why}");
    assert!(
        why.contains("offered are baepo:channel/types@1.0.0"),
        "{why}"
    );
}

#[tokio::test]
async fn an_export_of_another_type_is_rejected() {
    let text = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (instance $channel (export "check" (func $f)) (export "distribute" (func $f)))
        (export "baepo:channel/channel@1.0.0" (instance $channel)))"#;
    let component = componentize(&wat::parse_str(text).expect("valid"), MANIFEST);
    let why = RuntimeFixture::with(small())
        .refusal(component.expect("with a manifest"))
        .await;
    assert!(why.starts_with("it does not start"), "{why}");
}

#[tokio::test]
async fn limits_above_the_maximum_are_rejected_with_both_numbers() {
    let guest = Guest {
        manifest: "limits.memory_bytes = 1000000000",
        ..Guest::default()
    };
    let why = RuntimeFixture::with(small()).refusal(guest.build()).await;
    assert_eq!(
        why,
        "channel.toml: limits.memory_bytes: asks for 1,000,000,000, \
         the host allows at most 67,108,864"
    );
}

#[tokio::test]
async fn secret_urls_without_https_are_rejected() {
    let token = "secrets = [{ name = \"id\", description = \"\", example = \"\" }]
        tokens = [{ name = \"t\", url = \"http://a.example\", client_id = \"id\", client_secret = \"id\" }]";
    let refresh = "secrets = [{ name = \"id\", description = \"\", example = \"\", \
        refresh = { url = \"http://a.example/\", secret_query = \"t\" } }]";
    for (manifest, at) in [
        (token, "tokens of \"t\""),
        (refresh, "secrets.refresh of \"id\""),
    ] {
        let guest = Guest {
            manifest,
            ..Guest::default()
        };
        let why = RuntimeFixture::with(small()).refusal(guest.build()).await;
        let wanted = format!("channel.toml: {at}: the address must begin with \"https://\";");
        assert!(why.starts_with(&wanted), "{why}");
    }
}

#[tokio::test]
async fn initial_memory_above_the_limit_is_rejected() {
    let guest = Guest {
        declares: "(memory 20)",
        manifest: "limits.memory_bytes = 655360",
        ..Guest::default()
    };
    let why = RuntimeFixture::with(small()).refusal(guest.build()).await;
    assert_eq!(
        why,
        "the component begins with 1,310,720 bytes of memory, allowed are 655,360"
    );
}

#[tokio::test]
async fn an_oversized_component_is_rejected() {
    let fixture = RuntimeFixture::with(RuntimeConfig {
        component_bytes: 100,
        ..small()
    });
    let why = fixture.refusal(Guest::default().build()).await;
    assert!(why.ends_with("the host takes at most 100"), "{why}");
}

#[tokio::test]
async fn a_cached_component_is_used_only_when_intact() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("aot");
    let config = RuntimeConfig {
        cache_dir: Some(folder.clone()),
        ..small()
    };
    let component = Guest::that("").build();
    let load = async || {
        RuntimeFixture::with(config.clone())
            .runtime
            .load(component.clone())
            .await
            .expect("it loads");
    };
    load().await;
    let files: Vec<_> = std::fs::read_dir(&folder).expect("made").collect();
    let [Ok(file)] = files.as_slice() else {
        panic!("one file, not {files:?}")
    };
    let mode = |path| {
        std::fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(folder.clone()), 0o700);
    assert_eq!(mode(file.path()), 0o600);
    assert_eq!(mode(home.path().join("aot.key")), 0o600);

    let good = std::fs::read(file.path()).expect("readable");
    load().await;
    for odd in [&good[..good.len() - 1], &good[..10], b""] {
        std::fs::write(file.path(), odd).expect("writable");
        load().await;
        assert_eq!(
            std::fs::read(file.path()).expect("readable"),
            good,
            "made again"
        );
    }
    std::fs::write(home.path().join("aot.key"), [7; 32]).expect("writable");
    load().await;
    assert_ne!(
        std::fs::read(file.path()).expect("readable"),
        good,
        "under the other key"
    );
}

#[test]
fn a_component_carries_its_manifest() {
    let component = Guest::default().build();
    let name = |component: &[u8]| {
        let names = manifest_of(component).expect("there").names;
        names.get(Language::English).to_owned()
    };
    assert_eq!(name(&component), "Hand");
    let renamed = componentize(&component, &MANIFEST.replace("Hand", "Foot")).expect("again");
    assert_eq!(name(&renamed), "Foot");
    assert_eq!(renamed.len(), component.len() - 1, "the old one is gone");
}

#[test]
fn a_module_that_does_not_fit_the_contract_is_rejected() {
    let module = core_module_for_world("(module)", "channel-plugin");
    let error = componentize(&module, MANIFEST).expect_err("it exports nothing");
    assert!(matches!(error, ComponentizeError::Module(_)), "{error}");
    let error = componentize(&module, "id = 3").expect_err("no manifest");
    assert!(matches!(error, ComponentizeError::Manifest(_)), "{error}");
}

#[test]
fn a_damaged_component_is_reported_with_its_offset() {
    let mut component = Guest::default().build();
    component.truncate(component.len() - 1);
    assert!(matches!(
        manifest_of(&component),
        Err(ComponentizeError::Damaged(_))
    ));
}
