//! What a component may hand over as its result, and of texts on the way there.
//!
//! Everything that is returned is measured here, once, before it is redacted or becomes anything of
//! the host's. That no more than [`ResultLimits::call_bytes`] is read from the
//! component's memory to begin with, the engine sees to: a list of a thousand texts can be one text
//! a thousand times there.

use baepo_domain::model::attempt::Limit;
use baepo_domain::model::options;
use serde::{Deserialize, Serialize};

use crate::bindings::types::{Action, Failure, Finding, Outcome, PreparedAsset, Receipt};
use crate::limits::{Exceeded, Limits};

/// The most of one result, by what it is made of. The operator's: a channel cannot declare them.
///
/// The defaults fit what the channels of this repository return for the largest content that an owner
/// can write, and keep every row, event and answer below 1 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResultLimits {
    /// Findings of one result. Default 100: nobody is shown more.
    #[serde(deserialize_with = "options::count::<1, 10_000, _, _>")]
    pub findings: u64,
    /// Places and messages of all findings of one result. Default 64 KiB.
    #[serde(deserialize_with = "options::bytes::<1_024, 16_777_216, _, _>")]
    pub finding_bytes: u64,
    /// One text in all its languages: why it failed, instructions, a note, a remark. Default 32 KiB.
    #[serde(deserialize_with = "options::bytes::<1_024, 16_777_216, _, _>")]
    pub text_bytes: u64,
    /// A receipt's id and address. Default 4 KiB.
    #[serde(deserialize_with = "options::bytes::<256, 1_048_576, _, _>")]
    pub receipt_bytes: u64,
    /// Prepared assets of one result. Default 32.
    #[serde(deserialize_with = "options::count::<1, 10_000, _, _>")]
    pub assets: u64,
    /// All prepared assets of one result, with their names. Default 448 KiB; a row has two digits for
    /// each byte.
    #[serde(deserialize_with = "options::bytes::<1_024, 67_108_864, _, _>")]
    pub asset_bytes: u64,
    /// A preview. Default 512 KiB.
    #[serde(deserialize_with = "options::bytes::<1_024, 67_108_864, _, _>")]
    pub preview_bytes: u64,
    /// One result as a whole. Default 1 MiB.
    #[serde(deserialize_with = "options::bytes::<1_024, 134_217_728, _, _>")]
    pub result_bytes: u64,
    /// What an attempt may ask and be answered in all its days: the size of its journal. It ends at
    /// the first call into the host beyond. Default 32 MiB.
    #[serde(deserialize_with = "options::bytes::<1_048_576, 1_073_741_824, _, _>")]
    pub journal_bytes: u64,
}

impl Default for ResultLimits {
    fn default() -> Self {
        Self {
            findings: 100,
            finding_bytes: 64 << 10,
            text_bytes: 32 << 10,
            receipt_bytes: 4 << 10,
            assets: 32,
            asset_bytes: 448 << 10,
            preview_bytes: 512 << 10,
            result_bytes: 1 << 20,
            journal_bytes: 32 << 20,
        }
    }
}

impl ResultLimits {
    /// What is above the whole, though it is a part of it: the name and how much.
    pub(crate) fn parts_above_whole(&self) -> impl Iterator<Item = &'static str> {
        let parts = [
            ("finding_bytes", self.finding_bytes),
            ("text_bytes", self.text_bytes),
            ("receipt_bytes", self.receipt_bytes),
            ("asset_bytes", self.asset_bytes),
            ("preview_bytes", self.preview_bytes),
        ];
        let whole = self.result_bytes;
        parts
            .into_iter()
            .filter_map(move |(name, bytes)| (bytes > whole).then_some(name))
    }

    /// The most that is read from the component's memory for one call into the host, such as all
    /// requests of a `send-all` together, or for its result: the sum of what these may be.
    pub(crate) fn call_bytes(&self, limits: &Limits) -> u64 {
        let own = limits.request_bytes.saturating_add(limits.log_bytes);
        own.saturating_add(self.result_bytes)
    }

    /// A text that comes before the result.
    pub(crate) fn check_text(&self, text: &str) -> Result<(), Exceeded> {
        within(Limit::TextBytes, text.len(), self.text_bytes)
    }

    /// A receipt that comes before the result.
    pub(crate) fn check_receipt(&self, receipt: &Receipt) -> Result<(), Exceeded> {
        within(Limit::ReceiptBytes, size(receipt), self.receipt_bytes)
    }
}

/// What an export returns.
pub(crate) trait Returned {
    /// All of its bytes, where each part is within its own limit.
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded>;

    /// # Errors
    /// The first limit that it exceeds.
    fn check(&self, limits: &ResultLimits) -> Result<(), Exceeded> {
        let bytes = self.measure(limits)?;
        within(Limit::ResultBytes, bytes, limits.result_bytes)
    }
}

impl Returned for () {
    fn measure(&self, _: &ResultLimits) -> Result<usize, Exceeded> {
        Ok(0)
    }
}

/// A preview.
impl Returned for String {
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded> {
        within(Limit::PreviewBytes, self.len(), limits.preview_bytes)?;
        Ok(self.len())
    }
}

impl<T: Returned> Returned for Option<T> {
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded> {
        self.as_ref()
            .map_or(Ok(0), |returned| returned.measure(limits))
    }
}

impl<T: Returned, E: Returned> Returned for Result<T, E> {
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded> {
        match self {
            Ok(returned) => returned.measure(limits),
            Err(failure) => failure.measure(limits),
        }
    }
}

impl Returned for Vec<Finding> {
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded> {
        within(Limit::Findings, self.len(), limits.findings)?;
        let bytes = self
            .iter()
            .map(|finding| finding.at.len() + finding.message.len())
            .sum();
        within(Limit::FindingBytes, bytes, limits.finding_bytes)?;
        Ok(bytes)
    }
}

impl Returned for Outcome {
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded> {
        match self {
            Self::Live(receipt) => receipt.measure(limits),
            Self::ActionRequired(action) => action.measure(limits),
        }
    }
}

impl Returned for Receipt {
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded> {
        limits.check_receipt(self)?;
        Ok(size(self))
    }
}

impl Returned for Action {
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded> {
        limits.check_text(&self.instructions)?;
        within(Limit::Assets, self.prepared.len(), limits.assets)?;
        let asset =
            |asset: &PreparedAsset| asset.name.len() + asset.mime_type.len() + asset.data.len();
        let bytes = self.prepared.iter().map(asset).sum();
        within(Limit::AssetBytes, bytes, limits.asset_bytes)?;
        Ok(self.instructions.len() + bytes)
    }
}

impl Returned for Failure {
    fn measure(&self, limits: &ResultLimits) -> Result<usize, Exceeded> {
        match self {
            Self::Rejected(findings) => findings.measure(limits),
            Self::RateLimited(_) => Ok(0),
            Self::Unauthorized(why)
            | Self::Unavailable(why)
            | Self::Unknown(why)
            | Self::Failed(why) => {
                limits.check_text(why)?;
                Ok(why.len())
            }
        }
    }
}

fn size(receipt: &Receipt) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    length(&receipt.external_id) + length(&receipt.url)
}

fn within(limit: Limit, used: usize, allowed: u64) -> Result<(), Exceeded> {
    let used = used as u64;
    if used > allowed {
        return Err(Exceeded {
            limit,
            used,
            allowed,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bindings::types::Severity;

    fn limits() -> ResultLimits {
        ResultLimits {
            findings: 3,
            finding_bytes: 20,
            text_bytes: 10,
            receipt_bytes: 10,
            assets: 2,
            asset_bytes: 20,
            preview_bytes: 30,
            result_bytes: 25,
            ..ResultLimits::default()
        }
    }

    fn finding(bytes: usize) -> Finding {
        Finding {
            severity: Severity::Error,
            at: String::new(),
            message: "x".repeat(bytes),
        }
    }

    fn action(instructions: usize, assets: &[usize]) -> Outcome {
        let asset = |bytes: &usize| PreparedAsset {
            name: String::new(),
            mime_type: String::new(),
            data: vec![0; *bytes],
        };
        Outcome::ActionRequired(Action {
            instructions: "x".repeat(instructions),
            prepared: assets.iter().map(asset).collect(),
        })
    }

    fn hit(returned: &impl Returned) -> Option<(Limit, u64, u64)> {
        let exceeded = returned.check(&limits()).err()?;
        Some((exceeded.limit, exceeded.used, exceeded.allowed))
    }

    #[test]
    fn every_part_of_a_result_has_its_limit() {
        let live = |bytes: usize| {
            Outcome::Live(Receipt {
                external_id: Some("x".repeat(bytes)),
                url: Some("x".to_owned()),
                estimated_reach: None,
            })
        };
        assert_eq!(hit(&live(9)), None);
        assert_eq!(hit(&live(10)), Some((Limit::ReceiptBytes, 11, 10)));
        assert_eq!(hit(&action(5, &[10, 10])), None);
        assert_eq!(hit(&action(11, &[])), Some((Limit::TextBytes, 11, 10)));
        assert_eq!(hit(&action(0, &[1, 1, 1])), Some((Limit::Assets, 3, 2)));
        assert_eq!(
            hit(&action(0, &[11, 10])),
            Some((Limit::AssetBytes, 21, 20))
        );
        assert_eq!(hit(&action(6, &[20])), Some((Limit::ResultBytes, 26, 25)));
        assert_eq!(hit(&"x".repeat(25)), None);
        assert_eq!(hit(&"x".repeat(31)), Some((Limit::PreviewBytes, 31, 30)));
    }

    #[test]
    fn every_failure_has_its_limit() {
        let long = || "x".repeat(11);
        let texts = [
            Failure::Unauthorized(long()),
            Failure::Unavailable(long()),
            Failure::Unknown(long()),
            Failure::Failed(long()),
        ];
        for failure in texts {
            assert_eq!(hit(&failure), Some((Limit::TextBytes, 11, 10)));
        }
        assert_eq!(hit(&Failure::RateLimited(Some(u64::MAX))), None);
        let many = vec![finding(1), finding(1), finding(1), finding(1)];
        assert_eq!(hit(&many), Some((Limit::Findings, 4, 3)));
        let large = Failure::Rejected(vec![finding(10), finding(11)]);
        assert_eq!(hit(&large), Some((Limit::FindingBytes, 21, 20)));
    }

    proptest! {
        #[test]
        fn results_within_the_limits_are_no_larger_than_their_sum(
            sizes in prop::collection::vec(0_usize..40, 0..6),
            text in 0_usize..40,
        ) {
            let returned = action(text, &sizes);
            let total = text + sizes.iter().sum::<usize>();
            if returned.check(&limits()).is_ok() {
                prop_assert!(total as u64 <= limits().result_bytes);
                prop_assert!(sizes.len() as u64 <= limits().assets);
            } else {
                let fits = text <= 10 && sizes.len() <= 2 && total - text <= 20 && total <= 25;
                prop_assert!(!fits);
            }
        }
    }
}
