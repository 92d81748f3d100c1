//! What Kakao takes for a picture, as far as its address says what it is: nothing is fetched here.
//!
//! The ending says its type. In the file's name, parts like `4032x3024` are its pixels and parts like
//! `12mb` its size; where they are not there, the picture is taken.

use url::Url;

use super::bubble::Bubble;
use super::failure::Failure;

const TYPES: [&str; 3] = ["jpg", "jpeg", "png"];
const MEGABYTES: u32 = 5;
const LEAST_WIDTH: u32 = 500;

pub(super) fn check(bubble: Bubble, url: &Url) -> Result<(), Failure> {
    let name = url.path_segments().and_then(|mut path| path.next_back());
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name.as_str(), "jpg"));
    if !TYPES.contains(&ending) {
        return Err(Failure::invalid_image(&format!(
            "{ending}: only jpg and png"
        )));
    }
    for part in stem.split(['-', '_', '.']) {
        if megabytes(part).is_some_and(|size| size > MEGABYTES) {
            let most = format!("{part}: at most {MEGABYTES} MB");
            return Err(Failure::invalid_image(&most));
        }
        if let Some((width, height)) = pixels(part) {
            check_pixels(bubble, width, height)?;
        }
    }
    Ok(())
}

fn check_pixels(bubble: Bubble, width: u32, height: u32) -> Result<(), Failure> {
    if width < LEAST_WIDTH {
        let least = format!("{width} wide: at least {LEAST_WIDTH}");
        return Err(Failure::invalid_image(&least));
    }
    let (width, height) = (u64::from(width), u64::from(height));
    let is_upright = match bubble {
        Bubble::Wide => width < height,
        Bubble::Image | Bubble::Text => width * 4 < height * 3,
    };
    if is_upright || width > height * 2 {
        let ratio = format!("{width}x{height}: not the ratio of {}", bubble.name());
        return Err(Failure::invalid_image(&ratio));
    }
    Ok(())
}

fn megabytes(part: &str) -> Option<u32> {
    part.strip_suffix("mb")?.parse().ok()
}

fn pixels(part: &str) -> Option<(u32, u32)> {
    let (width, height) = part.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}
