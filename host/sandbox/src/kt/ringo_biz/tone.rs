//! The announcement itself: a recording, or a script that a voice reads. Neither is fetched nor read
//! here, so how long it takes is made up.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::kt::asset::{Content, web_address};
use crate::kt::creation::{required, text};
use crate::kt::problem::Problem;

const SCRIPT_CHARACTERS: usize = 200;
const MAX_RECORDING_S: usize = 30;
const RECORDING_S: usize = 20;
/// What a calm voice reads of Korean.
const SYLLABLES_PER_SECOND: usize = 7;

#[derive(Debug, Clone)]
pub(crate) enum Tone {
    Recording { url: String },
    Script { text: String, voice: Voice },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Voice {
    FemaleCalm,
    FemaleBright,
    MaleCalm,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToneRequest {
    audio_url: Option<String>,
    tts_script: Option<String>,
    voice: Option<Voice>,
}

impl ToneRequest {
    pub(super) fn check(self) -> Result<Tone, Problem> {
        match (self.audio_url, self.tts_script) {
            (Some(url), None) => {
                let url = web_address("audioUrl", url)?;
                Ok(Tone::Recording { url })
            }
            (None, script @ Some(_)) => {
                let text = text("ttsScript", script, SCRIPT_CHARACTERS)?;
                let voice = required("voice", self.voice)?;
                Ok(Tone::Script { text, voice })
            }
            _ => Err(Problem::invalid(
                "audioUrl",
                "either audioUrl or ttsScript is needed",
            )),
        }
    }
}

impl Content for Tone {
    const ID_PREFIX: &'static str = "tn_";
    const DEFAULT_REJECTION_REASON: &'static str =
        "30초 이하의 음원이 아니거나 쓸 수 없는 표현이 있습니다.";

    fn source(&self) -> &str {
        match self {
            Self::Recording { url } => url,
            Self::Script { text, .. } => text,
        }
    }

    fn ready_members(&self) -> Value {
        let seconds = match self {
            Self::Recording { .. } => RECORDING_S,
            Self::Script { text, .. } => text
                .chars()
                .count()
                .div_ceil(SYLLABLES_PER_SECOND)
                .min(MAX_RECORDING_S),
        };
        json!({ "durationSec": seconds })
    }

    fn still_processing() -> Problem {
        Problem::tone_processing()
    }
}
