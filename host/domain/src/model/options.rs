//! The parts that a section of the configuration is made of.
//!
//! Each adapter has its own section type, and each field its rule beside it: a function for serde's
//! `deserialize_with`. A value that the rule does not allow never becomes part of a section, from whatever source. What
//! a rule allows is what its visitor expects, so the loader asks the types for it and no second list exists.
//!
//! Nothing here knows a file, an environment or a format.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Unexpected, Visitor};

/// The newtype name under which a text is read that may hold a secret.
pub const PRIVATE: &str = "private";

/// A field of this name (`#[serde(rename = "")]`) is a group of options that stand in the section itself.
pub const SAME_SECTION: &str = "";

/// A whole number.
///
/// # Errors
/// It is not between `LOW` and `HIGH`.
pub fn count<'de, const LOW: u64, const HIGH: u64, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    Number::of::<LOW, HIGH>("").read(deserializer)
}

/// The same for a field that has no value unless one is given.
///
/// # Errors
/// See [`count`].
pub fn optional_count<'de, const LOW: u64, const HIGH: u64, D, T>(
    deserializer: D,
) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    count::<LOW, HIGH, D, T>(deserializer).map(Some)
}

/// A size in bytes.
///
/// # Errors
/// See [`count`].
pub fn bytes<'de, const LOW: u64, const HIGH: u64, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    Number::of::<LOW, HIGH>("bytes").read(deserializer)
}

/// A number of days.
///
/// # Errors
/// See [`count`].
pub fn days<'de, const LOW: u64, const HIGH: u64, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    Number::of::<LOW, HIGH>("days").read(deserializer)
}

/// A number of milliseconds that stays a number.
///
/// # Errors
/// See [`count`].
pub fn ms<'de, const LOW: u64, const HIGH: u64, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    Number::of::<LOW, HIGH>("ms").read(deserializer)
}

/// A time, given in milliseconds.
///
/// # Errors
/// See [`count`].
pub fn duration<'de, const LOW: u64, const HIGH: u64, D>(
    deserializer: D,
) -> Result<Duration, D::Error>
where
    D: Deserializer<'de>,
{
    ms::<LOW, HIGH, D, u64>(deserializer).map(Duration::from_millis)
}

/// The path of a file or a folder.
///
/// # Errors
/// It is empty.
pub fn path<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<PathBuf>,
{
    text(deserializer, "a path", |text| {
        (!text.is_empty()).then(|| PathBuf::from(text).into())
    })
}

/// Any text that `read` takes; `allowed` says which those are.
///
/// # Errors
/// `read` does not take it. The error does not quote it.
pub fn text<'de, D, T>(
    deserializer: D,
    allowed: &'static str,
    read: fn(&str) -> Option<T>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(Text { allowed, read })
}

/// The same for a text that may hold a secret: the loader never shows it.
///
/// # Errors
/// See [`text`].
pub fn private_text<'de, D, T>(
    deserializer: D,
    allowed: &'static str,
    read: fn(&str) -> Option<T>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_newtype_struct(PRIVATE, Text { allowed, read })
}

/// Texts by names that the operator chooses, each pair of which `read` takes.
///
/// # Errors
/// `read` does not take one of them. The error quotes none.
pub fn entries<'de, D, K, V>(
    deserializer: D,
    allowed: &'static str,
    read: fn(&str, &str) -> Option<(K, V)>,
) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Ord,
{
    deserializer.deserialize_map(Entries { allowed, read })
}

/// The rule of a number. Where no function above fits, it reads a value by itself.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    low: u64,
    high: u64,
    unit: &'static str,
}

impl Number {
    /// From `LOW` to `HIGH`; `unit` is empty for a count.
    #[must_use]
    pub const fn of<const LOW: u64, const HIGH: u64>(unit: &'static str) -> Self {
        const { assert!(LOW < HIGH) };
        Self {
            low: LOW,
            high: HIGH,
            unit,
        }
    }

    fn read<'de, D, T>(self, deserializer: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: TryFrom<u64>,
    {
        let number = self.deserialize(deserializer)?;
        T::try_from(number).map_err(|_| self.refused(Unexpected::Unsigned(number)))
    }

    /// The next value of a map.
    ///
    /// # Errors
    /// See [`count`].
    pub fn next<'de, A, T>(self, map: &mut A) -> Result<T, A::Error>
    where
        A: MapAccess<'de>,
        T: TryFrom<u64>,
    {
        let number = map.next_value_seed(self)?;
        T::try_from(number).map_err(|_| self.refused(Unexpected::Unsigned(number)))
    }

    fn refused<E: Error>(&self, number: Unexpected<'_>) -> E {
        E::invalid_value(number, self)
    }
}

impl<'de> DeserializeSeed<'de> for Number {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_u64(self)
    }
}

impl Visitor<'_> for Number {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { low, high, unit } = self;
        match *unit {
            "" => write!(f, "{low} to {high}"),
            unit => write!(f, "{low} to {high} ({unit})"),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        if (self.low..=self.high).contains(&number) {
            return Ok(number);
        }
        Err(self.refused(Unexpected::Unsigned(number)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(self.refused(Unexpected::Signed(number))),
        }
    }
}

/// The rule of a text.
struct Text<T> {
    allowed: &'static str,
    read: fn(&str) -> Option<T>,
}

impl<'de, T> Visitor<'de> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.allowed)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let read = (self.read)(text);
        read.ok_or_else(|| E::invalid_value(Unexpected::Other("another text"), &self))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

/// The rule of texts by names.
struct Entries<K, V> {
    allowed: &'static str,
    read: fn(&str, &str) -> Option<(K, V)>,
}

impl<'de, K: Ord, V> Visitor<'de> for Entries<K, V> {
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.allowed)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BTreeMap<K, V>, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            let entry = (self.read)(&name, &value);
            entries.extend([entry.ok_or_else(|| {
                A::Error::invalid_value(Unexpected::Other("another entry"), &self)
            })?]);
        }
        Ok(entries)
    }
}

/// A password, or another text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for code that must send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        private_text(deserializer, "a text", |text| {
            (!text.is_empty()).then(|| Self::from(text))
        })
    }
}

/// Values that are allowed each by itself and cannot stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The options that it is about; the operator most probably corrects the first that was given.
    pub keys: Vec<String>,
    pub text: String,
}

impl Contradiction {
    #[must_use]
    pub fn new(keys: &[&str], text: impl Into<String>) -> Self {
        Self {
            keys: keys.iter().map(ToString::to_string).collect(),
            text: text.into(),
        }
    }

    /// When the first time is not below the second.
    #[must_use]
    pub fn unless_below(
        left: (&str, Duration),
        right: (&str, Duration),
        why: &str,
    ) -> Option<Self> {
        (left.1 >= right.1).then(|| Self::compared(left, "must be below", right, why))
    }

    /// When the first time is above the second.
    #[must_use]
    pub fn if_above(left: (&str, Duration), right: (&str, Duration), why: &str) -> Option<Self> {
        (left.1 > right.1).then(|| Self::compared(left, "must not be above", right, why))
    }

    fn compared(left: (&str, Duration), order: &str, right: (&str, Duration), why: &str) -> Self {
        let (value, limit) = (left.1.as_millis(), right.1.as_millis());
        let (left, right) = (left.0, right.0);
        let text = format!("{left} is {value} and {order} {right}, which is {limit}: {why}");
        Self::new(&[left, right], text)
    }
}
