//! Lays a schema out as the tree that the validator walks, with every reference followed.
//!
//! An author is not trusted: what has no such tree of a limited size is refused, with its place, the
//! limit and what to do instead.

use std::collections::BTreeMap;

use baepo_domain::model::number::grouped;
use serde_json::Value;

use super::patterns::Patterns;
use super::work::{COMPARISON, Tree, values_left};

/// The most values that a schema is made of, and of its tree, counting keywords and what they list.
const MAX_SCHEMA_VALUES: usize = 10_000;
const MAX_TREE_VALUES: usize = 2_000;
/// The most schemas within each other on one way through the tree.
const MAX_DEPTH: usize = 16;
/// What looking at one value costs at most, and again each keyword that may find it wrong.
pub(super) const VISIT: u64 = 300;
/// What the checks of a format cost at most for each byte of a text.
const FORMAT: u64 = 20;
/// Keywords that change what a reference means, wherever they stand.
const NOWHERE: [&str; 5] = [
    "$anchor",
    "$dynamicAnchor",
    "$id",
    "$recursiveAnchor",
    "$vocabulary",
];
/// Keywords that the tree cannot say: they look at what others have looked at, follow what is not known
/// before, or read a value as something else.
const REFUSED: [(&str, &str); 8] = [
    ("$dynamicRef", "use $ref with a place: \"#/$defs/name\""),
    ("$recursiveRef", "use $ref with a place: \"#/$defs/name\""),
    ("additionalItems", "use prefixItems and items"),
    ("contentEncoding", "leave it out"),
    ("contentMediaType", "leave it out"),
    ("dependencies", "use dependentRequired or dependentSchemas"),
    ("unevaluatedItems", "use items"),
    ("unevaluatedProperties", "use additionalProperties"),
];
/// Formats whose check can be more than a look at every byte.
const REFUSED_FORMATS: [&str; 3] = ["idn-hostname", "regex", "uri-template"];
/// Keywords that say something about a schema and ask for nothing.
const ANNOTATIONS: [&str; 10] = [
    "$comment",
    "$defs",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];
const SCHEMA_2020_12: &str = "https://json-schema.org/draft/2020-12/schema";

/// # Errors
/// Where a limit is broken, by how much, and what the author can do.
pub(super) fn tree(schema: &Value) -> Result<Tree, String> {
    if values_left(MAX_SCHEMA_VALUES, schema).is_none() {
        return Err(format!(
            "at \"\": limit \"schema values\": it has more than {}: make it smaller",
            grouped(MAX_SCHEMA_VALUES as u64)
        ));
    }
    refuse_anchors(schema)?;
    let mut builder = Builder {
        root: schema,
        followed: Vec::new(),
        left: MAX_TREE_VALUES,
        patterns: Patterns::default(),
    };
    builder.tree(schema, &Place::default())
}

/// Also what no reference reaches can change what others mean.
fn refuse_anchors(schema: &Value) -> Result<(), String> {
    let mut waiting = vec![(Place::default(), schema)];
    while let Some((place, value)) = waiting.pop() {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let below = place.below(name);
                    let at = &below.pointer;
                    if NOWHERE.contains(&name.as_str()) {
                        return Err(format!(
                            "at {at:?}: {name} is not evaluated: leave it out, and refer by place: \"#/$defs/name\""
                        ));
                    }
                    if name == "$schema" && (!place.pointer.is_empty() || member != SCHEMA_2020_12)
                    {
                        return Err(format!(
                            "at {at:?}: schemas are of the draft 2020-12: leave it out, or give \
                             {SCHEMA_2020_12:?} at the top"
                        ));
                    }
                    waiting.push((below, member));
                }
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                waiting.extend(items.map(|(index, item)| (place.below(&index.to_string()), item)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    Ok(())
}

/// Where a schema stands, and how often the validator may come there.
#[derive(Clone)]
struct Place {
    /// A JSON pointer into the schema as the author wrote it.
    pointer: String,
    /// In how many schemas it lies.
    depth: usize,
    /// How often one value may be looked at here: once, and twice more for each `anyOf` and the like
    /// around it, which looks whether anything is wrong before it looks what.
    looks: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            pointer: String::new(),
            depth: 0,
            looks: 1,
        }
    }
}

impl Place {
    fn below(&self, name: &str) -> Self {
        let name = name.replace('~', "~0").replace('/', "~1");
        Self {
            pointer: format!("{}/{name}", self.pointer),
            ..*self
        }
    }

    fn deeper(&self, keyword: &str, more_looks: u64) -> Self {
        Self {
            depth: self.depth + 1,
            looks: self.looks + more_looks,
            ..self.below(keyword)
        }
    }
}

impl Tree {
    /// It may find that many things wrong with a value, and looks at each byte of a text for so long.
    fn asks(&mut self, findings: u64, text: u64, looks: u64) {
        let visit = VISIT.saturating_mul(findings);
        self.visit = self.visit.saturating_add(visit.saturating_mul(looks));
        self.text = self.text.saturating_add(text.saturating_mul(looks));
    }
}

struct Builder<'a> {
    root: &'a Value,
    /// The references on the way to here.
    followed: Vec<&'a str>,
    /// How many values the tree may still have.
    left: usize,
    patterns: Patterns,
}

impl<'a> Builder<'a> {
    fn tree(&mut self, schema: &'a Value, place: &Place) -> Result<Tree, String> {
        if place.depth > MAX_DEPTH {
            let at = &place.pointer;
            return Err(format!(
                "at {at:?}: limit \"schema depth\": more than {MAX_DEPTH} schemas within each other, \
                 references followed: make it flatter"
            ));
        }
        let mut tree = Tree {
            visit: VISIT.saturating_mul(place.looks),
            ..Tree::default()
        };
        self.count(1, place)?;
        if let Value::Object(keywords) = schema {
            for (keyword, asked) in keywords {
                self.keyword(&mut tree, keyword, asked, place)?;
            }
        }
        Ok(tree)
    }

    fn count(&mut self, values: usize, place: &Place) -> Result<(), String> {
        self.left = self.left.checked_sub(values).ok_or_else(|| {
            let at = &place.pointer;
            format!(
                "at {at:?}: limit \"schema size\": more than {} values once every reference is followed: \
                 use fewer references, or list less",
                grouped(MAX_TREE_VALUES as u64)
            )
        })?;
        Ok(())
    }

    /// Those that a keyword lists, which count as well.
    fn count_values(&mut self, asked: &Value, place: &Place) -> Result<u64, String> {
        let values = MAX_SCHEMA_VALUES - values_left(MAX_SCHEMA_VALUES, asked).unwrap_or(0);
        self.count(values, place)?;
        Ok(values as u64)
    }

    fn keyword(
        &mut self,
        tree: &mut Tree,
        keyword: &'a str,
        asked: &'a Value,
        place: &Place,
    ) -> Result<(), String> {
        let (once, again) = (place.deeper(keyword, 0), place.deeper(keyword, 2));
        if let Some((_, remedy)) = REFUSED.iter().find(|(name, _)| *name == keyword) {
            let at = &once.pointer;
            return Err(format!("at {at:?}: {keyword} is not evaluated: {remedy}"));
        }
        match keyword {
            _ if ANNOTATIONS.contains(&keyword) => {}
            "$ref" => tree.same.push(self.reference(asked, &once)?),
            "allOf" => tree.same.extend(self.list(asked, &once)?),
            "anyOf" | "oneOf" => tree.same.extend(self.list(asked, &again)?),
            "not" | "if" | "then" | "else" => tree.same.push(self.tree(asked, &again)?),
            "dependentSchemas" => {
                let dependent = self.by_name(asked, &again)?;
                tree.same.extend(dependent.into_values());
            }
            "properties" => tree.properties = self.by_name(asked, &once)?,
            "patternProperties" => {
                for pattern in asked.as_object().into_iter().flat_map(|asked| asked.keys()) {
                    tree.name = tree.name.saturating_add(self.pattern(pattern, &once)?);
                }
                let members = self.by_name(asked, &once)?;
                tree.members.extend(members.into_values());
            }
            "additionalProperties" => tree.members.push(self.tree(asked, &once)?),
            "propertyNames" => {
                let (visit, text) = self.tree(asked, &again)?.of_one_value();
                tree.name = tree.name.saturating_add(text);
                tree.members.push(Tree {
                    visit,
                    ..Tree::default()
                });
            }
            "prefixItems" => tree.items.extend(self.list(asked, &once)?),
            "items" => tree.items.push(self.tree(asked, &once)?),
            "contains" => tree.items.push(self.tree(asked, &again)?),
            "pattern" => {
                let pattern = asked.as_str().unwrap_or_default();
                let cost = self.pattern(pattern, &once)?;
                tree.asks(1, cost, place.looks);
            }
            "uniqueItems" => {
                tree.unique = asked == &Value::Bool(true);
                tree.asks(1, 0, place.looks);
            }
            "format" => {
                if REFUSED_FORMATS.iter().any(|name| asked == name) {
                    let at = &once.pointer;
                    return Err(format!(
                        "at {at:?}: the format {asked} is not checked: use a pattern"
                    ));
                }
                tree.asks(1, FORMAT, place.looks);
            }
            // Each name that is missing is a finding of its own.
            "required" | "dependentRequired" => {
                let values = self.count_values(asked, &once)?;
                tree.asks(values, 0, place.looks);
            }
            _ => {
                let values = self.count_values(asked, &once)?;
                let comparisons = COMPARISON.saturating_mul(values);
                tree.visit = tree.visit.saturating_add(comparisons * place.looks);
                tree.asks(1, 1, place.looks);
            }
        }
        Ok(())
    }

    fn reference(&mut self, asked: &'a Value, place: &Place) -> Result<Tree, String> {
        let at = &place.pointer;
        let reference = asked.as_str().unwrap_or_default();
        let is_local = reference == "#" || reference.starts_with("#/");
        if !is_local || reference.contains('%') {
            return Err(format!(
                "at {at:?}: a reference begins with \"#/\" and stays in this schema, not {reference:?}"
            ));
        }
        if self.followed.contains(&reference) {
            return Err(format!(
                "at {at:?}: {reference:?} refers to itself: write out the levels that there can be"
            ));
        }
        let Some(target) = self.root.pointer(&reference[1..]) else {
            return Err(format!("at {at:?}: there is nothing at {reference:?}"));
        };
        self.followed.push(reference);
        let tree = self.tree(target, place)?;
        self.followed.pop();
        Ok(tree)
    }

    fn list(&mut self, asked: &'a Value, place: &Place) -> Result<Vec<Tree>, String> {
        let schemas = asked.as_array().into_iter().flatten();
        schemas
            .enumerate()
            .map(|(index, schema)| self.tree(schema, &place.below(&index.to_string())))
            .collect()
    }

    fn by_name(
        &mut self,
        asked: &'a Value,
        place: &Place,
    ) -> Result<BTreeMap<String, Tree>, String> {
        let schemas = asked.as_object().into_iter().flatten();
        schemas
            .map(|(name, schema)| {
                let tree = self.tree(schema, &place.below(name))?;
                Ok((name.clone(), tree))
            })
            .collect()
    }

    fn pattern(&mut self, pattern: &str, place: &Place) -> Result<u64, String> {
        let cost = self.patterns.cost_per_byte(pattern);
        cost.map_err(|why| format!("at {:?}: {why}", &place.pointer))
    }
}
