//! Content → HTTP: what is sent beside what KT's services share.

use baepo_kt::api::Api;
use baepo_kt::period::ApiPeriod;
use baepo_sdk::http::{Request, encode};
use serde::Serialize;

use crate::options::Voice;
use crate::sound::Sound;

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum NewTone<'a> {
    #[serde(rename_all = "camelCase")]
    Recording { audio_url: &'a str },
    #[serde(rename_all = "camelCase")]
    Reading { tts_script: &'a str, voice: Voice },
}

impl<'a> NewTone<'a> {
    pub fn of(sound: &'a Sound<'_>, voice: Voice) -> Self {
        match sound {
            Sound::Recording { audio, .. } => Self::Recording {
                audio_url: &audio.url,
            },
            Sound::Reading { text, .. } => Self::Reading {
                tts_script: text,
                voice,
            },
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAssignment<'a> {
    pub client_reference: &'a str,
    pub phone_number: &'a str,
    pub tone_id: &'a str,
    pub period: ApiPeriod,
    /// What callers heard before comes back when the period is over.
    pub restore_previous: bool,
}

/// Asks whether the account has this line.
pub fn verification(api: &Api, line: &str) -> Request {
    api.post_safe(&format!("lines/{}/verification", encode(line)))
}
