//! A call to the Graph API: authorised, with its parameters wherever they came from.
//!
//! Meta takes parameters from the query, a form or a JSON body alike, and the token from any of
//! them or from the `Authorization` header.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde_json::Value;
use url::form_urlencoded;

use super::error::GraphError;
use crate::lag::ReadLag;
use crate::provider::CREDENTIAL_PREFIX;

#[derive(Debug, Default)]
pub(super) struct Call {
    parameters: BTreeMap<String, String>,
    pub(super) lag: ReadLag,
}

impl Call {
    /// An empty parameter counts as none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(super) fn require(&self, name: &str) -> Result<&str, GraphError> {
        self.get(name)
            .ok_or_else(|| GraphError::parameter_required(name))
    }

    /// A list is written `1,2` or `["1","2"]`.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let Some(text) = self.get(name) else {
            return Vec::new();
        };
        serde_json::from_str(text)
            .unwrap_or_else(|_| text.split(',').map(|item| item.trim().to_owned()).collect())
    }

    fn add_pairs(&mut self, encoded: &[u8]) {
        let pairs = form_urlencoded::parse(encoded);
        self.parameters
            .extend(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())));
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), GraphError> {
        let fields: BTreeMap<String, Value> = serde_json::from_slice(body)
            .map_err(|_| GraphError::invalid_parameter("The request body is no JSON object"))?;
        self.parameters
            .extend(fields.into_iter().map(|(name, value)| match value {
                Value::String(text) => (name, text),
                Value::Null => (name, String::new()),
                other => (name, other.to_string()),
            }));
        Ok(())
    }
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = GraphError;

    async fn from_request(request: Request, state: &S) -> Result<Self, GraphError> {
        let mut call = Call {
            lag: ReadLag::of(request.extensions()),
            ..Call::default()
        };
        call.add_pairs(request.uri().query().unwrap_or_default().as_bytes());
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| GraphError::invalid_parameter("The request body cannot be read"))?;
        if is_json(&headers) && !body.is_empty() {
            call.add_json(&body)?;
        } else {
            call.add_pairs(&body);
        }
        let token = bearer(&headers).or(call.get("access_token"));
        if token.is_some_and(|token| token.starts_with(CREDENTIAL_PREFIX)) {
            Ok(call)
        } else {
            Err(GraphError::invalid_token())
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/json"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_parses_in_both_notations() {
        let mut call = Call::default();
        call.add_pairs(b"plain=1,%202&json=%5B%223%22%2C%224%22%5D");
        assert_eq!(call.list("plain"), ["1", "2"]);
        assert_eq!(call.list("json"), ["3", "4"]);
        assert!(call.list("absent").is_empty());
    }
}
