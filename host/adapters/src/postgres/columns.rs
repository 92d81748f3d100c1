//! Many values of one column, as one parameter.

use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgBindIterExt as _, PgHasArrayType, PgTypeInfo};
use sqlx::{Encode, Postgres, Type};

use crate::rows::columns::{Id, Json, Millis, Number};
use crate::rows::packed::Packed;

impl PgHasArrayType for Id {
    /// That of `uuid[]`, which is the same in every PostgreSQL.
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(2951))
    }
}

impl PgHasArrayType for Millis {
    fn array_type_info() -> PgTypeInfo {
        i64::array_type_info()
    }
}

impl<T> PgHasArrayType for Number<T> {
    fn array_type_info() -> PgTypeInfo {
        i64::array_type_info()
    }
}

impl<T> PgHasArrayType for Json<T> {
    fn array_type_info() -> PgTypeInfo {
        String::array_type_info()
    }
}

impl<T> PgHasArrayType for Packed<T> {
    fn array_type_info() -> PgTypeInfo {
        Vec::<u8>::array_type_info()
    }
}

/// What `value` takes of each row, in the order of the rows.
pub fn column<'a, T, V>(
    rows: &'a [T],
    value: impl Fn(&'a T) -> V + 'a,
) -> impl Encode<'a, Postgres> + Type<Postgres> + 'a
where
    V: Encode<'a, Postgres> + Type<Postgres> + PgHasArrayType + 'a,
{
    rows.iter().map(value).bind_iter()
}

/// PostgreSQL keeps no text with U+0000 in it, which may stand in what a provider has said.
pub fn text(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}").into()
    } else {
        text.into()
    }
}
