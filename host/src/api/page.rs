//! Lists, a page at a time: `?limit=&after=` and `{"items": […], "next": …}`.

use baepo_domain::model::text::Localized;
use serde::{Deserialize, Serialize};

use super::error::{Kind, Problem};

/// A part of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Listing<T> {
    pub items: Vec<T>,
    /// What `after` is for the next page; null on the last.
    pub next: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// 1 to 100; 20 without it.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

impl PageQuery {
    const DEFAULT: u32 = 20;
    const MAX: u32 = 100;

    pub(super) fn limit(&self) -> Result<u32, Problem> {
        let limit = self.limit.unwrap_or(Self::DEFAULT);
        if (1..=Self::MAX).contains(&limit) {
            Ok(limit)
        } else {
            let most = Self::MAX;
            let detail = Localized::new(
                format!("limit은 1부터 {most}까지입니다. 예: ?limit=20"),
                format!("limit must be between 1 and {most}. Example: ?limit=20"),
            );
            Err(Problem::new(Kind::MalformedRequest, detail))
        }
    }

    pub(super) fn after<K: std::str::FromStr>(&self) -> Result<Option<K>, Problem> {
        let parse = |after: &String| {
            after.parse().map_err(|_| {
                let detail = Localized::new(
                    "after에는 앞 쪽의 next 값을 그대로 넣어 주세요.",
                    "after must be the `next` value of the previous page, unchanged.",
                );
                Problem::new(Kind::MalformedRequest, detail)
            })
        };
        self.after.as_ref().map(parse).transpose()
    }
}

impl<T> Listing<T> {
    /// From up to `limit + 1` items: one above the limit means that there is a next page.
    pub(super) fn of(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> String) -> Self {
        let limit = limit as usize;
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(key);
        Self { items, next }
    }

    /// A page of a complete list that is in the order of its keys.
    pub(super) fn page_of(
        items: Vec<T>,
        query: &PageQuery,
        key: impl Fn(&T) -> String,
    ) -> Result<Self, Problem> {
        let limit = query.limit()?;
        let after = query.after.as_deref().unwrap_or("");
        let rest = items.into_iter().filter(|item| key(item).as_str() > after);
        let page = rest.take(limit as usize + 1).collect();
        Ok(Self::of(page, limit, key))
    }

    pub(super) fn map<U>(self, map: impl FnMut(T) -> U) -> Listing<U> {
        Listing {
            items: self.items.into_iter().map(map).collect(),
            next: self.next,
        }
    }
}
