//! What a component imports and exports, compared with `wit/channel.wit`, from its bytes alone.
//!
//! wasmtime compares them too, when it links and instantiates: after everything was compiled, and without saying
//! which function of which interface differs. It also takes another version of an interface for the one that is
//! offered; here a name is that name and no other.

mod comparison;
mod names;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use wasmparser::{
    BinaryReaderError, Chunk, Parser, Payload, ValidPayload, Validator, WasmFeatures,
};
use wit_parser::{InterfaceId, Resolve, WorldId, WorldItem, WorldKey};

use self::comparison::Comparison;
use self::names::{NAMES, shortened};

/// The name of the contract, for messages.
const CONTRACT: &str = "baepo:channel@1.0.0";
const OWN: &str = "baepo:channel/";

/// Why a component does not fit the contract. Every text is for the author.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContractError {
    #[error(
        "the component imports {names}, which this host does not offer; offered are {offered}: {remedy}"
    )]
    Foreign {
        names: String,
        offered: String,
        remedy: &'static str,
    },
    #[error(
        "the component exports no {0}, which every channel has: export the world channel-plugin of {CONTRACT}"
    )]
    NoChannel(String),
    #[error(
        "the component exports {names}, which this host does not know; known are {known}: \
         rebuild it with an SDK of {CONTRACT}"
    )]
    OtherExport { names: String, known: String },
    #[error("{place}: {difference}: rebuild it with an SDK of {CONTRACT}")]
    Different { place: String, difference: String },
    #[error("the component is not valid: {0}")]
    Invalid(#[from] BinaryReaderError),
}

/// The interfaces of the contract, by their full names.
struct Contract {
    resolve: Resolve,
    imports: BTreeMap<String, InterfaceId>,
    exports: BTreeMap<String, InterfaceId>,
    required: Vec<String>,
}

static WIT: LazyLock<Contract> = LazyLock::new(|| {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str(
            "channel.wit",
            include_str!("../../../../../wit/channel.wit"),
        )
        .expect("the contract is valid");
    let world = |name| {
        resolve
            .select_world(&[package], Some(name))
            .expect("the contract has this world")
    };
    let (required, whole) = (world("channel-plugin"), world("full-channel-plugin"));
    let required = interfaces(&resolve, required, Side::Exports).into_keys();
    Contract {
        required: required.collect(),
        imports: interfaces(&resolve, whole, Side::Imports),
        exports: interfaces(&resolve, whole, Side::Exports),
        resolve,
    }
});

#[derive(Clone, Copy)]
enum Side {
    Imports,
    Exports,
}

fn interfaces(resolve: &Resolve, world: WorldId, side: Side) -> BTreeMap<String, InterfaceId> {
    let world = &resolve.worlds[world];
    let items = match side {
        Side::Imports => &world.imports,
        Side::Exports => &world.exports,
    };
    let named = items.iter().filter_map(|(key, item)| match (key, item) {
        (WorldKey::Interface(id), WorldItem::Interface { .. }) => Some((resolve.id_of(*id)?, *id)),
        _ => None,
    });
    named.collect()
}

/// Compares a component with the contract, names first. Its structure is bounded by now.
///
/// # Errors
/// [`ContractError`] names the interface, the function and what differs.
pub(crate) fn check(component: &[u8]) -> Result<(), ContractError> {
    let names = Names::of(component)?;
    check_imports(&names)?;
    check_exports(&names)?;
    check_types(component, &names)
}

/// Of the outermost component.
struct Names<'a> {
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(component: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut parser = Parser::new(0);
        let (mut at, mut names) = (0, (Vec::new(), Vec::new()));
        while let Chunk::Parsed { consumed, payload } = parser.parse(&component[at..], true)? {
            at += consumed;
            match payload {
                Payload::ComponentImportSection(imports) => {
                    for import in imports {
                        names.0.push(import?.name.name);
                    }
                }
                Payload::ComponentExportSection(exports) => {
                    for export in exports {
                        names.1.push(export?.name.name);
                    }
                }
                Payload::ModuleSection {
                    unchecked_range: Range { end, .. },
                    ..
                }
                | Payload::ComponentSection {
                    unchecked_range: Range { end, .. },
                    ..
                } => at = end.min(component.len()),
                Payload::End(_) => break,
                _ => {}
            }
        }
        let (imports, exports) = names;
        Ok(Self { imports, exports })
    }
}

fn check_imports(names: &Names<'_>) -> Result<(), ContractError> {
    let foreign = || {
        let imports = names.imports.iter().copied();
        imports.filter(|name| !WIT.imports.contains_key(*name))
    };
    if foreign().next().is_none() {
        return Ok(());
    }
    let remedy = if foreign().any(|name| name.starts_with("wasi:")) {
        "build it without WASI, for Rust with the target wasm32-unknown-unknown"
    } else if foreign().any(|name| name.starts_with(OWN)) {
        "rebuild it with an SDK of baepo:channel@1.0.0"
    } else {
        "leave out what needs them"
    };
    Err(ContractError::Foreign {
        names: quoted(foreign()),
        offered: known(&WIT.imports),
        remedy,
    })
}

fn check_exports(names: &Names<'_>) -> Result<(), ContractError> {
    let is_exported = |name: &String| names.exports.contains(&name.as_str());
    if let Some(missing) = WIT.required.iter().find(|name| !is_exported(name)) {
        return Err(ContractError::NoChannel(missing.clone()));
    }
    // Exports of other packages are somebody else's, and nobody calls them.
    let other = || {
        let own = names.exports.iter().copied();
        own.filter(|name| name.starts_with(OWN) && !WIT.exports.contains_key(*name))
    };
    if other().next().is_none() {
        return Ok(());
    }
    Err(ContractError::OtherExport {
        names: quoted(other()),
        known: known(&WIT.exports),
    })
}

/// Types come from a validation without the bodies of functions, which are most of a component.
fn check_types(component: &[u8], names: &Names<'_>) -> Result<(), ContractError> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut types = None;
    for payload in Parser::new(0).parse_all(component) {
        if let ValidPayload::End(of_component) = validator.payload(&payload?)? {
            types = Some(of_component);
        }
    }
    let Some(types) = types else {
        return Ok(());
    };
    let comparison = Comparison {
        resolve: &WIT.resolve,
        types: types.as_ref(),
    };
    for name in &names.imports {
        let found = types.as_ref().component_item_for_import(name);
        if let (Some(found), Some(wanted)) = (found, WIT.imports.get(*name)) {
            comparison
                .import(&found.ty, *wanted)
                .map_err(|difference| different("imports", name, &difference))?;
        }
    }
    for name in &names.exports {
        let found = types.as_ref().component_item_for_export(name);
        if let (Some(found), Some(wanted)) = (found, WIT.exports.get(*name)) {
            comparison
                .export(&found.ty, *wanted)
                .map_err(|difference| different("exports", name, &difference))?;
        }
    }
    Ok(())
}

fn different(does: &str, name: &str, difference: &comparison::Difference) -> ContractError {
    ContractError::Different {
        place: format!("the component {does} {name} in another form"),
        difference: difference.to_string(),
    }
}

fn known(interfaces: &BTreeMap<String, InterfaceId>) -> String {
    let names: Vec<&str> = interfaces.keys().map(String::as_str).collect();
    names.join(", ")
}

/// The first of the names, and how many more there are.
fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names = names.map(shortened);
    let mut text: Vec<String> = names
        .by_ref()
        .take(NAMES)
        .map(|name| format!("{name:?}"))
        .collect();
    match names.count() {
        0 => {}
        more => text.push(format!("{more} more")),
    }
    text.join(", ")
}
