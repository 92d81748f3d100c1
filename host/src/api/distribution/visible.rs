//! Access to a distribution: owners see their own, operators all.

use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::id::DistributionId;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::DistributionStore;

use crate::api::auth::Reader;
use crate::api::error::{Kind, Problem};

/// The distribution, if there is one and the reader may see it.
pub(super) async fn find_visible(
    distributions: &dyn DistributionStore,
    reader: &Reader,
    id: DistributionId,
) -> Result<Distribution, Problem> {
    let distribution = distributions.distribution(id).await?;
    let distribution = distribution.filter(|distribution| reader.may_see(&distribution.owner));
    distribution.ok_or_else(|| {
        let detail = Localized::new("이 ID의 게시가 없습니다.", "No distribution with this ID.");
        Problem::new(Kind::NotFound, detail)
    })
}
