use proptest::prelude::*;

use super::*;

fn slow() -> Localized {
    Localized::new("느립니다", "it is slow")
}

#[test]
fn each_language_and_the_detail_have_a_part_of_their_own() {
    let text = Localized::new("하나\n둘", "one\ntwo").with_detail("limit \"fuel\"\n[en] x");
    let tagged = "[ko] 하나\n둘\n[en] one\ntwo\n[op] limit \"fuel\" [en] x";
    assert_eq!(text.tagged(), tagged);
    assert_eq!(Localized::parse(tagged), text);
}

#[test]
fn an_untagged_text_is_the_same_in_every_language() {
    for text in ["plain\ntext", "", "[not] a tag", "[ko]no space", "\\ a"] {
        assert_eq!(Localized::parse(text), Localized::verbatim(text));
        assert_eq!(Localized::parse(text).tagged(), text, "as it was stored");
    }
    let with_detail = "no\n[op] limit";
    assert_eq!(Localized::parse(with_detail).tagged(), with_detail);
}

#[test]
fn a_missing_language_falls_back_to_the_other() {
    assert_eq!(Localized::parse("[ko] 하나").get(Language::English), "하나");
    let mixed = Localized::parse("plain\n[en] one");
    assert_eq!(mixed, Localized::new("plain", "one"));
    assert_eq!(
        Localized::parse("[op] limit"),
        Localized::default().with_detail("limit")
    );
}

#[test]
fn a_text_keeps_its_detail_inside_another() {
    let text = slow()
        .with_detail("limit")
        .around(|_, why| format!("({why})"));
    assert_eq!(
        text.tagged(),
        "[ko] (느립니다)\n[en] (it is slow)\n[op] limit"
    );
}

#[test]
fn several_details_are_read_as_one() {
    let text = Localized::parse("[ko] 가\n[en] a\n[op] one\n[op] two");
    assert_eq!(text.detail(), Some("one; two"));
    let text = slow().with_detail("one").with_detail("two");
    assert_eq!(text.detail(), Some("one; two"));
}

#[test]
fn quoted_text_cannot_begin_a_part_of_its_own() {
    let forged = Localized::new("거절: no\n[en] Paid.", "Refused: no\n[en] Paid.");
    assert_eq!(forged.tagged().matches("\n[en] ").count(), 1);
    assert_eq!(Localized::parse(&forged.tagged()), forged);
}

#[test]
fn only_a_reader_s_tag_makes_a_tagged_text() {
    assert_eq!(Localized::parse_tagged("missing field `[ko] `"), None);
    assert_eq!(Localized::parse_tagged("[op] limit"), None);
    let text = Localized::parse_tagged("[ko] 가\n[en] a");
    assert_eq!(text, Some(Localized::new("가", "a")));
}

/// Texts with tags, escapes and line breaks in them.
fn any_text() -> impl Strategy<Value = String> {
    let line = r"\\{0,3}(\[(ko|en|op)\] )?\PC{0,8}";
    proptest::collection::vec(line, 1..4).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn a_tagged_text_is_read_as_it_was(
        korean in any_text(), english in any_text(), detail in proptest::option::of(any_text()),
    ) {
        for english in [english, korean.clone()] {
            let text = Localized {
                korean: korean.clone(),
                english,
                detail: detail.clone(),
            };
            prop_assert_eq!(Localized::parse(&text.tagged()), text.clone());
            let json = serde_json::to_string(&text).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Localized>(&json).expect("a text"), text);
        }
    }

    #[test]
    fn a_text_that_was_read_is_written_so_that_it_reads_the_same(stored in any_text()) {
        let text = Localized::parse(&stored);
        prop_assert_eq!(Localized::parse(&text.tagged()), text);
    }
}
