//! What admission refuses, `baepo plugin build` refuses in the same words; and a release that is in use outlives a
//! new rule for authors.

use baepo_domain::model::manifest::Manifest;
use baepo_domain::ports::{Channels as _, LoadError};
use wasm_encoder::ComponentSection as _;
use wit_component::ComponentEncoder;

use super::support::{Guest, RuntimeFixture, small};
use crate::verify_for_authors;

const HEAD: &str = "id = \"by-hand\"\nnames = { ko = \"손\", en = \"Hand\" }\n";

/// A channel that carries this manifest, whatever is wrong with it.
fn carrying(manifest: &str) -> Vec<u8> {
    let mut encoder = ComponentEncoder::default()
        .module(&Guest::default().module())
        .expect("a module of the contract");
    let mut component = encoder.encode().expect("a component");
    let section = wasm_encoder::CustomSection {
        name: "baepo:channel.toml".into(),
        data: manifest.as_bytes().into(),
    };
    section.append_to_component(&mut component);
    component
}

/// Everything that is refused of a manifest by itself: what is wrong, and how that is said.
fn refused() -> Vec<(String, &'static str)> {
    let secret = |more: &str| {
        format!("[[secrets]]\nname = \"key\"\ndescription = \"x\"\nexample = \"sandbox-x\"\n{more}")
    };
    let property = |lines: &str| {
        format!(
            "[settings]\ntype = \"object\"\n[settings.properties.shop]\ntype = \"string\"\n{lines}"
        )
    };
    vec![
        ("colour = \"red\"".to_owned(), "channel.toml is not valid: "),
        ("#".repeat(65_536), "channel.toml has 65,"),
        (
            format!("settings.a = {}{}", "[".repeat(200), "]".repeat(200)),
            "channel.toml is not valid: ",
        ),
        (
            "[[grants]]\norigin = \"https://a.example\"\nrequests = []\n".repeat(65),
            "channel.toml: grants: 65 grants are too many, allowed are 64",
        ),
        (
            "[settings]\ntype = \"array\"".to_owned(),
            "channel.toml: settings: must be a schema of type \"object\"",
        ),
        (
            property("pattern = \"(\"\nexamples = [\"x\"]"),
            "channel.toml: settings: no valid schema: ",
        ),
        (
            "[options]\ntype = \"object\"\n\"$ref\" = \"https://a.example/schema.json\"".to_owned(),
            "channel.toml: options: no valid schema: ",
        ),
        (
            "limits.fuel = 20_000_000_001".to_owned(),
            "channel.toml: limits.fuel: asks for 20,000,000,001, the host allows at most \
             20,000,000,000 (runtime.maximum_limits.fuel in its configuration)",
        ),
        (
            secret("[[tokens]]\nname = \"t\"\nurl = \"http://a.example\"\nclient_id = \"key\"\nclient_secret = \"key\""),
            "channel.toml: tokens of \"t\": the address must begin with \"https://\";",
        ),
        (
            property(""),
            "channel.toml: settings.properties.shop: has no examples: give one that works against a stand-in",
        ),
        (
            "[options]\ntype = \"object\"\n[options.properties.size]\ntype = \"integer\"\nexamples = []".to_owned(),
            "channel.toml: options.properties.size: has no examples: ",
        ),
        (
            property("maxLength = 3\nexamples = [\"떡\", \"가나다라\"]"),
            "channel.toml: settings.properties.shop.examples: \"가나다라\" does not fit: ",
        ),
        (
            "[settings]\ntype = \"object\"\nrequired = [\"shop\"]".to_owned(),
            "channel.toml: settings.required: \"shop\" is not among settings.properties: ",
        ),
        (
            "[[secrets]]\nname = \"key\"\ndescription = \"x\"\nexample = \" \"\n".to_owned(),
            "channel.toml: secrets: \"key\" has no example: give one that works against a stand-in, \
             such as \"sandbox-key\"",
        ),
        (
            secret("refresh = { url = \"https://a.example/\", secret_query = \"t\", when = { kind = \"own\" } }"),
            "channel.toml: secrets: \"key\": refresh.when: \"kind\" is not among settings.properties: ",
        ),
        (
            property("enum = [\"own\"]\nexamples = [\"own\"]\n[withdraw]\nwhen = { shop = \"rented\" }"),
            "channel.toml: withdraw.when: the setting \"shop\" can never be \"rented\": ",
        ),
        (
            "[withdraw]\nwhen = { kind = \"own\" }".to_owned(),
            "channel.toml: withdraw.when: \"kind\" is not among settings.properties: ",
        ),
        (
            "[confirm]\nurls = [\"https://a.example/{blog}/{#}\"]".to_owned(),
            "channel.toml: confirm: \"blog\" is not among settings.properties: ",
        ),
    ]
}

#[tokio::test]
async fn build_and_admission_refuse_the_same_in_the_same_words() {
    let fixture = RuntimeFixture::with(small());
    for (manifest, wanted) in refused() {
        let component = carrying(&format!("{HEAD}{manifest}"));
        let built = verify_for_authors(&component, &small()).expect_err(wanted);
        assert!(built.starts_with(wanted), "{built}\n{wanted}");
        let admitted = match fixture.runtime.load(component).await {
            Err(LoadError::Rejected(why)) => why,
            Err(other) => panic!("{other}"),
            Ok(loaded) => loaded.release().author_mistakes.clone().expect(wanted),
        };
        assert_eq!(built, admitted);
    }
}

#[tokio::test]
async fn a_rule_for_authors_takes_no_release_away() {
    let component = carrying(&format!("{HEAD}[withdraw]\nwhen = {{ kind = \"own\" }}"));
    let loaded = RuntimeFixture::with(small()).runtime.load(component).await;
    assert!(
        loaded
            .expect("it loads")
            .release()
            .author_mistakes
            .is_some()
    );
}

#[test]
fn mistakes_are_told_all_at_once_up_to_a_number() {
    let settings: String = (0..12)
        .map(|number| format!("[settings.properties.s{number:02}]\ntype = \"string\"\n"))
        .collect();
    let component = carrying(&format!("{HEAD}[settings]\ntype = \"object\"\n{settings}"));
    let why = verify_for_authors(&component, &small()).expect_err("no examples");
    assert_eq!(why.matches("has no examples").count(), 10);
    assert!(why.ends_with("; and 2 more"), "{why}");
}

#[test]
fn an_example_counts_by_its_own_setting_alone() {
    let manifest = format!(
        "{HEAD}[settings]\ntype = \"object\"\nrequired = [\"a\", \"b\"]\nadditionalProperties = false\n\
         [settings.properties.a]\ntype = \"string\"\nexamples = [\"x\"]\n\
         [settings.properties.b]\ntype = \"string\"\nformat = \"tel\"\nexamples = [\"02)332-1234\"]\n"
    );
    assert_eq!(verify_for_authors(&carrying(&manifest), &small()), Ok(()));
}

#[test]
fn the_channels_of_this_repository_make_no_mistake() {
    let folders = std::fs::read_dir("../../plugins").expect("the channels");
    let mut channels = 0;
    for folder in folders {
        let manifest = folder.expect("readable").path().join("channel.toml");
        let Ok(text) = std::fs::read_to_string(&manifest) else {
            continue;
        };
        Manifest::parse(&text).expect("a manifest");
        assert_eq!(
            verify_for_authors(&carrying(&text), &small()),
            Ok(()),
            "{}",
            manifest.display()
        );
        channels += 1;
    }
    assert!(channels >= 6, "{channels}");
}
