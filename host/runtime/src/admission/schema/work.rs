//! How much work an evaluation of a schema can be, known before it is done: evaluations run on the
//! threads that serve everybody.
//!
//! `layout` makes a tree of a schema at admission; before each evaluation it is walked along the values,
//! as far as the limit of work allows.

use std::collections::BTreeMap;

use serde_json::Value;

/// The most work of one evaluation, in nanoseconds by the costs below.
const MAX_WORK: u64 = 10_000_000;

/// What comparing one part of a value with another costs.
pub(super) const COMPARISON: u64 = 20;

/// A schema as the validator walks it, and what each step costs.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// For each value that it looks at.
    pub visit: u64,
    /// For each byte of a text.
    pub text: u64,
    /// For each byte of a member's name.
    pub name: u64,
    /// Whether the items of a list are compared with each other.
    pub unique: bool,
    /// Schemas of the same value.
    pub same: Vec<Self>,
    /// Of members by name.
    pub properties: BTreeMap<String, Self>,
    /// Of all members.
    pub members: Vec<Self>,
    /// Of all items.
    pub items: Vec<Self>,
}

impl Tree {
    /// Whether an evaluation of `value` is within the limit of work.
    pub fn allows(&self, value: &Value) -> bool {
        let mut left = MAX_WORK;
        self.spend(value, &mut left).is_some()
    }

    /// What one value costs for itself and for each byte of it, where nothing of it is below it.
    pub fn of_one_value(&self) -> (u64, u64) {
        let same = self.same.iter().map(Self::of_one_value);
        same.fold((self.visit, self.text), |(visit, text), (more, each)| {
            (visit.saturating_add(more), text.saturating_add(each))
        })
    }

    /// `None`: it is more work than what is left.
    fn spend(&self, value: &Value, left: &mut u64) -> Option<()> {
        let text = value.as_str().map_or(0, str::len) as u64;
        take(
            left,
            self.visit.saturating_add(self.text.saturating_mul(text)),
        )?;
        for tree in &self.same {
            tree.spend(value, left)?;
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    take(left, self.name.saturating_mul(name.len() as u64))?;
                    let own = self.properties.get(name);
                    for tree in own.into_iter().chain(&self.members) {
                        tree.spend(member, left)?;
                    }
                }
            }
            Value::Array(items) => {
                if self.unique {
                    take_comparisons(value, left)?;
                }
                for (item, tree) in items
                    .iter()
                    .flat_map(|item| self.items.iter().map(move |tree| (item, tree)))
                {
                    tree.spend(item, left)?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        Some(())
    }
}

fn take(left: &mut u64, work: u64) -> Option<()> {
    *left = left.checked_sub(work)?;
    Some(())
}

/// Of short lists each item is compared with each other, of longer ones a digest of each is taken.
fn take_comparisons(value: &Value, left: &mut u64) -> Option<()> {
    const SHORT_LIST: u64 = 16;
    let bytes = value.as_str().map_or(0, str::len) as u64;
    take(left, SHORT_LIST * (COMPARISON + bytes / 8))?;
    match value {
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| take_comparisons(item, left)),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            take(left, SHORT_LIST * (COMPARISON + name.len() as u64 / 8))?;
            take_comparisons(member, left)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(()),
    }
}

/// How many more values there could be, counting containers and what they hold. None: there are more
/// than `most`.
pub(super) fn values_left(most: usize, value: &Value) -> Option<usize> {
    let (mut left, mut waiting) = (most, vec![value]);
    while let Some(value) = waiting.pop() {
        left = left.checked_sub(1)?;
        match value {
            Value::Array(items) if items.len() > left => return None,
            Value::Array(items) => waiting.extend(items),
            Value::Object(members) => waiting.extend(members.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    Some(left)
}

#[cfg(test)]
mod tests;
