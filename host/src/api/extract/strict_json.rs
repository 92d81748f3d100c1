//! JSON as the OpenAPI document describes it: an object is an object, a name is a string.
//!
//! Serde's derived types also take an array for a struct, by the order of its fields, and an object
//! for an enum's name. [`StrictJson`] refuses both, at every level of whatever type is read.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// Wraps a deserializer, or a part of one, and passes the rule on to everything below.
pub(super) struct StrictJson<T>(pub T);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for StrictJson<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(StrictJson(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(StrictJson(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, StrictJson(visitor))
    }

    /// As a map, for which no format takes an array.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(StrictJson(visitor))
    }

    /// A name only: no request has an enum with data.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_str(VariantName(visitor))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for StrictJson<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(StrictJson(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for StrictJson<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(StrictJson(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for StrictJson<A> {
    type Error = A::Error;

    /// A key is a string, whatever it is read as.
    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(StrictJson(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

/// Values without parts are passed on unchanged.
macro_rules! forward_scalar_visits {
    ($($visit:ident: $value:ty),+ $(,)?) => {$(
        fn $visit<E: Error>(self, value: $value) -> Result<V::Value, E> {
            self.0.$visit(value)
        }
    )+};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for StrictJson<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    forward_scalar_visits! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        visit_f64: f64,
        visit_str: &str,
        visit_borrowed_str: &'de str,
        visit_string: String,
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(StrictJson(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(StrictJson(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(StrictJson(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(StrictJson(members))
    }
}

/// Reads an enum from a string.
struct VariantName<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for VariantName<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<V::Value, E> {
        let name: StrDeserializer<'_, E> = name.into_deserializer();
        self.0.visit_enum(name)
    }
}

/// Deserializes a `T` by the rule.
///
/// # Errors
/// What is wrong, and its place.
pub(super) fn from_json<'de, T, D>(json: D) -> Result<T, serde_path_to_error::Error<D::Error>>
where
    T: serde::Deserialize<'de>,
    D: Deserializer<'de>,
{
    serde_path_to_error::deserialize(StrictJson(json))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use baepo_domain::model::content::Content;
    use baepo_domain::model::draft::{Draft, Objective, Recommendation};
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    fn read<T: for<'de> Deserialize<'de>>(value: &Value) -> Result<T, String> {
        let text = value.to_string();
        let mut json = serde_json::Deserializer::from_str(&text);
        from_json(&mut json).map_err(|error| format!("{}: {}", error.path(), error.inner()))
    }

    fn read_with_serde<T: for<'de> Deserialize<'de>>(
        value: &Value,
    ) -> Result<T, serde_json::Error> {
        serde_json::from_value(value.clone())
    }

    #[test]
    fn an_array_is_rejected_for_an_object_at_any_level() {
        let recommendation = json!(["r-1", "전 메뉴 할인", ""]);
        let nested = json!({"recommendation": recommendation});
        let media =
            json!({"title": "t", "body": "b", "media": [["image", "https://a.kr", "image/jpeg"]]});
        let period = json!({"title": "t", "body": "b",
            "period": ["2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"]});
        // What the rule is for: serde takes all of them.
        assert!(read_with_serde::<Recommendation>(&recommendation).is_ok());
        assert!(read_with_serde::<Draft>(&nested).is_ok());
        assert!(read_with_serde::<Content>(&period).is_ok());

        for refused in [
            read::<Recommendation>(&recommendation).map(drop),
            read::<Draft>(&nested).map(drop),
            read::<Draft>(&json!(["t", "SALES"])).map(drop),
            read::<Content>(&media).map(drop),
            read::<Content>(&period).map(drop),
            read::<BTreeMap<String, Recommendation>>(&json!({"a": recommendation})).map(drop),
            read::<Vec<Option<Recommendation>>>(&json!([recommendation])).map(drop),
        ] {
            let refused = refused.unwrap_err();
            assert!(refused.contains("invalid type: sequence"), "{refused}");
        }
    }

    #[test]
    fn an_object_is_rejected_for_an_enum_name() {
        let sales = json!({"SALES": null});
        assert!(read_with_serde::<Objective>(&sales).is_ok());
        let refused = read::<Objective>(&sales).unwrap_err();
        assert!(refused.contains("invalid type: map"), "{refused}");
        assert_eq!(read::<Objective>(&json!("SALES")), Ok(Objective::Sales));
        assert!(read::<Objective>(&json!("FAME")).is_err());
    }

    #[test]
    fn other_values_are_read_as_serde_reads_them() {
        let draft = json!({
            "title": "가을", "objective": "SALES", "channels": ["a"],
            "recommendation": {"id": "r", "title": "t"},
            "content": {"title": "t", "body": "b", "hashtags": ["x"], "link": null,
                "media": [{"kind": "image", "url": "https://a.kr", "mimeType": "image/jpeg", "width": 5}],
                "period": {"startsAt": "2027-01-01T00:00:00Z", "endsAt": "2027-01-02T00:00:00Z"}},
            "channelSettings": {"a": {"deep": [1, -1, 1.5, true, null, {"x": ["y"]}]}},
        });
        assert_eq!(
            read::<Draft>(&draft).unwrap(),
            read_with_serde::<Draft>(&draft).unwrap()
        );
        assert_eq!(read::<Value>(&draft).unwrap(), draft);
    }
}
