//! Asks a type what it reads at a path, by letting it deserialize and looking at what it calls for.
//!
//! The answer comes back as the error: nothing is ever read. What a value must be is what its visitor expects.

use std::fmt;

use baepo_domain::model::options::PRIVATE;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Expected, MapAccess, Visitor};

/// What a type reads at a path.
#[derive(Debug)]
pub enum Found {
    /// A struct with these fields.
    Section(&'static [&'static str]),
    Value {
        kind: Kind,
        allowed: String,
        is_private: bool,
    },
    /// Something that no option is.
    Else(String),
}

/// What an option's value is in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Number,
    Text,
    /// One of several texts.
    Choice,
    /// Texts by names that the operator chooses.
    Entries,
}

/// What `T` reads at that path.
pub fn probe<T: DeserializeOwned>(path: &[&'static str]) -> Found {
    let prober = Prober {
        path,
        is_private: false,
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
    is_private: bool,
}

impl Prober<'_> {
    fn value<T>(&self, kind: Kind, allowed: impl fmt::Display) -> Result<T, Found> {
        Err(Found::Value {
            kind,
            allowed: allowed.to_string(),
            is_private: self.is_private,
        })
    }
}

impl<'de> de::Deserializer<'de> for Prober<'_> {
    type Error = Found;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        let expected = &visitor as &dyn Expected;
        Err(Found::Else(format!("no rule but {expected}")))
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        self.value(Kind::Number, &visitor as &dyn Expected)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        self.value(Kind::Text, &visitor as &dyn Expected)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Found> {
        visitor.visit_newtype_struct(Self {
            is_private: self.is_private || name == PRIVATE,
            ..self
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        self.value(Kind::Entries, &visitor as &dyn Expected)
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
        match variants {
            [others @ .., last] if !others.is_empty() => {
                self.value(Kind::Choice, format!("{} or {last}", others.join(", ")))
            }
            _ => self.value(Kind::Choice, variants.concat()),
        }
    }

    // A number or a text of these kinds has no rule of `baepo_domain::model::options`.
    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char string bytes byte_buf unit unit_struct
        seq tuple tuple_struct identifier ignored_any
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
            is_private: self.is_private,
        })
    }
}
