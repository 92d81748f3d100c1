//! 링고비즈: what callers of the shop's line hear instead of the ringing.
//!
//! The line is verified, the sound becomes a tone, the tone is assigned to the line for a period.
//! Review, reference and the end of it are what KT's services share ([`baepo_kt`]).

mod check;
mod options;
mod preview;
mod provider;
mod request;
mod sound;

use baepo_kt::answer;
use baepo_kt::api::{Api, CancelMethod};
use baepo_kt::placement::{self, Placement};
use baepo_kt::review::ReviewPoller;
use baepo_kt::{asset, period, withdrawal};
use baepo_sdk::{
    Channel, Content, Failure, Finding, Job, Outcome, Preview, Probe, Receipt, Withdraw, run,
};

use provider::RINGO_BIZ;
use request::{NewAssignment, NewTone};
use sound::Sound;

pub use options::{Options, Voice};

pub struct RingoBiz;

impl Channel for RingoBiz {
    type Options = Options;

    fn check(content: &Content, options: &Options) -> Vec<Finding> {
        check::findings(content, options)
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        let (api, period) = (Api::from_settings()?, period::of(&job.content)?);
        let sound = Sound::of(&job.content, &job.options);
        let assignment = assign(&api, &job, &sound).or_else(|failure| {
            placement::find_earlier(failure, &api, &RINGO_BIZ, &job.idempotency_key)
        })?;
        let material = sound.json_pointer();
        let review = ReviewPoller {
            api: &api,
            provider: &RINGO_BIZ,
            material: &material,
            period,
            reach: None,
        };
        review.poll_until_live(assignment)
    }
}

fn assign(api: &Api, job: &Job<Options>, sound: &Sound<'_>) -> Result<Placement, Failure> {
    let (line, material) = (job.options.line(), sound.json_pointer());
    let verified = answer::succeeded(request::verification(api, &line).send());
    verified.map_err(|api_error| api_error.into_failure(&RINGO_BIZ, &material))?;

    let key = format!("{}-tone", job.idempotency_key);
    let tone = NewTone::of(sound, job.options.voice);
    let tone_id = asset::prepare(api, &RINGO_BIZ, &key, &tone, &material)?;

    let assignment = NewAssignment {
        client_reference: &job.idempotency_key,
        phone_number: &line,
        tone_id: &tone_id,
        period: period::of(&job.content)?.into(),
        restore_previous: true,
    };
    placement::create(
        api,
        &RINGO_BIZ,
        &job.idempotency_key,
        &assignment,
        &material,
    )
}

impl Preview for RingoBiz {
    fn render(content: &Content, options: &Options) -> String {
        preview::card(&Sound::of(content, options), options)
    }
}

impl Probe for RingoBiz {
    fn probe(idempotency_key: &str, event_id: &str) -> Result<Option<Receipt>, Failure> {
        run::info(format!("looking for the assignment of event {event_id}"));
        placement::probe(&Api::from_settings()?, &RINGO_BIZ, idempotency_key)
    }
}

impl Withdraw for RingoBiz {
    fn withdraw(idempotency_key: &str, receipt: &Receipt) -> Result<(), Failure> {
        let api = Api::from_settings()?;
        withdrawal::withdraw(
            &api,
            &RINGO_BIZ,
            idempotency_key,
            receipt,
            CancelMethod::Delete,
        )
    }
}

baepo_sdk::channel!(RingoBiz: preview, probe, withdraw);
