use serde_json::json;

use crate::admission::schema::Schema;

/// What is said about `value` in the place of a property with this schema.
fn message(property: &serde_json::Value, value: &serde_json::Value) -> String {
    let schema = json!({"type": "object", "properties": {"it": property}});
    let schema = Schema::compile(&schema).expect("a valid schema");
    let findings = schema
        .fill(&json!({"it": value}))
        .expect_err("it is invalid");
    findings[0].message.tagged()
}

#[test]
fn every_common_rule_is_reported_in_both_languages() {
    for (property, value, ko, en) in [
        (
            json!({"type": "integer"}),
            json!("7"),
            "종류가 맞지 않습니다. 맞는 종류: 정수.",
            "Give a whole number.",
        ),
        (
            json!({"type": ["string", "null"]}),
            json!(7),
            "종류가 맞지 않습니다. 맞는 종류: 빈 값 / 글자.",
            "Give nothing or a text.",
        ),
        (
            json!({"enum": ["1km", 2]}),
            json!(3),
            "다음 중에서 골라 주세요: 1km, 2.",
            "Choose one of these: 1km, 2.",
        ),
        (
            json!({"pattern": "^[0-9]+$", "examples": ["42"]}),
            json!("a"),
            "형식이 맞지 않습니다. 예: 42",
            "It does not have the right form. Example: 42",
        ),
        (
            json!({"minimum": 10_000}),
            json!(1),
            "10000 이상이어야 합니다.",
            "It must be at least 10000.",
        ),
        (
            json!({"maximum": 1.5}),
            json!(2),
            "1.5 이하여야 합니다.",
            "It must be at most 1.5.",
        ),
        (
            json!({"exclusiveMinimum": 0}),
            json!(0),
            "0보다 커야 합니다.",
            "It must be more than 0.",
        ),
        (
            json!({"exclusiveMaximum": 9}),
            json!(9),
            "9보다 작아야 합니다.",
            "It must be less than 9.",
        ),
        (
            json!({"minLength": 1}),
            json!(""),
            "비워 둘 수 없습니다.",
            "It must not be empty.",
        ),
        (
            json!({"minLength": 2}),
            json!("a"),
            "2자 이상이어야 합니다.",
            "It must have at least 2 characters.",
        ),
        (
            json!({"maxLength": 1}),
            json!("떡집"),
            "1자까지 쓸 수 있습니다.",
            "It may have at most 1 character.",
        ),
        (
            json!({"minItems": 3}),
            json!([1]),
            "3개 이상이어야 합니다.",
            "It must have at least 3 items.",
        ),
        (
            json!({"maxItems": 2}),
            json!([1, 2, 3]),
            "2개까지 넣을 수 있습니다.",
            "It may have at most 2 items.",
        ),
        (
            json!({"format": "uri"}),
            json!("no address"),
            "웹 주소 형식이 아닙니다. 예: https://www.example.co.kr",
            "This is not a web address. Example: https://www.example.co.kr",
        ),
    ] {
        assert_eq!(
            message(&property, &value),
            format!("[ko] {ko}\n[en] {en}"),
            "{property}"
        );
    }
}

#[test]
fn a_value_without_even_its_format_is_one_finding() {
    let phone = json!({"format": "tel", "pattern": "^010-"});
    let schema = json!({"type": "object", "properties": {"it": phone}});
    let schema = Schema::compile(&schema).expect("a valid schema");
    let findings = |given: &str| {
        schema
            .fill(&json!({"it": given}))
            .expect_err("it is invalid")
    };
    let none = findings("010");
    assert_eq!(none.len(), 1, "{none:?}");
    assert!(
        none[0]
            .message
            .tagged()
            .contains("This is not a phone number.")
    );
    let other = findings("02-332-1234");
    assert_eq!(other.len(), 1, "{other:?}");
    assert!(other[0].message.tagged().contains("the right form"));
}

#[test]
fn a_property_is_named_by_its_title_in_the_readers_language() {
    let property = json!({"title": "반경", "enum": ["1km"]});
    assert_eq!(
        message(&property, &json!("5km")),
        "[ko] 반경: 다음 중에서 골라 주세요: 1km.\n[en] 반경: Choose one of these: 1km."
    );
    let property = json!({"title": "[ko] 반경\n[en] Radius", "minLength": 1});
    assert_eq!(
        message(&property, &json!("")),
        "[ko] 반경: 비워 둘 수 없습니다.\n[en] Radius: It must not be empty."
    );
}

#[test]
fn a_missing_value_is_named_by_its_title_wherever_it_is_missing() {
    let shop = json!({
        "type": "object",
        "required": ["a/b"],
        "properties": {"a/b": {"title": "가게"}},
    });
    assert_eq!(
        message(&shop, &json!({})),
        "[ko] 가게: 꼭 입력해 주세요.\n[en] 가게: This field is required."
    );
}

#[test]
fn a_rare_rule_is_reported_without_library_messages() {
    let told = message(&json!({"multipleOf": 5, "examples": [10]}), &json!(7));
    assert_eq!(
        told,
        "[ko] 쓸 수 없는 값입니다. 예: 10\n[en] The value cannot be used. Example: 10"
    );
}

#[test]
fn an_item_is_named_after_its_list_and_has_its_example() {
    let list = json!({
        "title": "받는 사람", "type": "array", "examples": [["010-1234-5678"]],
        "items": {"type": "string", "format": "tel", "pattern": "^01"},
    });
    assert_eq!(
        message(&list, &json!(["02)332-1234"])),
        "[ko] 받는 사람: 형식이 맞지 않습니다. 예: 010-1234-5678\n\
         [en] 받는 사람: It does not have the right form. Example: 010-1234-5678"
    );
}
