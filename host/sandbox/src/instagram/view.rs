//! Nodes as the Graph API shows them, and the choice of their fields.

use serde_json::{Map, Value, json};

use super::container::{Kind, Status};
use super::error::GraphError;
use super::published::PublishedMedia;

const SHORTCODE_DIGITS: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn container(id: u64, status: Status) -> Value {
    json!({
        "id": id.to_string(),
        "status_code": status.code(),
        "status": status.description(),
    })
}

pub(super) fn media(id: u64, media: &PublishedMedia) -> Value {
    let path = if media.kind == Kind::Reel {
        "reel"
    } else {
        "p"
    };
    let shortcode = shortcode(id);
    json!({
        "id": id.to_string(),
        "caption": media.caption,
        "media_type": media.kind.of_media(&media.media),
        "media_url": media.media.first().map(|media| &media.url),
        "permalink": format!("https://www.instagram.com/{path}/{shortcode}/"),
        "shortcode": shortcode,
        "timestamp": media.at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string(),
    })
}

/// Only the fields that were asked for; the id always.
pub(super) fn select(
    node: Value,
    node_type: &str,
    fields: Option<&str>,
) -> Result<Value, GraphError> {
    let Value::Object(mut all) = node else {
        return Ok(node);
    };
    let mut chosen = Map::new();
    for field in fields.unwrap_or_default().split(',').map(str::trim) {
        if field.is_empty() || field == "id" {
            continue;
        }
        match all.remove(field) {
            // Meta leaves a caption out that is not there.
            Some(Value::Null) => {}
            Some(Value::String(text)) if text.is_empty() => {}
            Some(value) => drop(chosen.insert(field.to_owned(), value)),
            None if chosen.contains_key(field) => {}
            None => return Err(GraphError::unknown_field(field, node_type)),
        }
    }
    if let Some(id) = all.remove("id") {
        chosen.insert("id".to_owned(), id);
    }
    Ok(Value::Object(chosen))
}

/// The id in base 64, as Instagram's addresses have it.
fn shortcode(id: u64) -> String {
    let digits = (0..11).rev().map(|place| (id >> (6 * place)) & 63);
    let significant = digits.skip_while(|digit| *digit == 0);
    significant
        .map(|digit| char::from(SHORTCODE_DIGITS[digit as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_requested_fields_are_returned() {
        let node = || json!({ "id": "1", "status_code": "FINISHED", "status": "Finished" });
        assert_eq!(select(node(), "Container", None), Ok(json!({ "id": "1" })));
        assert_eq!(
            select(node(), "Container", Some("status_code, id")),
            Ok(json!({ "id": "1", "status_code": "FINISHED" }))
        );
        assert_eq!(
            select(node(), "Container", Some("likes")),
            Err(GraphError::unknown_field("likes", "Container"))
        );
    }

    #[test]
    fn different_ids_have_different_shortcodes() {
        assert_eq!(shortcode(1), "B");
        assert_eq!(shortcode(64), "BA");
        assert_ne!(
            shortcode(17_920_000_000_000_001),
            shortcode(17_920_000_000_000_002)
        );
    }
}
