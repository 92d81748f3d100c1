//! What a `channel.toml` declares, beyond its form.
//!
//! Two kinds of rules, and no third place for one: those that keep the host safe hold for every release, always;
//! those for authors hold where a release is built and where one is installed for the first time, so that a new
//! rule never takes a release away that is in use. `baepo plugin build` and admission call the same functions.

use std::collections::BTreeMap;

use baepo_domain::model::manifest::Manifest;
use baepo_domain::model::number::grouped;
use baepo_domain::model::text::Language;
use serde_json::Value;

use super::schema::Schema;
use crate::config::RuntimeConfig;
use crate::limits::Limits;

/// The most mistakes of one answer.
const MISTAKES: usize = 10;

/// What a manifest declares, verified against what the host allows.
pub(crate) struct Declared {
    pub limits: Limits,
    pub settings: Schema,
    pub options: Schema,
}

impl Declared {
    /// Verifies what keeps the host safe.
    ///
    /// # Errors
    /// Says what the author changes, with its place in `channel.toml`.
    pub fn of(manifest: &Manifest, config: &RuntimeConfig) -> Result<Self, String> {
        check_secret_urls(manifest)?;
        let limits = config.default_limits.with(&manifest.limits);
        if let Some((name, asked, allowed)) = config.maximum_limits.first_exceeded(&limits) {
            return Err(format!(
                "channel.toml: limits.{name}: asks for {}, the host allows at most {} \
                 (runtime.maximum_limits.{name} in its configuration)",
                grouped(asked),
                grouped(allowed),
            ));
        }
        let schema = |at, schema| {
            Schema::compile(schema)
                .map_err(|error| format!("channel.toml: {at}: no valid schema: {error}"))
        };
        Ok(Self {
            limits,
            settings: schema("settings", &manifest.settings)?,
            options: schema("options", &manifest.options)?,
        })
    }

    /// What an author has to mend before anybody can use the channel, the first of it.
    ///
    /// # Errors
    /// All mistakes in one text, each with its place in `channel.toml` and what to do.
    pub fn check_for_authors(&self, manifest: &Manifest) -> Result<(), String> {
        let mut mistakes = Vec::new();
        let sections = [
            ("settings", &manifest.settings, &self.settings),
            ("options", &manifest.options, &self.options),
        ];
        for (section, declared, schema) in sections {
            check_properties(section, declared, schema, &mut mistakes);
        }
        for secret in &manifest.secrets {
            if secret.example.trim().is_empty() {
                mistakes.push(format!(
                    "channel.toml: secrets: {:?} has no example: give one that works against a stand-in, \
                     such as \"sandbox-{}\"",
                    secret.name, secret.name
                ));
            }
            if let Some(refresh) = &secret.refresh {
                let at = format!("secrets: {:?}: refresh.when", secret.name);
                self.check_when(&at, &refresh.when, manifest, &mut mistakes);
            }
        }
        self.check_when(
            "withdraw.when",
            &manifest.withdraw.when,
            manifest,
            &mut mistakes,
        );
        for name in manifest.confirm.settings() {
            if !has_property(&manifest.settings, name) {
                mistakes.push(unknown_setting("confirm", name));
            }
        }
        if mistakes.is_empty() {
            return Ok(());
        }
        let more = mistakes.len().saturating_sub(MISTAKES);
        mistakes.truncate(MISTAKES);
        if more > 0 {
            mistakes.push(format!("and {more} more"));
        }
        Err(mistakes.join("; "))
    }

    fn check_when(
        &self,
        at: &str,
        wanted: &BTreeMap<String, String>,
        manifest: &Manifest,
        mistakes: &mut Vec<String>,
    ) {
        for (name, value) in wanted {
            if !has_property(&manifest.settings, name) {
                mistakes.push(unknown_setting(at, name));
            } else if let Some(why) = misfit(&self.settings, name, &Value::from(value.as_str())) {
                mistakes.push(format!(
                    "channel.toml: {at}: the setting {name:?} can never be {value:?}: {why}"
                ));
            }
        }
    }
}

fn check_properties(section: &str, declared: &Value, schema: &Schema, mistakes: &mut Vec<String>) {
    let properties = declared.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let at = format!("channel.toml: {section}.properties.{name}");
        let examples = property.get("examples").and_then(Value::as_array);
        let examples = examples.map(Vec::as_slice).unwrap_or_default();
        if examples.is_empty() {
            mistakes.push(format!(
                "{at}: has no examples: give one that works against a stand-in, examples = [...]"
            ));
        }
        for example in examples {
            if let Some(why) = misfit(schema, name, example) {
                mistakes.push(format!("{at}.examples: {example} does not fit: {why}"));
            }
        }
    }
    let required = declared.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !has_property(declared, name) {
            mistakes.push(format!(
                "channel.toml: {section}.required: {name:?} is not among {section}.properties: \
                 declare it there, or leave it out here"
            ));
        }
    }
}

/// Why a value is none for this property, whatever the others are.
fn misfit(schema: &Schema, name: &str, value: &Value) -> Option<String> {
    let alone = Value::Object([(name.to_owned(), value.clone())].into_iter().collect());
    let findings = schema.fill(&alone).err()?;
    let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    let own = findings.into_iter().find(|finding| {
        let below = finding.at.strip_prefix(&pointer);
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    })?;
    Some(own.message.get(Language::English).to_owned())
}

fn has_property(schema: &Value, name: &str) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.is_some_and(|properties| properties.contains_key(name))
}

fn unknown_setting(at: &str, name: &str) -> String {
    format!(
        "channel.toml: {at}: {name:?} is not among settings.properties: declare it there, or name one that is"
    )
}

/// The URLs to which the host itself sends an account's secrets must be https.
fn check_secret_urls(manifest: &Manifest) -> Result<(), String> {
    let tokens = manifest.tokens.iter();
    let tokens = tokens.map(|token| ("tokens", &token.name, &token.url));
    let secrets = manifest.secrets.iter();
    let refreshes = secrets.filter_map(|secret| {
        let refresh = secret.refresh.as_ref()?;
        Some(("secrets.refresh", &secret.name, &refresh.url))
    });
    for (at, name, url) in tokens.chain(refreshes) {
        if url.scheme() != "https" {
            return Err(format!(
                "channel.toml: {at} of {name:?}: the address must begin with \"https://\"; \
                 egress.rewrite lets a local stand-in answer for it"
            ));
        }
    }
    Ok(())
}
