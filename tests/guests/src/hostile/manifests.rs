//! `channel.toml` of a component that is in order otherwise.

use std::fmt::Write as _;

use super::channel::{ChannelText, ID, MANIFEST_SECTION, declared_as, manifest};
use super::raw::with_custom_section;
use super::upload::{Expected, Upload};

const SIZE_WORDS: &[&str] = &["channel.toml", "bytes", "kib"];
const SCHEMA_WORDS: &[&str] = &["schema", "$ref", "settings", "reference"];

pub fn uploads() -> Vec<Upload> {
    let mut uploads = vec![
        upload(
            "manifest-1mb",
            "a manifest of 1 MB, most of it a comment",
            Expected::Refused(SIZE_WORDS),
            || manifest(ID) + "# " + &"a".repeat(1_000_000),
        ),
        upload(
            "manifest-30mb",
            "a manifest of 30 MB",
            Expected::Refused(SIZE_WORDS),
            || manifest(ID) + "# " + &"a".repeat(30_000_000),
        ),
        upload(
            "manifest-arrays-30000",
            "arrays nested 30,000 deep",
            Expected::Refused(&["nest", "recurs", "depth", "deep", "channel.toml"]),
            || format!("{}\n[settings]\na = {}", manifest(ID), "[".repeat(30_000)),
        ),
        upload(
            "manifest-keys-10000",
            "one key of 10,000 parts",
            Expected::Refused(&[
                "nest",
                "recurs",
                "depth",
                "deep",
                "channel.toml",
                "settings",
            ]),
            || format!("{}\n[settings]\n{}a = 1", manifest(ID), "a.".repeat(10_000)),
        ),
        upload(
            "manifest-tables-20000",
            "20,000 tables that each go one deeper",
            Expected::Refused(&["nest", "recurs", "depth", "deep", "channel.toml", "bytes"]),
            deepening_tables,
        ),
        upload(
            "manifest-grants-2000",
            "2,000 grants",
            Expected::Refused(&["grant", "channel.toml"]),
            || {
                many(
                    "[[grants]]\norigin = \"https://a.example\"\nrequests = []\n",
                    2_000,
                )
            },
        ),
        upload(
            "manifest-properties-2000",
            "settings of 2,000 properties",
            Expected::Refused(&["schema", "settings", "propert"]),
            || {
                let mut text =
                    manifest(ID) + "[settings]\ntype = \"object\"\n[settings.properties]\n";
                for number in 0..2_000 {
                    writeln!(text, "p{number} = {{}}").expect("a string");
                }
                text
            },
        ),
        upload(
            "schema-regex",
            "a pattern whose automaton has billions of states",
            Expected::Refused(&["regex", "pattern", "schema"]),
            || property(r#"type = "string", pattern = "(((a{1,1000}){1,1000}){1,1000})" "#),
        ),
        upload(
            "schema-remote",
            "a schema elsewhere",
            Expected::Refused(SCHEMA_WORDS),
            || property(r#"$ref = "https://attacker.example/schema.json""#),
        ),
        upload(
            "schema-metadata-service",
            "a schema at the cloud's metadata service",
            Expected::Refused(SCHEMA_WORDS),
            || property(r#"$ref = "http://169.254.169.254/latest/meta-data""#),
        ),
        upload(
            "schema-file",
            "a schema in the host's files",
            Expected::Refused(SCHEMA_WORDS),
            || property(r#"$ref = "file:///etc/passwd""#),
        ),
        upload(
            "schema-cycle",
            "two definitions that refer to each other",
            Expected::Refused(SCHEMA_WORDS),
            || {
                let definitions = "[settings.\"$defs\"]\n\
                    a = { \"$ref\" = \"#/$defs/b\" }\nb = { \"$ref\" = \"#/$defs/a\" }\n";
                referring(definitions, "#/$defs/a")
            },
        ),
        Upload::new(
            "manifest-not-utf8",
            "a manifest that is no text",
            Expected::Refused(&["utf-8"]),
            || {
                let channel = ChannelText::default().component();
                with_custom_section(channel, MANIFEST_SECTION, &[0xff, 0xfe, 0x80])
            },
        ),
        Upload::new(
            "manifests-two",
            "two manifests of different channels",
            Expected::Refused(&["more than one"]),
            || declared_as(super::channel::quiet(), &manifest("other")),
        ),
        Upload::new(
            "manifest-none",
            "no manifest",
            Expected::Refused(&["baepo:channel.toml"]),
            || ChannelText::default().component(),
        ),
    ];
    for levels in [12, 34, 64] {
        uploads.push(upload(
            format!("schema-fan-out-{levels}"),
            format!("{levels} definitions that each refer to the next one twice"),
            Expected::Refused(SCHEMA_WORDS),
            move || fan_out(levels),
        ));
    }
    uploads
}

/// A few levels, and what is small anyway.
pub fn small() -> Vec<Vec<u8>> {
    let texts = [
        fan_out(3),
        property("type = \"string\", pattern = \"(a{1,9}){1,9}\""),
        format!(
            "{}\n[settings]\na = {}1{}",
            manifest(ID),
            "[".repeat(9),
            "]".repeat(9)
        ),
    ];
    let channel = ChannelText::default().component();
    let declared = texts.iter().map(|text| declared_as(channel.clone(), text));
    declared.collect()
}

fn upload(
    name: impl Into<String>,
    what: impl Into<String>,
    expected: Expected,
    manifest: impl Fn() -> String + Send + Sync + 'static,
) -> Upload {
    Upload::new(name, what, expected, move || {
        declared_as(ChannelText::default().component(), &manifest())
    })
}

fn many(lines: &str, count: usize) -> String {
    manifest(ID) + &lines.repeat(count)
}

fn deepening_tables() -> String {
    let mut text = manifest(ID);
    let mut path = String::from("settings");
    // Their text is quadratic in their number: as many as fit into 1 MB.
    while text.len() < 1_000_000 {
        path.push_str(".a");
        writeln!(text, "[{path}]").expect("a string");
    }
    text
}

/// Settings of one property.
fn property(schema: &str) -> String {
    let schema = schema.replace("$ref", "\"$ref\"");
    format!(
        "{}[settings]\ntype = \"object\"\n[settings.properties]\na = {{ {schema} }}\n",
        manifest(ID)
    )
}

fn referring(definitions: &str, to: &str) -> String {
    format!("{}{definitions}", property(&format!("$ref = \"{to}\"")))
}

/// 2^levels evaluations of the last.
fn fan_out(levels: usize) -> String {
    let mut definitions = String::from("[settings.\"$defs\"]\n");
    for level in 0..levels {
        let next = format!("{{ \"$ref\" = \"#/$defs/d{}\" }}", level + 1);
        writeln!(definitions, "d{level} = {{ allOf = [{next}, {next}] }}").expect("a string");
    }
    writeln!(definitions, "d{levels} = {{ type = \"string\" }}").expect("a string");
    referring(&definitions, "#/$defs/d0")
}
