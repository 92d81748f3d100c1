//! Asks a type what it reads at a path, by letting it deserialize and looking at what it calls for.
//!
//! The answer comes back as the error: nothing is ever read.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, Visitor};

use super::keys::{Kind, Presence};

/// What a type reads at a path.
#[derive(Debug)]
pub enum Found {
    /// A struct with these fields.
    Section(&'static [&'static str]),
    Value(Kind, Presence),
    /// Something that no key of a configuration is.
    Else(String),
}

/// What `T` reads at that path.
pub fn probe<T: DeserializeOwned>(path: &[&'static str]) -> Found {
    let prober = Prober {
        path,
        presence: Presence::Always,
    };
    match T::deserialize(prober) {
        Ok(_) => Found::Else("it takes anything".to_owned()),
        Err(found) => found,
    }
}

impl std::error::Error for Found {}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl de::Error for Found {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::Else(text.to_string())
    }
}

/// A value of which only the path to one place is there.
struct Prober<'p> {
    path: &'p [&'static str],
    presence: Presence,
}

impl Prober<'_> {
    fn value<T>(&self, kind: Kind) -> Result<T, Found> {
        Err(Found::Value(kind, self.presence))
    }
}

macro_rules! number {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
            self.value(Kind::Number)
        })*
    };
}

impl<'de> de::Deserializer<'de> for Prober<'_> {
    type Error = Found;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
        Err(Found::Else("it takes anything".to_owned()))
    }

    number! {
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
    }

    fn deserialize_str<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
        self.value(Kind::Text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
        self.value(Kind::Text)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        visitor.visit_some(Self {
            presence: Presence::WhereGiven,
            ..self
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Found> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
        self.value(Kind::Entries)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Found> {
        match self.path {
            [] => Err(Found::Section(fields)),
            [..] => visitor.visit_map(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Found> {
        self.value(Kind::Choice(variants))
    }

    serde::forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct
        identifier ignored_any
    }
}

/// A struct of which only the next field of the path is there.
impl<'de> MapAccess<'de> for Prober<'_> {
    type Error = Found;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Found> {
        let Some(field) = self.path.first() else {
            return Ok(None);
        };
        seed.deserialize(StrDeserializer::new(field)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Found> {
        seed.deserialize(Prober {
            path: self.path.get(1..).unwrap_or_default(),
            presence: self.presence,
        })
    }
}
