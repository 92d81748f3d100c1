//! Bounds on the bytes of a component, before any work is done on them.
//!
//! Whoever validates or compiles a component spends memory by its nesting and counts, and time by the shape of
//! its functions, which a small file can make as large as it likes. So it is walked once here, in time linear in
//! its bytes and with memory for as many levels as `bounds` allows; whether it is valid is not looked at.

mod bounds;
mod functions;
mod types;

use wasmparser::{
    Chunk, ComponentInstance, ComponentInstanceSectionReader, ImportSectionReader, Instance,
    InstanceSectionReader, Parser, Payload,
};

use self::bounds::{Counted, StructureError, Tally};

/// Whether a component has no more of anything than the host takes.
///
/// # Errors
/// [`StructureError`] says of what, how much and what to do.
pub(crate) fn check(component: &[u8]) -> Result<(), StructureError> {
    count(component, &mut Tally::default())
}

fn count(component: &[u8], tally: &mut Tally) -> Result<(), StructureError> {
    let (mut parser, mut around) = (Parser::new(0), Vec::new());
    let mut at = 0;
    loop {
        let chunk = parser.parse(&component[at..], true)?;
        let Chunk::Parsed { consumed, payload } = chunk else {
            return Err(StructureError::CutOff(component.len()));
        };
        at += consumed;
        match payload {
            Payload::ModuleSection {
                parser: inner,
                unchecked_range: within,
            }
            | Payload::ComponentSection {
                parser: inner,
                unchecked_range: within,
            } => {
                if within.end > component.len() {
                    return Err(StructureError::CutOff(component.len()));
                }
                tally.add(Counted::Parts, 1)?;
                around.push(std::mem::replace(&mut parser, inner));
                tally.part(Counted::Levels, around.len() as u64)?;
            }
            Payload::End(_) => match around.pop() {
                Some(outer) => parser = outer,
                None => return Ok(()),
            },
            payload => count_payload(payload, component, tally)?,
        }
    }
}

fn count_payload(
    payload: Payload<'_>,
    component: &[u8],
    tally: &mut Tally,
) -> Result<(), StructureError> {
    use Payload as P;
    if let P::CodeSectionEntry(body) = payload {
        return functions::count(&body, tally);
    }
    tally.add(Counted::Sections, 1)?;
    // A section that lies about its size is damaged, and is found to be when it is read.
    let (counted, items) = match payload {
        P::TypeSection(types) => return types::count_core(types, tally),
        P::CoreTypeSection(types) => return types::count_core_of_component(types, tally),
        P::ComponentTypeSection(types) => {
            let range = types.range();
            return types::count_of_component(&component[range.clone()], range.start, tally);
        }
        P::ImportSection(imports) => return count_imports(imports, tally),
        P::InstanceSection(instances) => return count_instances(instances, tally),
        P::ComponentInstanceSection(instances) => {
            return count_component_instances(instances, tally);
        }
        P::CustomSection(_) => (Counted::CustomSections, 1),
        P::ComponentImportSection(imports) => (Counted::Imports, imports.count()),
        P::ExportSection(exports) => (Counted::Exports, exports.count()),
        P::ComponentExportSection(exports) => (Counted::Exports, exports.count()),
        P::FunctionSection(functions) => (Counted::Functions, functions.count()),
        P::TableSection(tables) => (Counted::Tables, tables.count()),
        P::MemorySection(memories) => (Counted::Memories, memories.count()),
        P::TagSection(tags) => (Counted::Tags, tags.count()),
        P::GlobalSection(globals) => (Counted::Globals, globals.count()),
        P::ElementSection(segments) => (Counted::ElementSegments, segments.count()),
        P::DataSection(segments) => (Counted::DataSegments, segments.count()),
        P::ComponentAliasSection(aliases) => (Counted::Aliases, aliases.count()),
        P::ComponentCanonicalSection(made) => (Counted::CanonicalFunctions, made.count()),
        _ => return Ok(()),
    };
    Ok(tally.add(counted, items.into())?)
}

/// A group of imports is one item with many in it.
fn count_imports(
    imports: ImportSectionReader<'_>,
    tally: &mut Tally,
) -> Result<(), StructureError> {
    for import in imports.into_imports() {
        import?;
        tally.add(Counted::Imports, 1)?;
    }
    Ok(())
}

fn count_instances(
    instances: InstanceSectionReader<'_>,
    tally: &mut Tally,
) -> Result<(), StructureError> {
    for instance in instances {
        let parts = match instance? {
            Instance::Instantiate { args, .. } => args.len(),
            Instance::FromExports(exports) => exports.len(),
        };
        tally.add(Counted::Instances, 1)?;
        tally.add(Counted::InstanceParts, parts as u64)?;
    }
    Ok(())
}

fn count_component_instances(
    instances: ComponentInstanceSectionReader<'_>,
    tally: &mut Tally,
) -> Result<(), StructureError> {
    for instance in instances {
        let parts = match instance? {
            ComponentInstance::Instantiate { args, .. } => args.len(),
            ComponentInstance::FromExports(exports) => exports.len(),
        };
        tally.add(Counted::Instances, 1)?;
        tally.add(Counted::InstanceParts, parts as u64)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
