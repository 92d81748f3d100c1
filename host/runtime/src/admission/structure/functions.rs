//! What the code of a function costs a compiler.

use wasmparser::{FunctionBody, Operator};

use super::StructureError;
use super::bounds::{Counted, Tally};

/// A compiler keeps a value for every local at every place where branches meet: at the beginning of a loop for
/// each local that the loop touches, and at the end of a block for each that is used behind it. Loops in loops
/// multiply, so they are counted apart and precisely; for blocks the product is an upper bound.
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
    let (mut accesses, mut used, mut blocks, mut in_loops) = (0_u64, 0_u64, 0_u64, 0_u64);
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Loop { .. } => open.push(Some(accesses)),
            Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                open.push(None);
            }
            Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } => {
                accesses += 1;
                used = used.max(u64::from(local_index) + 1);
                continue;
            }
            Operator::End => {
                // The last end is that of the function.
                if let Some(Some(before)) = open.pop() {
                    in_loops += used.min(accesses - before);
                    tally.part(Counted::LoopLocals, in_loops)?;
                }
                continue;
            }
            _ => continue,
        }
        blocks += 1;
        tally.part(Counted::BlockLevels, open.len() as u64)?;
    }
    let in_blocks = blocks.saturating_mul(used.min(accesses));
    tally.part(Counted::BlockLocals, in_blocks)?;
    tally.add(Counted::AllLoopLocals, in_loops)?;
    Ok(tally.add(Counted::AllBlockLocals, in_blocks)?)
}
