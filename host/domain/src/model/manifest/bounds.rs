//! How large a `channel.toml` may be, and how much of anything it may declare.
//!
//! These hold for releases that are in use, too: each has room for many times of what a channel needs.

use super::Manifest;
use super::error::ManifestError;
use crate::model::number::grouped;
use crate::model::text::{Language, Localized};

const GRANTS: usize = 64;
const REQUESTS: usize = 256;
const SECRETS: usize = 64;
const TOKENS: usize = 32;
const ADDRESSES: usize = 64;
const PAIRS: usize = 32;
/// Requests, each once for itself and once for each secret that goes along: an operator approves each by its name.
const PERMISSIONS: usize = 1_000;
/// Of all their names together: they are stored with the release and answered.
const PERMISSION_BYTES: usize = 256 << 10;
const NAME_BYTES: usize = 128;
const TEXT_BYTES: usize = 4 << 10;
const URL_BYTES: usize = 2_000;

impl Manifest {
    /// Whether a manifest declares no more of anything than is allowed.
    pub(super) fn check_bounds(&self) -> Result<(), ManifestError> {
        at_most("grants", self.grants.len(), GRANTS, "grants")?;
        for (index, grant) in self.grants.iter().enumerate() {
            let at = |field| format!("grants[{index}].{field}");
            at_most(&at("requests"), grant.requests.len(), REQUESTS, "requests")?;
            at_most(&at("secrets"), grant.secrets.len(), SECRETS, "secrets")?;
            at_most(
                &at("origin"),
                grant.origin.as_str().len(),
                URL_BYTES,
                "bytes",
            )?;
        }
        let (count, bytes) = self.permissions();
        let (each, of_all) = (
            "requests, counted again for each secret that goes along,",
            "bytes of requests, counted again for each secret that goes along,",
        );
        at_most("grants", count, PERMISSIONS, each)?;
        at_most("grants", bytes, PERMISSION_BYTES, of_all)?;
        at_most("secrets", self.secrets.len(), SECRETS, "secrets")?;
        for (index, secret) in self.secrets.iter().enumerate() {
            let at = |field| format!("secrets[{index}].{field}");
            at_most(&at("name"), secret.name.len(), NAME_BYTES, "bytes")?;
            at_most(&at("example"), secret.example.len(), TEXT_BYTES, "bytes")?;
            text(&at("title"), secret.title.as_ref())?;
            text(&at("description"), Some(&secret.description))?;
            if let Some(refresh) = &secret.refresh {
                at_most(
                    &at("refresh.url"),
                    refresh.url.as_str().len(),
                    URL_BYTES,
                    "bytes",
                )?;
                at_most(&at("refresh.query"), refresh.query.len(), PAIRS, "fields")?;
                at_most(&at("refresh.when"), refresh.when.len(), PAIRS, "settings")?;
            }
        }
        at_most("tokens", self.tokens.len(), TOKENS, "tokens")?;
        for (index, token) in self.tokens.iter().enumerate() {
            let at = |field| format!("tokens[{index}].{field}");
            at_most(&at("name"), token.name.len(), NAME_BYTES, "bytes")?;
            at_most(&at("url"), token.url.as_str().len(), URL_BYTES, "bytes")?;
            let scope = token.scope.as_ref().map_or(0, String::len);
            at_most(&at("scope"), scope, URL_BYTES, "bytes")?;
        }
        at_most("confirm", self.confirm.addresses(), ADDRESSES, "addresses")?;
        at_most("withdraw.when", self.withdraw.when.len(), PAIRS, "settings")?;
        text("names", Some(&self.names))?;
        text("by_hand.withdraw", self.by_hand.withdraw.as_ref())?;
        text("by_hand.probe", self.by_hand.probe.as_ref())
    }

    /// How many permissions the grants come to, and how long their names are together. A grant of few lines has many:
    /// each of its requests with each of its secrets.
    fn permissions(&self) -> (usize, usize) {
        let (mut count, mut bytes) = (0, 0);
        for grant in &self.grants {
            let secrets: usize = grant.secrets.iter().map(String::len).sum();
            for request in &grant.requests {
                let times = 1 + grant.secrets.len();
                let of_each = request.to_string().len() + grant.origin.as_str().len();
                count += times;
                bytes += times * of_each + secrets;
            }
        }
        (count, bytes)
    }
}

fn text(at: &str, text: Option<&Localized>) -> Result<(), ManifestError> {
    let longest = text.and_then(|text| {
        Language::ALL
            .map(|one| text.get(one).len())
            .into_iter()
            .max()
    });
    at_most(at, longest.unwrap_or(0), TEXT_BYTES, "bytes")
}

fn at_most(at: &str, found: usize, allowed: usize, what: &str) -> Result<(), ManifestError> {
    if found <= allowed {
        return Ok(());
    }
    Err(ManifestError::Rule {
        at: at.to_owned(),
        problem: format!(
            "{} {what} are too many, allowed are {}",
            grouped(found as u64),
            grouped(allowed as u64)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::error::{ERROR_CHARACTERS, MANIFEST_BYTES};
    use super::*;

    const BASE: &str = "id = \"x\"\nnames = { ko = \"x\", en = \"x\" }\n";

    fn refusal(more: &str) -> String {
        let parsed = Manifest::parse(&format!("{BASE}{more}"));
        parsed.expect_err("too much").to_string()
    }

    #[test]
    fn a_manifest_over_64_kib_is_refused_unread() {
        let most = format!("{BASE}#{}", " ".repeat(MANIFEST_BYTES - BASE.len() - 1));
        assert!(Manifest::parse(&most).is_ok());
        let error = Manifest::parse(&format!("{most} = 3")).expect_err("too long");
        let wanted = "channel.toml has 65,540 bytes, allowed are 65,536: shorten its texts";
        assert_eq!(error.to_string(), wanted);
    }

    #[test]
    fn requests_times_secrets_are_bounded() {
        let list = |count: usize, item: &dyn Fn(usize) -> String| {
            let items: Vec<String> = (0..count)
                .map(|index| format!("{:?}", item(index)))
                .collect();
            items.join(",")
        };
        let grants = |requests: usize, path: &str| {
            format!(
                "secrets = [{{ name = \"a\", description = \"\", example = \"\" }}]\n[[grants]]\n\
                 origin = \"https://a.example\"\nrequests = [{}]\nsecrets = [{}]\n",
                list(requests, &|index| format!("GET /{path}{index}")),
                list(9, &|_| "a".to_owned()),
            )
        };
        let most = Manifest::parse(&format!("{BASE}{}", grants(100, "")));
        assert!(most.is_ok(), "{most:?}");
        assert_eq!(
            refusal(&grants(101, "")),
            "channel.toml: grants: 1,010 requests, counted again for each secret that goes along, are too many, \
             allowed are 1,000"
        );
        let long = refusal(&grants(60, &"a".repeat(900)));
        assert!(long.contains("bytes of requests"), "{long}");
    }

    #[test]
    fn deep_nesting_is_refused_in_every_form() {
        let arrays = format!("options.a = {}{}", "[".repeat(30_000), "]".repeat(30_000));
        let tables = format!("options = {}{}", "{a=".repeat(15_000), "}".repeat(15_000));
        let keys = format!("{} = 1", vec!["a"; 30_000].join("."));
        let heads = format!("[settings.{}]", vec!["a"; 30_000].join("."));
        for deep in [arrays, tables, keys, heads] {
            let error = refusal(&deep);
            assert!(error.starts_with("channel.toml is not valid"), "{error}");
            assert!(
                error.chars().count() < ERROR_CHARACTERS + 100,
                "{}",
                error.len()
            );
        }
    }

    #[test]
    fn a_number_over_a_bound_is_named_with_both_numbers() {
        let grant = "[[grants]]\norigin = \"https://a.example\"\nrequests = []\n";
        assert_eq!(
            refusal(&grant.repeat(GRANTS + 1)),
            "channel.toml: grants: 65 grants are too many, allowed are 64"
        );
        let requests = vec!["\"GET /\""; REQUESTS + 1].join(",");
        assert_eq!(
            refusal(&format!(
                "[[grants]]\norigin = \"https://a.example\"\nrequests = [{requests}]\n"
            )),
            "channel.toml: grants[0].requests: 257 requests are too many, allowed are 256"
        );
        let secret = format!(
            "[[secrets]]\nname = \"{}\"\ndescription = \"x\"\nexample = \"x\"\n",
            "n".repeat(NAME_BYTES + 1)
        );
        assert_eq!(
            refusal(&secret),
            "channel.toml: secrets[0].name: 129 bytes are too many, allowed are 128"
        );
        let addresses = vec!["\"https://a.example/{#}\""; ADDRESSES + 1].join(",");
        assert_eq!(
            refusal(&format!("[confirm]\nurls = [{addresses}]\n")),
            "channel.toml: confirm: 65 addresses are too many, allowed are 64"
        );
        let long = "x".repeat(TEXT_BYTES + 1);
        assert_eq!(
            refusal(&format!("[by_hand.probe]\nko = \"x\"\nen = \"{long}\"\n")),
            "channel.toml: by_hand.probe: 4,097 bytes are too many, allowed are 4,096"
        );
    }
}
