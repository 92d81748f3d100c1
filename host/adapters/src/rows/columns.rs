//! How a value stands in a column, for every database that has integers, text and bytes.
//!
//! The wrappers exist for the way in and out alone. What is stored and cannot be read is an error
//! that names the column, never a panic and never a default.

use baepo_domain::Timestamp;
use baepo_domain::model::time::at_millisecond;
use serde::Serialize;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgTypeInfo;
use sqlx::postgres::types::Oid;
use sqlx::sqlite::SqliteTypeInfo;
use sqlx::{Database, Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

/// A UUID as its 16 bytes, which compare like the UUIDs. PostgreSQL has a type for them.
#[derive(Debug, Clone, Copy)]
pub struct Id(pub Uuid);

/// A time as milliseconds since 1970, between [`baepo_domain::model::time::EARLIEST`] and
/// [`baepo_domain::model::time::LATEST`].
#[derive(Debug, Clone, Copy)]
pub struct Millis(pub Timestamp);

/// A whole number that is narrower than the column's 64 bits, or has no sign.
#[derive(Debug, Clone, Copy)]
pub struct Number<T>(pub T);

/// A name or a state as the text that it has in JSON, without the quotes.
#[derive(Debug, Clone)]
pub struct Text<T>(pub T);

/// A text that its type reads itself.
#[derive(Debug, Clone)]
pub struct Parsed<T>(pub T);

/// Anything else, as JSON.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

/// Says of a wrapper which plain type it is for the database.
macro_rules! stored_as {
    ($plain:ty, $wrapper:ident $(<$parameter:ident>)?) => {
        impl<DB: Database, $($parameter)?> Type<DB> for $wrapper $(<$parameter>)?
        where
            $plain: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <$plain>::type_info()
            }

            fn compatible(given: &DB::TypeInfo) -> bool {
                <$plain>::compatible(given)
            }
        }
    };
}

stored_as!(i64, Millis);
stored_as!(i64, Number<T>);
stored_as!(str, Text<T>);
stored_as!(str, Parsed<T>);
stored_as!(str, Json<T>);

impl Type<Sqlite> for Id {
    fn type_info() -> SqliteTypeInfo {
        <[u8] as Type<Sqlite>>::type_info()
    }

    fn compatible(given: &SqliteTypeInfo) -> bool {
        <[u8] as Type<Sqlite>>::compatible(given)
    }
}

impl Type<Postgres> for Id {
    /// That of `uuid`, which is the same in every PostgreSQL.
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(2950))
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Id
where
    &'r [u8]: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes = <&[u8]>::decode(value)?;
        Ok(Self(Uuid::from_slice(bytes)?))
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Id
where
    Vec<u8>: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.0.as_bytes().to_vec().encode(buffer)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Millis
where
    i64: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        // What was written before times were bounded may be more than there is a time for.
        Ok(Self(at_millisecond(i64::decode(value)?)))
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Millis
where
    i64: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let bounded = at_millisecond(self.0.as_millisecond());
        bounded.as_millisecond().encode(buffer)
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for Parsed<T>
where
    String: Decode<'r, DB>,
    T: TryFrom<String, Error: Into<BoxDynError>>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let parsed = T::try_from(String::decode(value)?);
        parsed.map(Self).map_err(Into::into)
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for Number<T>
where
    i64: Decode<'r, DB>,
    T: TryFrom<i64, Error: Into<BoxDynError>>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let number = i64::decode(value)?;
        T::try_from(number).map(Self).map_err(Into::into)
    }
}

impl<'q, DB: Database, T> Encode<'q, DB> for Number<T>
where
    i64: Encode<'q, DB>,
    T: Copy + TryInto<i64, Error: Into<BoxDynError>>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let number: i64 = self.0.try_into().map_err(Into::into)?;
        number.encode(buffer)
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for Text<T>
where
    &'r str: Decode<'r, DB>,
    T: DeserializeOwned,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text: StrDeserializer<'_, ValueError> = <&str>::decode(value)?.into_deserializer();
        Ok(Self(T::deserialize(text)?))
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for Json<T>
where
    &'r str: Decode<'r, DB>,
    T: DeserializeOwned,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let json = <&str>::decode(value)?;
        Ok(Self(serde_json::from_str(json)?))
    }
}

impl<'q, DB: Database, T> Encode<'q, DB> for Json<T>
where
    String: Encode<'q, DB>,
    T: Serialize,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        serde_json::to_string(&self.0)?.encode(buffer)
    }
}
