//! The owner's settings for this channel, signatures with their secrets, and whose posts are whose.

pub use crate::bindings::imports::baepo::channel::account::Digest;
use crate::bindings::imports::baepo::channel::types::Failure;
use crate::imports;
use crate::text::Text;

/// A setting as text: a JSON string is its plain text, any other value its JSON. Defaults of the
/// schema in `channel.toml` are filled in by the host.
#[must_use]
pub fn setting(name: &str) -> Option<String> {
    imports::setting(name)
}

/// A setting that the channel cannot work without.
///
/// # Errors
/// [`Failure::Unauthorized`] if it is missing or empty: the owner has to connect again.
pub fn required(name: &str) -> Result<String, Failure> {
    setting(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            let message = Text::new(
                "채널 설정에 빠진 것이 있습니다. 채널을 다시 연결해 주세요.",
                "Something is missing in the channel's settings. Connect the channel again.",
            );
            let detail = format!("the setting `{name}` is missing");
            Failure::Unauthorized(message.detail(&detail).into())
        })
}

/// The signature of `data` with the secret of this name, which never enters the component.
/// `None` if there is no such secret or the channel may not use it.
#[must_use]
pub fn sign(secret: &str, digest: Digest, data: &[u8]) -> Option<Vec<u8>> {
    imports::sign(secret, digest, data)
}

/// For a post whose id was lost with the provider's answer: of these posts that the provider shows,
/// those that can be this delivery's, in the order given. Not those that are known to be of another
/// delivery of the account; and none while another delivery, at work now or ended since then (Unix
/// milliseconds), has no id of its own, since any of them may be its post.
///
/// Ask after the provider was asked, and take a post only if it is the only one. At most 100; only
/// `distribute` can ask.
#[must_use]
pub fn attributable(external_ids: &[String], since_ms: u64) -> Vec<String> {
    imports::attributable(external_ids, since_ms)
}
