//! The way from the component's exports to a channel's traits, and `channel!`.
//!
//! Natively the test harness takes the same way, so that what is tested is what runs.

use core::marker::PhantomData;

use crate::abilities::{Channel, Job, Preview, Probe, Withdraw};
use crate::bindings::channel::exports::baepo::channel::channel as channel_export;
use crate::bindings::imports::baepo::channel::types::{
    Content, Failure, Finding, Outcome, Receipt, Severity,
};
use crate::bindings::preview::exports::baepo::channel::preview as preview_export;
use crate::bindings::probe::exports::baepo::channel::probe as probe_export;
use crate::bindings::withdraw::exports::baepo::channel::withdraw as withdraw_export;
use crate::html;
use crate::panic::with_panics_logged;
use crate::text::Text;

/// Makes the component's exports from a type that implements [`Channel`], and, after a colon,
/// the optional abilities `preview`, `probe` and `withdraw`.
///
/// ```ignore
/// baepo_sdk::channel!(Instagram: preview, withdraw);
/// ```
#[macro_export]
macro_rules! channel {
    ($channel:ident $(: $($ability:ident),+ $(,)?)?) => {
        const _: () = {
            #[allow(dead_code)]
            type Exports = $crate::export::Exports<$channel>;
            $crate::__export!(channel Exports);
            $($($crate::__export!($ability Exports);)+)?
        };
    };
}

/// One export each. The bound is checked natively too, where nothing is exported.
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    (channel $exports:ident) => {
        $crate::__export!(@ $exports channel export_channel);
    };
    (preview $exports:ident) => {
        $crate::__export!(@ $exports preview export_preview);
    };
    (probe $exports:ident) => {
        $crate::__export!(@ $exports probe export_probe);
    };
    (withdraw $exports:ident) => {
        $crate::__export!(@ $exports withdraw export_withdraw);
    };
    (@ $exports:ident $interface:ident $export:ident) => {
        const _: () = {
            const fn implemented<T: $crate::bindings::$interface::exports::baepo::channel::$interface::Guest>() {}
            implemented::<$exports>();
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::$interface::$export!($exports with_types_in $crate::bindings::$interface);
        };
    };
}

/// Stands for a channel where `wit-bindgen` wants a type of its own.
#[doc(hidden)]
pub struct Exports<C>(PhantomData<C>);

impl<C: Channel> channel_export::Guest for Exports<C> {
    fn check(content: Content, options: String) -> Vec<Finding> {
        with_panics_logged(|| check::<C>(&content, &options))
    }

    fn distribute(job: channel_export::Job) -> Result<Outcome, Failure> {
        with_panics_logged(|| distribute::<C>(job))
    }
}

impl<C: Preview> preview_export::Guest for Exports<C> {
    fn render(content: Content, options: String) -> String {
        with_panics_logged(|| render::<C>(&content, &options))
    }
}

impl<C: Probe> probe_export::Guest for Exports<C> {
    fn probe(idempotency_key: String, event_id: String) -> Result<Option<Receipt>, Failure> {
        with_panics_logged(|| C::probe(&idempotency_key, &event_id))
    }
}

impl<C: Withdraw> withdraw_export::Guest for Exports<C> {
    fn withdraw(idempotency_key: String, receipt: Receipt) -> Result<(), Failure> {
        with_panics_logged(|| C::withdraw(&idempotency_key, &receipt))
    }
}

pub(crate) fn check<C: Channel>(content: &Content, options: &str) -> Vec<Finding> {
    match parse::<C>(options) {
        Ok(options) => C::check(content, &options),
        Err(why) => vec![Finding::error("/options", why)],
    }
}

pub(crate) fn distribute<C: Channel>(job: channel_export::Job) -> Result<Outcome, Failure> {
    let options = parse::<C>(&job.options).map_err(|why| Failure::rejected("/options", why))?;
    reject_on_errors(C::check(&job.content, &options))?;
    C::distribute(Job {
        idempotency_key: job.idempotency_key,
        event_id: job.event_id,
        content: job.content,
        options,
    })
}

/// Shows the content as it is even where the options are still wrong: `check` says what is.
pub(crate) fn render<C: Preview>(content: &Content, options: &str) -> String {
    match parse::<C>(options) {
        Ok(options) => C::render(content, &options),
        Err(why) => html::paragraph(&why.korean) + &html::paragraph(&why.english),
    }
}

fn parse<C: Channel>(options: &str) -> Result<C::Options, Text> {
    let options = if options.trim().is_empty() {
        "{}"
    } else {
        options
    };
    serde_json::from_str(options).map_err(|error| {
        Text::new(
            "이 행사에서 고른 값이 맞지 않습니다. 다시 골라 주세요.",
            "What was chosen for this event does not fit. Please choose again.",
        )
        .detail(&error.to_string())
    })
}

fn reject_on_errors(mut findings: Vec<Finding>) -> Result<(), Failure> {
    findings.retain(|finding| finding.severity == Severity::Error);
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Rejected(findings))
    }
}
