//! The kinds of message, and what each has room for.

use super::failure::Failure;

/// The bubbles that this stand-in draws. Carousels, commerce and video are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bubble {
    Text,
    Image,
    Wide,
}

/// What a bubble has room for.
pub(super) struct BubbleLimits {
    pub(super) characters: usize,
    pub(super) line_breaks: usize,
    pub(super) buttons: usize,
    pub(super) button_name: usize,
}

impl Bubble {
    pub(super) fn parse(name: &str) -> Result<Self, Failure> {
        match name {
            "TEXT" => Ok(Self::Text),
            "IMAGE" => Ok(Self::Image),
            "WIDE" => Ok(Self::Wide),
            other => Err(Failure::invalid(format!(
                "chatBubbleType: the sandbox has TEXT, IMAGE and WIDE, got {other}"
            ))),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Image => "IMAGE",
            Self::Wide => "WIDE",
        }
    }

    pub(super) fn limits(self) -> BubbleLimits {
        match self {
            Self::Text | Self::Image => BubbleLimits {
                characters: 1_300,
                line_breaks: 99,
                buttons: 5,
                button_name: 14,
            },
            Self::Wide => BubbleLimits {
                characters: 76,
                line_breaks: 5,
                buttons: 2,
                button_name: 8,
            },
        }
    }
}
