//! Components that `cargo xtask` has built.

use std::path::{Path, PathBuf};

/// Every channel of this repository.
pub const CHANNELS: [&str; 6] = [
    "genie-tv",
    "instagram",
    "kakao-channel",
    "naver-blog",
    "ringo-biz",
    "uridongne-tv",
];
/// Those that speak to a provider; a blog's post is its owner's to make.
pub const WITH_PROVIDER: [&str; 5] = [
    "genie-tv",
    "instagram",
    "kakao-channel",
    "ringo-biz",
    "uridongne-tv",
];

/// A channel of this repository, such as `instagram`.
#[must_use]
pub fn plugin(id: &str) -> PathBuf {
    built("plugins", id)
}

/// Every channel of this repository.
///
/// # Panics
/// When none was built.
#[must_use]
pub fn plugins() -> Vec<PathBuf> {
    CHANNELS.map(plugin).to_vec()
}

/// A component of `tests/guests`, such as `endless_loop`.
#[must_use]
pub fn guest(name: &str) -> PathBuf {
    built("guests", name)
}

fn built(folder: &str, name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let file = target.join(folder).join(format!("{name}.wasm"));
    assert!(
        file.exists(),
        "{} is not built: run `cargo xtask plugins` first",
        file.display()
    );
    file
}
