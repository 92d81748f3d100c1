//! What a hostile author writes is refused at admission, or stopped by the limit of work; what the
//! channels of this repository write is neither.

use std::path::Path;

use baepo_domain::model::manifest::Manifest;
use baepo_domain::model::text::Language;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::Schema;

fn settings(properties: &Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn refusal(schema: &Value) -> String {
    Schema::compile(schema).expect_err("it should be refused")
}

/// The only finding, in English, with its detail.
fn stopped(schema: &Schema, given: &Value) -> String {
    let findings = schema.fill(given).expect_err("it should be stopped");
    let [finding] = findings.as_slice() else {
        panic!("one finding: {findings:?}");
    };
    finding.message.to_string()
}

/// `levels` of `allOf: [$ref, $ref, …]`.
fn fan_out(levels: usize, width: usize) -> Value {
    let mut definitions = Map::new();
    for level in 0..levels {
        let next = json!({"$ref": format!("#/$defs/level{}", level + 1)});
        definitions.insert(format!("level{level}"), json!({"allOf": vec![next; width]}));
    }
    definitions.insert(format!("level{levels}"), json!({"type": "object"}));
    json!({"type": "object", "$defs": definitions, "$ref": "#/$defs/level0"})
}

#[test]
fn a_fan_out_of_references_is_refused() {
    let why = refusal(&fan_out(34, 2));
    assert!(
        why.contains("limit \"schema depth\": more than 16"),
        "{why}"
    );
    let why = refusal(&fan_out(6, 4));
    assert!(
        why.contains("limit \"schema size\": more than 2,000"),
        "{why}"
    );
    assert!(why.starts_with("at \"/$ref/allOf/0/$ref"), "{why}");
    let small = Schema::compile(&fan_out(4, 2)).expect("31 schemas are few");
    small.fill(&json!({})).expect("an object");
}

#[test]
fn a_reference_to_itself_is_refused() {
    let direct = json!({"type": "object", "$ref": "#"});
    let why = refusal(&direct);
    assert!(
        why.contains("\"#\" refers to itself: write out the levels"),
        "{why}"
    );
    let node = json!({"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}});
    let through_a_member = json!({"$defs": {"node": node}, "$ref": "#/$defs/node"});
    let why = refusal(&through_a_member);
    assert!(why.contains("at \"/$ref/properties/next/$ref\""), "{why}");
}

#[test]
fn a_reference_out_of_the_schema_is_refused() {
    let draft = "https://json-schema.org/draft/2020-12/schema";
    for reference in [
        draft,
        "other.json",
        "#name",
        "#/$defs/%41",
        "file:///etc/passwd",
    ] {
        let why = refusal(&json!({"type": "object", "$ref": reference}));
        assert!(why.contains("a reference begins with \"#/\""), "{why}");
    }
    let why = refusal(&json!({"type": "object", "$ref": "#/$defs/none"}));
    assert!(
        why.contains("there is nothing at \"#/$defs/none\""),
        "{why}"
    );
}

#[test]
fn keywords_that_the_tree_cannot_say_are_refused() {
    for keyword in [
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$vocabulary",
        "$recursiveAnchor",
    ] {
        // Also where nothing refers to it.
        let why = refusal(&json!({"type": "object", "$defs": {"x": {keyword: "x"}}}));
        assert!(
            why.starts_with(&format!("at \"/$defs/x/{keyword}\"")),
            "{why}"
        );
    }
    let keywords = [
        "$dynamicRef",
        "$recursiveRef",
        "unevaluatedItems",
        "unevaluatedProperties",
        "additionalItems",
        "dependencies",
        "contentEncoding",
        "contentMediaType",
    ];
    for keyword in keywords {
        let why = refusal(&settings(&json!({"shop": {keyword: "#"}})));
        assert!(
            why.starts_with(&format!("at \"/properties/shop/{keyword}\"")),
            "{why}"
        );
        // A setting may have that name.
        Schema::compile(&settings(&json!({keyword: {"type": "string"}}))).expect("a name");
    }
    let older = "http://json-schema.org/draft-07/schema#";
    let why = refusal(&json!({"type": "object", "$schema": older}));
    assert!(why.contains("of the draft 2020-12"), "{why}");
    let why = refusal(&settings(&json!({"shop": {"format": "regex"}})));
    assert!(why.contains("the format \"regex\" is not checked"), "{why}");
}

#[test]
fn a_large_pattern_is_refused() {
    for pattern in ["^(a{1000}){1000}$", "(?=look)ahead", "(a)\\1"] {
        let why = refusal(&settings(&json!({"shop": {"pattern": pattern}})));
        assert!(why.contains("limit \"pattern bytes\""), "{why}");
        assert!(why.contains("at \"/properties/shop/pattern\""), "{why}");
    }
    let many: Map<String, Value> = (0..20)
        .map(|n| {
            (
                format!("p{n}"),
                json!({"pattern": format!("^(ab|cd){{{}}}$", 200 + n)}),
            )
        })
        .collect();
    let why = refusal(&settings(&many.into()));
    assert!(why.contains("all patterns have"), "{why}");
}

#[test]
fn a_large_schema_is_refused() {
    let choices: Vec<usize> = (0..2_000).collect();
    let why = refusal(&settings(&json!({"shop": {"enum": choices}})));
    assert!(
        why.contains("at \"/properties/shop/enum\": limit \"schema size\""),
        "{why}"
    );
    let nested = (0..40).fold(
        json!({"type": "string"}),
        |items, _| json!({"items": items}),
    );
    assert!(refusal(&nested).contains("limit \"schema depth\""));
}

#[test]
fn an_evaluation_is_stopped_before_it_takes_long() {
    let branches: Vec<Value> = (0..900).map(|_| json!({"type": "string"})).collect();
    let wide = Schema::compile(&settings(&json!({"list": {"items": {"anyOf": branches}}})));
    let wide = wide.expect("900 schemas");
    wide.fill(&json!({"list": ["a", "b"]}))
        .expect("two are few");
    let why = stopped(&wide, &json!({"list": vec!["a"; 1_000]}));
    assert!(why.contains("limit \"schema work\""), "{why}");

    let pattern = json!({"text": {"pattern": "[01]*1[01]{1000}$"}});
    let thrashing = Schema::compile(&settings(&pattern)).expect("a pattern");
    thrashing
        .fill(&json!({"text": "1".repeat(1_001)}))
        .expect("it matches");
    let why = stopped(&thrashing, &json!({"text": "01".repeat(100_000)}));
    assert!(why.contains("limit \"schema work\""), "{why}");

    let names = json!({"type": "object", "propertyNames": {"pattern": "[01]*1[01]{1000}$"}});
    let names = Schema::compile(&names).expect("a pattern");
    let why = stopped(&names, &json!({"01".repeat(100_000): 1}));
    assert!(why.contains("limit \"schema work\""), "{why}");
}

#[test]
fn messages_of_many_findings_are_small() {
    let choices: Vec<String> = (0..500).map(|n| format!("{n:0100}")).collect();
    let items =
        json!({"enum": choices, "title": "제목".repeat(5_000), "examples": ["x".repeat(9_000)]});
    let schema = Schema::compile(&settings(&json!({"list": {"items": items}})));
    let given = json!({"list": vec!["none"; 600]});
    let findings = schema
        .expect("a schema")
        .fill(&given)
        .expect_err("all are wrong");
    assert_eq!(findings.len(), 600);
    let bytes = |language| -> usize {
        let messages = findings
            .iter()
            .map(|finding| finding.message.get(language).len());
        messages.sum()
    };
    assert!(bytes(Language::Korean) + bytes(Language::English) < 500_000);
}

#[test]
fn the_channels_of_this_repository_are_far_below_the_limits() {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let folders = std::fs::read_dir(plugins).expect("the channels");
    let manifests = folders
        .flatten()
        .map(|folder| folder.path().join("channel.toml"));
    let mut seen = 0;
    for path in manifests.filter(|path| path.exists()) {
        let text = std::fs::read_to_string(&path).expect("a channel.toml");
        let manifest = Manifest::parse(&text).expect("a manifest");
        for schema in [&manifest.settings, &manifest.options] {
            let schema = Schema::compile(schema).expect("a schema");
            assert_eq!(
                schema.wrong_examples(),
                Vec::<String>::new(),
                "{}",
                path.display()
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn a_thousand_recipients_are_not_too_much_work() {
    let recipients = json!({
        "recipients": {
            "type": "array",
            "maxItems": 1_000,
            "uniqueItems": true,
            "items": {"type": "string", "format": "tel", "pattern": "^01[016789]-?[0-9]{3,4}-?[0-9]{4}$"},
        },
    });
    let schema = Schema::compile(&settings(&recipients)).expect("a schema");
    let numbers: Vec<String> = (0..1_000).map(|n| format!("010-1234-{n:04}")).collect();
    schema
        .fill(&json!({"recipients": numbers}))
        .expect("all are numbers");
}

#[test]
fn examples_are_checked_by_their_own_schema() {
    let schema = settings(&json!({
        "shop": {"type": "string", "maxLength": 3, "examples": ["떡집", "a longer one"]},
        "phone": {"type": "string", "format": "tel", "examples": ["02)332-1234"]},
        "none": {"type": "string"},
    }));
    let schema = Schema::compile(&schema).expect("a schema");
    let mut wrong = schema.wrong_examples();
    wrong.sort_unstable();
    assert_eq!(
        wrong,
        [
            "properties.none: it has no examples: give one that works",
            "properties.shop.examples[1]: it breaks its own schema: It may have at most 3 characters.",
        ]
    );
}

/// Small schemas of everything that applies schemas.
fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({"type": "string"})),
        Just(json!({"minLength": 2, "pattern": "^a"})),
        Just(json!({"enum": ["a", 1, null]})),
        Just(json!({"required": ["a", "b"]})),
    ];
    leaf.prop_recursive(4, 40, 3, |inner| {
        let list = || prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            list().prop_map(|all| json!({"allOf": all})),
            list().prop_map(|any| json!({"anyOf": any})),
            list().prop_map(|one| json!({"oneOf": one})),
            inner.clone().prop_map(|not| json!({"not": not})),
            inner
                .clone()
                .prop_map(|items| json!({"items": items, "uniqueItems": true})),
            inner
                .clone()
                .prop_map(|names| json!({"propertyNames": names})),
            inner
                .clone()
                .prop_map(|a| json!({"properties": {"a": a}, "additionalProperties": false})),
            inner.clone().prop_map(
                |a| json!({"patternProperties": {"^a": a}, "dependentSchemas": {"b": true}})
            ),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"if": a, "then": b})),
            inner.prop_map(|a| json!({"$defs": {"a": a}, "prefixItems": [{"minimum": 1}]})),
        ]
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!("a")),
        Just(json!("b")),
        Just(json!(1)),
        Just(json!(null))
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ab]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Every error is of a value that the tree has paid for.
    #[test]
    fn the_tree_costs_at_least_what_the_validator_finds(schema in any_schema(), value in any_value()) {
        let tree = super::super::layout::tree(&schema).expect("small");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let errors = validator.iter_errors(&value).count() as u64;
        let mut left = u64::MAX;
        tree.spend(&value, &mut left).expect("enough");
        prop_assert!(u64::MAX - left >= errors * super::super::layout::VISIT);
    }
}
