//! What the owner does by hand, step by step: only the steps that this post needs.

use baepo_sdk::Text;

use crate::post::Post;

pub struct Steps<'a> {
    pub blog_id: &'a str,
    pub category: Option<&'a str>,
    pub post: &'a Post<'a>,
}

impl Steps<'_> {
    /// Numbered, each on a line of its own.
    pub fn text(&self) -> Text {
        let mut steps = vec![self.open(), title(), body()];
        steps.extend(self.pictures());
        steps.extend(self.videos());
        steps.extend(self.category());
        steps.extend(self.tags());
        steps.extend([publish(), self.confirm()]);
        let numbered = |language: fn(&Text) -> &String| {
            let lines = steps.iter().zip(1..);
            let lines = lines.map(|(step, number)| format!("{number}. {}", language(step)));
            lines.collect::<Vec<_>>().join("\n")
        };
        Text::new(
            numbered(|step| &step.korean),
            numbered(|step| &step.english),
        )
    }

    fn open(&self) -> Text {
        let url = format!("https://blog.naver.com/{}/postwrite", self.blog_id);
        Text::new(
            format!("네이버에 로그인하고 글쓰기 화면을 열어 주세요: {url}"),
            format!("Log in to Naver and open the page for writing: {url}"),
        )
    }

    fn pictures(&self) -> Option<Text> {
        let count = self.post.pictures.len();
        (count > 0).then(|| {
            Text::new(
                format!("사진 {count}장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요."),
                format!("See that all pictures ({count}) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions."),
            )
        })
    }

    fn videos(&self) -> Option<Text> {
        let urls: Vec<&str> = self
            .post
            .videos
            .iter()
            .map(|video| video.url.as_str())
            .collect();
        let text = Text::new(
            "영상은 붙여 넣을 수 없으니 내려받아 직접 올려 주세요:",
            "A video cannot be pasted: download it and upload it yourself:",
        );
        (!urls.is_empty()).then(|| text.with_quote(&urls.join(" ")))
    }

    fn category(&self) -> Option<Text> {
        let category = self
            .category?
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        (!category.is_empty()).then(|| {
            Text::new(
                format!("발행을 누르고 카테고리에서 '{category}'을(를) 골라 주세요."),
                format!("Press 발행 (publish) and choose the category '{category}'."),
            )
        })
    }

    fn tags(&self) -> Option<Text> {
        (!self.post.tags.is_empty()).then(|| {
            Text::new(
                "발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.",
                "Paste tags.txt into the field for tags (태그) of the publishing panel.",
            )
        })
    }

    fn confirm(&self) -> Text {
        let url = format!("https://blog.naver.com/{}/", self.blog_id);
        Text::new(
            format!(
                "올린 글의 주소({url} 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다."
            ),
            format!(
                "Copy the address of the post ({url} and a number) and confirm it here. It counts as published once the address is confirmed."
            ),
        )
    }
}

fn title() -> Text {
    Text::new(
        "title.txt를 복사해 제목에 붙여 넣어 주세요.",
        "Copy title.txt and paste it as the title.",
    )
}

fn body() -> Text {
    Text::new(
        "post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.",
        "Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.",
    )
}

fn publish() -> Text {
    Text::new(
        "공개 설정이 전체공개인지 확인하고 발행해 주세요.",
        "See that everybody may read it (전체공개), and publish it.",
    )
}
