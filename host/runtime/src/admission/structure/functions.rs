//! What the code of a function costs a compiler.

use wasmparser::{FunctionBody, Operator};

use super::bounds::{Counted, StructureError, Tally};

/// A compiler passes values along where branches meet: at the beginning of a loop for each local that the loop
/// touches, and along each branch for each local that is used behind it. Loops in loops multiply, so they are
/// counted apart and precisely; for branches the product is an upper bound.
pub(super) fn count(body: &FunctionBody<'_>, tally: &mut Tally) -> Result<(), StructureError> {
    tally.part(Counted::FunctionBytes, body.as_bytes().len() as u64)?;
    let mut locals = 0;
    for group in body.get_locals_reader()? {
        let (count, _) = group?;
        locals += u64::from(count);
        tally.part(Counted::FunctionLocals, locals)?;
    }
    // Of each block that is open, for a loop: the accesses to locals before it.
    let mut open: Vec<Option<u64>> = Vec::new();
    let (mut accesses, mut used, mut branches, mut in_loops) = (0_u64, 0_u64, 0_u64, 0_u64);
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Loop { .. } => {
                branches += 1;
                open.push(Some(accesses));
                tally.part(Counted::BlockLevels, open.len() as u64)?;
            }
            Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                branches += 1;
                open.push(None);
                tally.part(Counted::BlockLevels, open.len() as u64)?;
            }
            // The last end is that of the function.
            Operator::End => {
                if let Some(Some(before)) = open.pop() {
                    in_loops += used.min(accesses - before);
                    tally.part(Counted::LoopLocals, in_loops)?;
                }
            }
            Operator::Br { .. } | Operator::BrIf { .. } | Operator::Else => branches += 1,
            Operator::BrTable { targets } => branches += u64::from(targets.len()) + 1,
            Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } => {
                accesses += 1;
                used = used.max(u64::from(local_index) + 1);
            }
            _ => {}
        }
    }
    let along_branches = branches.saturating_mul(used.min(accesses));
    tally.part(Counted::BranchLocals, along_branches)?;
    tally.add(Counted::AllLoopLocals, in_loops)?;
    Ok(tally.add(Counted::AllBranchLocals, along_branches)?)
}
