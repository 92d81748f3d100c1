//! The types that a component declares.

use wasmparser::{
    BinaryReader, ComponentDefinedType, ComponentType, ComponentTypeDeclaration,
    CompositeInnerType, CoreType, CoreTypeSectionReader, ModuleTypeDeclaration, RecGroup,
    TypeSectionReader,
};

use super::bounds::{Counted, StructureError, Tally};

pub(super) fn count_core(
    types: TypeSectionReader<'_>,
    tally: &mut Tally,
) -> Result<(), StructureError> {
    for group in types {
        count_group(&group?, tally)?;
    }
    Ok(())
}

pub(super) fn count_core_of_component(
    types: CoreTypeSectionReader<'_>,
    tally: &mut Tally,
) -> Result<(), StructureError> {
    for core in types {
        count_core_type(&core?, tally)?;
    }
    Ok(())
}

fn count_group(group: &RecGroup, tally: &mut Tally) -> Result<(), StructureError> {
    for sub_type in group.types() {
        tally.add(Counted::Types, 1)?;
        let parts = match &sub_type.composite_type.inner {
            CompositeInnerType::Func(function) => {
                function.params().len() + function.results().len()
            }
            CompositeInnerType::Struct(fields) => fields.fields.len(),
            CompositeInnerType::Array(_) | CompositeInnerType::Cont(_) => 1,
        };
        tally.add(Counted::TypeParts, parts as u64)?;
    }
    Ok(())
}

fn count_core_type(core: &CoreType<'_>, tally: &mut Tally) -> Result<(), StructureError> {
    match core {
        CoreType::Rec(group) => count_group(group, tally),
        CoreType::Module(declarations) => {
            tally.add(Counted::Types, 1)?;
            tally.add(Counted::TypeParts, declarations.len() as u64)?;
            for declaration in declarations {
                if let ModuleTypeDeclaration::Type(group) = declaration {
                    count_group(group, tally)?;
                }
            }
            Ok(())
        }
    }
}

/// A section of component types, of which some are declarations of further ones: the only part of a component that
/// `wasmparser` reads by recursion. It is not asked to before the levels are known to be few.
pub(super) fn count_of_component(
    section: &[u8],
    offset: usize,
    tally: &mut Tally,
) -> Result<(), StructureError> {
    const COMPONENT: u8 = 0x41;
    const INSTANCE: u8 = 0x42;
    const A_TYPE: u8 = 0x01;
    let mut reader = BinaryReader::new(section, offset);
    // How many items are left, from the section to the innermost type.
    let mut left = vec![reader.read_var_u32()?];
    while let Some(items) = left.last_mut() {
        let Some(fewer) = items.checked_sub(1) else {
            left.pop();
            continue;
        };
        *items = fewer;
        if left.len() > 1 {
            if reader.clone().read_u8()? != A_TYPE {
                tally.add(Counted::TypeParts, 1)?;
                if let ComponentTypeDeclaration::CoreType(core) = reader.read()? {
                    count_core_type(&core, tally)?;
                }
                continue;
            }
            reader.read_u8()?;
        }
        tally.add(Counted::Types, 1)?;
        let form = reader.clone().read_u8()?;
        if form == COMPONENT || form == INSTANCE {
            reader.read_u8()?;
            left.push(reader.read_var_u32()?);
            tally.part(Counted::TypeLevels, left.len() as u64)?;
        } else {
            tally.add(Counted::TypeParts, parts(&reader.read()?) as u64)?;
        }
    }
    Ok(())
}

fn parts(declared: &ComponentType<'_>) -> usize {
    match declared {
        ComponentType::Func(function) => function.params.len() + 1,
        ComponentType::Defined(defined) => match defined {
            ComponentDefinedType::Record(fields) => fields.len(),
            ComponentDefinedType::Variant(cases) => cases.len(),
            ComponentDefinedType::Tuple(types) => types.len(),
            ComponentDefinedType::Flags(names) | ComponentDefinedType::Enum(names) => names.len(),
            ComponentDefinedType::FixedLengthList(_, length) => *length as usize,
            _ => 1,
        },
        _ => 1,
    }
}
