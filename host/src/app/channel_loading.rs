//! Loads channels at the start.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use baepo_adapters::signatures_beside;
use baepo_domain::model::release::{Release, ReleaseState};
use baepo_domain::usecases::releases::Releases;

/// Active releases from the store, then components from the operator's folder. One that cannot
/// be loaded is reported and left out, never a reason not to start.
pub(super) async fn load_channels(
    releases: &Releases,
    folder: Option<&Path>,
) -> anyhow::Result<()> {
    for skipped in releases.restore().await? {
        tracing::error!(
            channel = %skipped.channel,
            release = %skipped.digest.short(),
            error = %skipped.error,
            "an active release could not be loaded and is left out"
        );
    }
    let Some(folder) = folder else {
        return Ok(());
    };
    for file in components_in(folder)? {
        let adopted = adopt(releases, &file).await;
        let file = file.display();
        match adopted {
            Ok(release) if release.state == ReleaseState::Staged => tracing::warn!(
                channel = %release.channel,
                release = %release.digest.short(),
                "it is staged and gets no traffic: `baepo channel show {}` says whether it waits for an approval; with \
                 --trust-channels a start approves and promotes what is in the folder",
                release.channel,
            ),
            Ok(release) => tracing::info!(
                channel = %release.channel,
                release = %release.digest.short(),
                state = release.state.as_str(),
                "channel loaded"
            ),
            Err(error) => {
                tracing::error!(%file, error = %format!("{error:#}"), "a component was left out");
            }
        }
    }
    Ok(())
}

/// With the signatures in the files beside it.
async fn adopt(releases: &Releases, file: &Path) -> anyhow::Result<Release> {
    let signatures = signatures_beside(file)?;
    let component = tokio::fs::read(file).await?;
    Ok(releases.install_bundled(component, &signatures).await?)
}

fn components_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let name = folder.display();
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the channels' folder {name}"))?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "wasm")
    });
    files.sort();
    Ok(files)
}
