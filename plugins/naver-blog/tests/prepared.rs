//! What the owner gets: the assets to copy, byte by byte, and the steps in both languages.

use baepo_sdk::testing::{Host, content, image, job, video};
use baepo_sdk::{Action, Content, Failure, Media, Outcome, Period};
use channel_naver_blog::NaverBlog;
use serde_json::{Value, json};

fn connected() -> Host {
    let host = Host::new();
    host.setting("blogId", "sandbox-shop");
    host
}

/// With all that a post can have, and with markup in every place where an owner can write.
fn hostile() -> Content {
    let described = |url: &str, text: &str| Media {
        alt_text: Some(text.into()),
        ..image(url)
    };
    Content {
        title: "봄맞이 <script>alert(1)</script>\n\"1+1\" & more".into(),
        body: "어서 오세요.\n<img src=x onerror=alert(1)>\n\n</p><style>*{}</style>새 문단".into(),
        hashtags: vec!["#동네 빵집".into(), "<b>".into(), "동네빵집".into()],
        link: Some("https://bakery.example/?a=1&b=\"><script>".into()),
        media: vec![
            described(
                "https://m.example/1.jpg?a=1&b=2",
                "갓 구운 \"크루아상\" <b>",
            ),
            video("https://m.example/oven.mp4"),
            described("https://m.example/\"onerror=\"x", ""),
            described("https://m.example/3.jpg", "진열대"),
        ],
        period: Some(Period {
            starts_at: 1_772_377_200_000,
            ends_at: 1_772_377_200_000 + 7 * 86_400_000,
        }),
    }
}

fn action(host: &Host, content: Content, options: &str) -> Action {
    let mut job = job(content);
    job.options = options.into();
    match host.distribute::<NaverBlog>(job) {
        Ok(Outcome::ActionRequired(action)) => action,
        other => panic!("{other:?}"),
    }
}

fn asset(action: &Action, name: &str) -> String {
    let asset = action.prepared.iter().find(|asset| asset.name == name);
    String::from_utf8(asset.expect(name).data.clone()).expect("text")
}

#[test]
fn the_post_is_clean_html_in_which_all_that_the_owner_wrote_is_text() {
    let html = asset(&action(&connected(), hostile(), "{}"), "post.html");
    let expected = r#"<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<title>봄맞이 &lt;script&gt;alert(1)&lt;/script&gt; &quot;1+1&quot; &amp; more</title>
</head>
<body>
<figure>
<img src="https://m.example/1.jpg?a=1&amp;b=2" alt="갓 구운 &quot;크루아상&quot; &lt;b&gt;">
<figcaption>갓 구운 &quot;크루아상&quot; &lt;b&gt;</figcaption>
</figure>
<p>어서 오세요.<br>
&lt;img src=x onerror=alert(1)&gt;</p>
<p>&lt;/p&gt;&lt;style&gt;*{}&lt;/style&gt;새 문단</p>
<figure>
<img src="https://m.example/&quot;onerror=&quot;x" alt="">
</figure>
<figure>
<img src="https://m.example/3.jpg" alt="진열대">
<figcaption>진열대</figcaption>
</figure>
<h3>기간</h3>
<p>2026년 3월 2일부터 3월 8일까지</p>
<h3>자세히 보기</h3>
<p><a href="https://bakery.example/?a=1&amp;b=&quot;&gt;&lt;script&gt;">https://bakery.example/?a=1&amp;b=&quot;&gt;&lt;script&gt;</a></p>
<p>#동네빵집 #b</p>
</body>
</html>
"#;
    assert_eq!(html, expected);
}

#[test]
fn the_other_assets_are_plain() {
    let action = action(&connected(), hostile(), "{}");
    assert_eq!(
        asset(&action, "title.txt"),
        "봄맞이 <script>alert(1)</script> \"1+1\" & more"
    );
    assert_eq!(
        asset(&action, "post.txt"),
        "어서 오세요.\n<img src=x onerror=alert(1)>\n\n</p><style>*{}</style>새 문단\n\n\
         기간: 2026년 3월 2일부터 3월 8일까지\n\n\
         자세히 보기: https://bakery.example/?a=1&b=\"><script>\n\n#동네빵집 #b\n"
    );
    assert_eq!(asset(&action, "tags.txt"), "동네빵집,b");
    let types: Vec<_> = action
        .prepared
        .iter()
        .map(|asset| (asset.name.as_str(), asset.mime_type.as_str()))
        .collect();
    assert_eq!(
        types,
        [
            ("title.txt", "text/plain"),
            ("post.html", "text/html"),
            ("post.txt", "text/plain"),
            ("images.json", "application/json"),
            ("tags.txt", "text/plain"),
        ]
    );
}

#[test]
fn the_pictures_are_listed_in_the_owners_order() {
    let listed = asset(&action(&connected(), hostile(), "{}"), "images.json");
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(
        listed,
        json!([
            { "order": 1, "url": "https://m.example/1.jpg?a=1&b=2",
              "altText": "갓 구운 \"크루아상\" <b>", "fileName": "01.jpg" },
            { "order": 2, "url": "https://m.example/\"onerror=\"x",
              "altText": "", "fileName": "02.jpg" },
            { "order": 3, "url": "https://m.example/3.jpg",
              "altText": "진열대", "fileName": "03.jpg" },
        ])
    );
}

#[test]
fn the_steps_are_numbered_in_both_languages_and_end_with_the_address() {
    let action = action(&connected(), hostile(), r#"{"category":"이벤트\n소식"}"#);
    let expected = "\
[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite
2. title.txt를 복사해 제목에 붙여 넣어 주세요.
3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.
4. 사진 3장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.
5. 영상은 붙여 넣을 수 없으니 내려받아 직접 올려 주세요: https://m.example/oven.mp4
6. 발행을 누르고 카테고리에서 '이벤트 소식'을(를) 골라 주세요.
7. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.
8. 공개 설정이 전체공개인지 확인하고 발행해 주세요.
9. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.
[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite
2. Copy title.txt and paste it as the title.
3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.
4. See that all pictures (3) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.
5. A video cannot be pasted: download it and upload it yourself: https://m.example/oven.mp4
6. Press 발행 (publish) and choose the category '이벤트 소식'.
7. Paste tags.txt into the field for tags (태그) of the publishing panel.
8. See that everybody may read it (전체공개), and publish it.
9. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.";
    assert_eq!(action.instructions, expected);
}

#[test]
fn an_unneeded_step_is_omitted() {
    let bare = Content {
        hashtags: Vec::new(),
        link: None,
        ..content()
    };
    let action = action(&connected(), bare, "{}");
    assert_eq!(action.instructions.matches("\n5. ").count(), 2);
    assert_eq!(action.instructions.matches("\n6. ").count(), 0);
    assert_eq!(asset(&action, "tags.txt"), "");
    assert_eq!(asset(&action, "images.json"), "[]");
    assert!(!asset(&action, "post.html").contains("<h3>"));
}

#[test]
fn nothing_is_sent_and_the_same_content_is_prepared_the_same() {
    let host = connected();
    assert_eq!(
        action(&host, hostile(), "{}"),
        action(&host, hostile(), "{}")
    );
    assert_eq!(host.sent(), [""; 0]);
}

#[test]
fn content_that_the_editor_does_not_take_is_not_prepared() {
    let host = connected();
    let outcome = host.distribute::<NaverBlog>(job(Content {
        body: String::new(),
        ..content()
    }));
    let Err(Failure::Rejected(findings)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(findings[0].at, "/body");
}

#[test]
fn an_owner_without_a_blog_id_is_asked_to_connect() {
    let host = Host::new();
    let outcome = host.distribute::<NaverBlog>(job(content()));
    assert!(matches!(outcome, Err(Failure::Unauthorized(_))));
}
