//! Types of a component beside those of the contract. It follows the contract, so its work is bounded by that.

use std::fmt;

use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentFuncTypeId,
    ComponentValType,
};
use wasmparser::names::KebabString;
use wasmparser::types::TypesRef;
use wit_parser::{Function, InterfaceId, Resolve, Type, TypeDefKind};

use super::names::{NAMES, shortened};

/// Where a component differs from the contract.
#[derive(Debug)]
pub(super) enum Difference {
    /// The contract has no such thing.
    Unknown(String),
    /// The component has no such thing.
    Missing(String),
    Other {
        at: String,
        found: String,
        wanted: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(what) => write!(f, "the contract has no {what}"),
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::Other { at, found, wanted } => {
                write!(f, "{at} is {found}, in the contract {wanted}")
            }
        }
    }
}

pub(super) struct Comparison<'a> {
    pub resolve: &'a Resolve,
    pub types: TypesRef<'a>,
}

type Compared = Result<(), Difference>;

impl Comparison<'_> {
    /// An import may leave out what the component does not need.
    pub fn import(&self, found: &ComponentEntityType, wanted: InterfaceId) -> Compared {
        let interface = &self.resolve.interfaces[wanted];
        for (name, item) in &self.types[instance(found)?].exports {
            let known = shortened(name);
            match item.ty {
                ComponentEntityType::Func(function) => {
                    let wanted = interface.functions.get(name);
                    let unknown = || Difference::Unknown(format!("function {known:?}"));
                    self.function(function, wanted.ok_or_else(unknown)?)?;
                }
                ComponentEntityType::Type {
                    referenced: ComponentAnyTypeId::Defined(id),
                    ..
                } => {
                    let wanted = interface.types.get(name);
                    let unknown = || Difference::Unknown(format!("type {known:?}"));
                    let wanted = Type::Id(*wanted.ok_or_else(unknown)?);
                    self.value(ComponentValType::Type(id), &wanted, known)?;
                }
                _ => return Err(Difference::Unknown(format!("{known:?} of this kind"))),
            }
        }
        Ok(())
    }

    /// An export has everything; what there is besides nobody calls.
    pub fn export(&self, found: &ComponentEntityType, wanted: InterfaceId) -> Compared {
        let exports = &self.types[instance(found)?].exports;
        for (name, wanted) in &self.resolve.interfaces[wanted].functions {
            match exports.get(name).map(|item| item.ty) {
                Some(ComponentEntityType::Func(found)) => self.function(found, wanted)?,
                _ => return Err(Difference::Missing(format!("the function {name:?}"))),
            }
        }
        Ok(())
    }

    fn function(&self, found: ComponentFuncTypeId, wanted: &Function) -> Compared {
        let name = &wanted.name;
        let found = &self.types[found];
        let other = |at: String, found: String, wanted: String| {
            Err(Difference::Other { at, found, wanted })
        };
        if found.async_ {
            return other(
                format!("the function {name:?}"),
                "asynchronous".to_owned(),
                "not".to_owned(),
            );
        }
        if found.params.len() != wanted.params.len() {
            return other(
                format!("the function {name:?}"),
                listed(
                    "a function of",
                    found.params.iter().map(|(name, _)| name.as_str()),
                ),
                listed(
                    "one of",
                    wanted.params.iter().map(|param| param.name.as_str()),
                ),
            );
        }
        for ((_, found), wanted) in found.params.iter().zip(&wanted.params) {
            self.value(*found, &wanted.ty, &format!("{name}: {}", wanted.name))?;
        }
        self.optional(
            found.result,
            wanted.result.as_ref(),
            &format!("{name}: the result"),
        )
    }

    fn optional(
        &self,
        found: Option<ComponentValType>,
        wanted: Option<&Type>,
        at: &str,
    ) -> Compared {
        match (found, wanted) {
            (None, None) => Ok(()),
            (Some(found), Some(wanted)) => self.value(found, wanted, at),
            (found, wanted) => Err(Difference::Other {
                at: at.to_owned(),
                found: found.map_or("nothing".to_owned(), |found| self.found(found)),
                wanted: wanted.map_or("nothing".to_owned(), |wanted| self.wanted(wanted)),
            }),
        }
    }

    fn value(&self, found: ComponentValType, wanted: &Type, at: &str) -> Compared {
        use ComponentDefinedType as Found;
        let other = || {
            Err(Difference::Other {
                at: at.to_owned(),
                found: self.found(found),
                wanted: self.wanted(wanted),
            })
        };
        let kind = match wanted {
            Type::Id(id) => &self.resolve.types[*id].kind,
            primitive => {
                return match self.primitive(found) {
                    Some(found) if found.to_string() == primitive_name(primitive) => Ok(()),
                    _ => other(),
                };
            }
        };
        if let TypeDefKind::Type(same) = kind {
            return self.value(found, same, at);
        }
        let ComponentValType::Type(id) = found else {
            return other();
        };
        match (&self.types[id], kind) {
            (Found::Record(found), TypeDefKind::Record(wanted)) => {
                let names = wanted.fields.iter().map(|field| field.name.as_str());
                if !found.fields.keys().map(KebabString::as_str).eq(names) {
                    return other();
                }
                let pairs = found.fields.values().zip(&wanted.fields);
                pairs.into_iter().try_for_each(|(found, field)| {
                    self.value(*found, &field.ty, &format!("{at}.{}", field.name))
                })
            }
            (Found::Variant(found), TypeDefKind::Variant(wanted)) => {
                let names = wanted.cases.iter().map(|case| case.name.as_str());
                if !found.cases.keys().map(KebabString::as_str).eq(names) {
                    return other();
                }
                let pairs = found.cases.values().zip(&wanted.cases);
                pairs.into_iter().try_for_each(|(found, case)| {
                    self.optional(found.ty, case.ty.as_ref(), &format!("{at}.{}", case.name))
                })
            }
            (Found::Enum(found), TypeDefKind::Enum(wanted)) => {
                let names = wanted.cases.iter().map(|case| case.name.as_str());
                if found.iter().map(KebabString::as_str).eq(names) {
                    Ok(())
                } else {
                    other()
                }
            }
            (Found::Tuple(found), TypeDefKind::Tuple(wanted))
                if found.types.len() == wanted.types.len() =>
            {
                let mut pairs = found.types.iter().zip(&wanted.types);
                pairs.try_for_each(|(found, wanted)| self.value(*found, wanted, at))
            }
            (Found::List { element, .. }, TypeDefKind::List(wanted)) => {
                self.value(*element, wanted, &format!("{at}[]"))
            }
            (Found::Option { ty, .. }, TypeDefKind::Option(wanted)) => self.value(*ty, wanted, at),
            (Found::Result { ok, err, .. }, TypeDefKind::Result(wanted)) => {
                self.optional(*ok, wanted.ok.as_ref(), &format!("{at}.ok"))?;
                self.optional(*err, wanted.err.as_ref(), &format!("{at}.err"))
            }
            _ => other(),
        }
    }

    fn primitive(&self, found: ComponentValType) -> Option<PrimitiveValType> {
        match found {
            ComponentValType::Primitive(primitive) => Some(primitive),
            ComponentValType::Type(id) => match &self.types[id] {
                ComponentDefinedType::Primitive(primitive) => Some(*primitive),
                _ => None,
            },
        }
    }

    fn found(&self, found: ComponentValType) -> String {
        use ComponentDefinedType as Found;
        let id = match found {
            ComponentValType::Primitive(primitive) => return primitive.to_string(),
            ComponentValType::Type(id) => id,
        };
        match &self.types[id] {
            Found::Primitive(primitive) => primitive.to_string(),
            Found::Record(record) => {
                listed("a record of", record.fields.keys().map(KebabString::as_str))
            }
            Found::Variant(variant) => listed(
                "a variant of",
                variant.cases.keys().map(KebabString::as_str),
            ),
            Found::Enum(names) => listed("an enum of", names.iter().map(KebabString::as_str)),
            Found::Flags(names) => listed("flags of", names.iter().map(KebabString::as_str)),
            Found::Tuple(tuple) => format!("a tuple of {}", tuple.types.len()),
            Found::List { .. } => "a list".to_owned(),
            Found::Option { .. } => "an option".to_owned(),
            Found::Result { .. } => "a result".to_owned(),
            _ => "of a kind that the contract does not have".to_owned(),
        }
    }

    fn wanted(&self, wanted: &Type) -> String {
        let kind = match wanted {
            Type::Id(id) => &self.resolve.types[*id].kind,
            primitive => return primitive_name(primitive).to_owned(),
        };
        match kind {
            TypeDefKind::Type(same) => self.wanted(same),
            TypeDefKind::Record(record) => listed(
                "a record of",
                record.fields.iter().map(|field| field.name.as_str()),
            ),
            TypeDefKind::Variant(variant) => listed(
                "a variant of",
                variant.cases.iter().map(|case| case.name.as_str()),
            ),
            TypeDefKind::Enum(names) => listed(
                "an enum of",
                names.cases.iter().map(|case| case.name.as_str()),
            ),
            TypeDefKind::Tuple(tuple) => format!("a tuple of {}", tuple.types.len()),
            TypeDefKind::List(_) => "a list".to_owned(),
            TypeDefKind::Option(_) => "an option".to_owned(),
            TypeDefKind::Result(_) => "a result".to_owned(),
            other => other.as_str().to_owned(),
        }
    }
}

fn instance(
    found: &ComponentEntityType,
) -> Result<wasmparser::component_types::ComponentInstanceTypeId, Difference> {
    match found {
        ComponentEntityType::Instance(id) => Ok(*id),
        _ => Err(Difference::Other {
            at: "it".to_owned(),
            found: "no interface".to_owned(),
            wanted: "one".to_owned(),
        }),
    }
}

/// As WebAssembly names it.
fn primitive_name(wanted: &Type) -> &'static str {
    match wanted {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(_) => "a type of its own",
    }
}

fn listed<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut names = names.map(shortened);
    let mut text: Vec<String> = names.by_ref().take(2 * NAMES).map(str::to_owned).collect();
    match names.count() {
        0 => {}
        more => text.push(format!("{more} more")),
    }
    if text.is_empty() {
        return format!("{kind} nothing");
    }
    format!("{kind} {}", text.join(", "))
}
