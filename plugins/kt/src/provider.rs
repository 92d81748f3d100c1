//! The services by the names that owners know, and where in an event each one's demands belong.

use baepo_sdk::Text;

/// One of KT's services.
#[derive(Debug)]
pub struct Provider {
    /// Ends in a vowel, as the particles in the texts expect.
    pub korean: &'static str,
    pub english: &'static str,
    /// What this service calls its assets, in addresses.
    pub assets: &'static str,
    /// What this service calls its placements, in addresses.
    pub placements: &'static str,
    /// What an owner sees or hears at the start: "방송", "연결음".
    pub shown_korean: &'static str,
    pub region: JsonPointer,
    pub times: JsonPointer,
}

/// Where the owner changes something, as a JSON pointer.
pub type JsonPointer = &'static str;

impl Provider {
    /// A text in both languages, with this service's name for each `{}`. KT's or the host's own
    /// words are for operators.
    pub(crate) fn owner_message(&self, korean: &str, english: &str, words: &str) -> String {
        self.text(korean, english).detail(words).into()
    }

    pub(crate) fn text(&self, korean: &str, english: &str) -> Text {
        let fill = |text: &str, name| text.replace("{}", name);
        Text::new(fill(korean, self.korean), fill(english, self.english))
    }
}
