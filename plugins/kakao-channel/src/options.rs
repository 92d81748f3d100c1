//! What an owner chooses per event.

use serde::Deserialize;

/// As `[options]` of `channel.toml` declares it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    pub(crate) bubble: BubbleChoice,
    pub(crate) button_name: String,
    pub(crate) push_alarm: bool,
    /// Without a choice the account's.
    pub(crate) advertising: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum BubbleChoice {
    Auto,
    Text,
    Image,
    Wide,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bubble: BubbleChoice::Auto,
            button_name: "자세히 보기".into(),
            push_alarm: true,
            advertising: None,
        }
    }
}
