//! Authentication by JWT bearer token, and an extractor for each role.

mod jwks;
mod tokens;

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use baepo_domain::Timestamp;
use baepo_domain::model::audit::{Actor, ActorRole};
use baepo_domain::model::id::OwnerId;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::clock::Clock;

pub use self::jwks::JwksError;
use self::tokens::Caller;
pub use self::tokens::{InvalidToken, IssueError, Role, Tokens};
use super::concurrency_limit;
use super::error::{Kind, Problem};

/// A token with the role `owner`: the caller acts for this owner.
#[derive(Debug, Clone)]
pub struct Owner(pub OwnerId);

/// A token with the role `operator`. Holds the token's subject.
#[derive(Debug, Clone)]
pub struct Operator(pub String);

/// A token with the role `operator`, for actions that are audited.
#[derive(Debug, Clone)]
pub struct OperatorActor(pub Actor);

/// A token with the role `service`: another part of the system calls.
#[derive(Debug, Clone, Copy)]
pub struct Service;

/// Who reads: an owner their own things, an operator those of all owners.
#[derive(Debug, Clone)]
pub enum Reader {
    Owner(OwnerId),
    Operator,
}

/// A [`Reader`] of a stream, until their token expires.
#[derive(Debug, Clone)]
pub(super) struct StreamReader {
    pub reader: Reader,
    /// Whose share of the streams it is.
    pub caller: concurrency_limit::Caller,
    /// When the token expires.
    pub until: Timestamp,
}

/// Who acts: an owner on their own publications, an operator on those of all owners.
#[derive(Debug, Clone)]
pub struct OwnerOrOperator(pub Actor);

/// A token with the role `owner`, for actions that are audited.
#[derive(Debug, Clone)]
pub struct OwnerActor(pub Actor);

impl Reader {
    /// Whether what belongs to `owner` may be shown.
    #[must_use]
    pub fn may_see(&self, owner: &OwnerId) -> bool {
        match self {
            Self::Owner(reader) => reader == owner,
            Self::Operator => true,
        }
    }
}

/// Implements an extractor: `admit` maps the authenticated caller to it, or to a problem.
macro_rules! impl_role_extractor {
    ($extractor:ty, $admit:expr) => {
        impl<S> FromRequestParts<S> for $extractor
        where
            S: Send + Sync,
            Arc<Tokens>: FromRef<S>,
            Arc<dyn Clock>: FromRef<S>,
        {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                let admit: fn(Caller) -> Result<Self, Problem> = $admit;
                admit(authenticate(parts, state)?)
            }
        }
    };
}

impl_role_extractor!(Owner, |caller| match caller.role {
    Role::Owner => owner(&caller).map(Self),
    Role::Operator | Role::Service => Err(forbidden("owner", caller.role)),
});

impl_role_extractor!(Operator, |caller| match caller.role {
    Role::Operator => Ok(Self(caller.subject)),
    Role::Owner | Role::Service => Err(forbidden("operator", caller.role)),
});

impl_role_extractor!(OperatorActor, |caller| match caller.role {
    Role::Operator => owner(&caller).map(|subject| {
        Self(Actor {
            subject,
            role: ActorRole::Operator,
        })
    }),
    Role::Owner | Role::Service => Err(forbidden("operator", caller.role)),
});

impl_role_extractor!(Service, |caller| match caller.role {
    Role::Service => Ok(Self),
    Role::Owner | Role::Operator => Err(forbidden("service", caller.role)),
});

impl_role_extractor!(OwnerOrOperator, |caller| {
    let role = match caller.role {
        Role::Owner => ActorRole::Owner,
        Role::Operator => ActorRole::Operator,
        Role::Service => return Err(forbidden("owner or operator", caller.role)),
    };
    let subject = owner(&caller)?;
    Ok(Self(Actor { subject, role }))
});

impl_role_extractor!(OwnerActor, |caller| match caller.role {
    Role::Owner => owner(&caller).map(|subject| {
        Self(Actor {
            subject,
            role: ActorRole::Owner,
        })
    }),
    Role::Operator | Role::Service => Err(forbidden("owner", caller.role)),
});

impl_role_extractor!(StreamReader, |caller| {
    let until = caller.expires_at;
    let (reader, caller) = match caller.role {
        Role::Owner => {
            let owner = owner(&caller)?;
            (
                Reader::Owner(owner.clone()),
                concurrency_limit::Caller::from(&owner),
            )
        }
        Role::Operator => (
            Reader::Operator,
            concurrency_limit::Caller::operator(caller.subject),
        ),
        Role::Service => return Err(forbidden("owner or operator", caller.role)),
    };
    Ok(Self {
        reader,
        caller,
        until,
    })
});

impl_role_extractor!(Reader, |caller| match caller.role {
    Role::Owner => owner(&caller).map(Self::Owner),
    Role::Operator => Ok(Self::Operator),
    Role::Service => Err(forbidden("owner or operator", caller.role)),
});

fn authenticate<S>(parts: &Parts, state: &S) -> Result<Caller, Problem>
where
    Arc<Tokens>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
{
    let header = parts.headers.get(AUTHORIZATION);
    let header = header.ok_or_else(|| {
        unauthenticated(Localized::new(
            "토큰을 함께 보내 주세요. 예: Authorization: Bearer eyJhbGciOi…",
            "Send a token. Example: Authorization: Bearer eyJhbGciOi…; `baepo token` issues one.",
        ))
    })?;
    let token = header.to_str().ok().and_then(bearer);
    let token = token.ok_or_else(|| {
        unauthenticated(Localized::new(
            "Authorization 헤더는 Bearer와 토큰 하나여야 합니다. 예: Authorization: Bearer eyJhbGciOi…",
            "The Authorization header is Bearer and one token. Example: Authorization: Bearer eyJhbGciOi…",
        ))
    })?;
    let now = Arc::<dyn Clock>::from_ref(state).now();
    let verified = Arc::<Tokens>::from_ref(state).verify(token, now);
    verified.map_err(|error| unauthenticated(refused(error)))
}

/// The scheme's name is case-insensitive (RFC 9110, 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

fn owner(caller: &Caller) -> Result<OwnerId, Problem> {
    let owner = caller.subject.parse();
    owner.map_err(|_| {
        unauthenticated(Localized::new(
            "토큰의 sub가 사용자 ID가 아닙니다.",
            "The token's sub is not an owner's id.",
        ))
    })
}

/// Why a token is refused: an owner logs in again, an app's developer reads which part it is.
fn refused(error: InvalidToken) -> Localized {
    let korean = match error {
        InvalidToken::Expired => "로그인한 지 오래되었습니다. 다시 로그인해 주세요.",
        InvalidToken::NotYetValid => "토큰을 아직 쓸 수 없습니다. 기기의 시계를 확인해 주세요.",
        InvalidToken::Malformed => "토큰을 읽을 수 없습니다. 다시 로그인해 주세요.",
        InvalidToken::Signature => "토큰의 서명이 맞지 않습니다. 다시 로그인해 주세요.",
        InvalidToken::Critical => {
            "토큰의 헤더에 알지 못하는 확장(crit)이 있습니다. 다시 로그인해 주세요."
        }
        InvalidToken::Issuer => "토큰을 발급한 곳(iss)이 다릅니다. 다시 로그인해 주세요.",
        InvalidToken::Audience => "이 서비스의 토큰(aud)이 아닙니다. 다시 로그인해 주세요.",
    };
    Localized::new(korean, error.to_string())
}

fn unauthenticated(detail: Localized) -> Problem {
    Problem::new(Kind::Unauthenticated, detail).header("www-authenticate", "Bearer")
}

fn forbidden(needed: &str, given: Role) -> Problem {
    let given = given.as_str();
    let detail = Localized::new(
        format!("{needed} 역할의 토큰이 필요합니다. 지금 토큰의 역할은 {given}입니다."),
        format!("A token with the role {needed} is required; yours has {given}."),
    );
    Problem::new(Kind::Forbidden, detail).member("neededRole", needed)
}

#[cfg(test)]
mod tests;
