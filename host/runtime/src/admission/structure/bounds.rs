//! What is counted in a component, and how much of it is taken.

use baepo_domain::model::number::grouped;
use wasmparser::BinaryReaderError;

/// What is counted: over the whole component, or the largest of one part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Levels,
    Sections,
    CustomSections,
    Parts,
    Instances,
    InstanceParts,
    Aliases,
    CanonicalFunctions,
    Imports,
    Exports,
    Types,
    TypeParts,
    TypeLevels,
    Functions,
    Globals,
    Memories,
    Tables,
    Tags,
    ElementSegments,
    DataSegments,
    FunctionBytes,
    FunctionLocals,
    BlockLevels,
    LoopLocals,
    BranchLocals,
    AllLoopLocals,
    AllBranchLocals,
}

pub(super) struct Bound {
    #[cfg_attr(not(test), expect(dead_code, reason = "shows that the order is right"))]
    pub counted: Counted,
    pub what: &'static str,
    pub allowed: u64,
    /// The most that one of the components needs that people make: the six channels, a JavaScript one
    /// (componentize-js 0.23, 12 MB) and a Python one (componentize-py 0.25, 18 MB).
    #[cfg_attr(not(test), expect(dead_code, reason = "the source of `allowed`"))]
    pub needed: u64,
    remedy: &'static str,
}

const fn bound(
    counted: Counted,
    what: &'static str,
    needed: u64,
    allowed: u64,
    remedy: &'static str,
) -> Bound {
    Bound {
        counted,
        what,
        allowed,
        needed,
        remedy,
    }
}

const LINK: &str = "link fewer parts into it";
const STRIP: &str = "strip it (wasm-tools strip)";
const FEWER_TYPES: &str = "declare fewer or smaller types";
const OPTIMISE: &str = "compile it with optimisation, or split the function";

/// In the order of [`Counted`]. Each has room for four times of what is needed.
pub(super) const BOUNDS: [Bound; 27] = [
    bound(Counted::Levels, "levels of nested components", 1, 8, LINK),
    bound(Counted::Sections, "sections", 672, 20_000, LINK),
    bound(Counted::CustomSections, "custom sections", 24, 1_000, STRIP),
    bound(
        Counted::Parts,
        "core modules and nested components",
        16,
        200,
        LINK,
    ),
    bound(Counted::Instances, "instances", 69, 2_000, LINK),
    bound(
        Counted::InstanceParts,
        "arguments and exports of instances",
        1_450,
        20_000,
        LINK,
    ),
    bound(Counted::Aliases, "aliases", 1_373, 20_000, LINK),
    bound(
        Counted::CanonicalFunctions,
        "canonical functions",
        134,
        5_000,
        LINK,
    ),
    bound(Counted::Imports, "imports", 2_335, 20_000, LINK),
    bound(Counted::Exports, "exports", 4_224, 50_000, LINK),
    bound(Counted::Types, "types", 1_532, 20_000, FEWER_TYPES),
    bound(
        Counted::TypeParts,
        "fields, cases and parameters of types",
        4_556,
        100_000,
        FEWER_TYPES,
    ),
    bound(
        Counted::TypeLevels,
        "levels of nested types",
        2,
        8,
        FEWER_TYPES,
    ),
    bound(Counted::Functions, "functions", 13_373, 100_000, LINK),
    bound(Counted::Globals, "globals", 874, 10_000, LINK),
    bound(Counted::Memories, "memories", 1, 20, LINK),
    bound(Counted::Tables, "tables", 2, 20, LINK),
    bound(Counted::Tags, "exception tags", 0, 20, LINK),
    bound(Counted::ElementSegments, "element segments", 8, 1_000, LINK),
    bound(Counted::DataSegments, "data segments", 10_000, 50_000, LINK),
    bound(
        Counted::FunctionBytes,
        "bytes of code in one function",
        426_843,
        2_000_000,
        OPTIMISE,
    ),
    bound(
        Counted::FunctionLocals,
        "locals in one function",
        271,
        4_000,
        OPTIMISE,
    ),
    bound(
        Counted::BlockLevels,
        "levels of nested blocks in one function",
        781,
        5_000,
        OPTIMISE,
    ),
    bound(
        Counted::LoopLocals,
        "locals in loops of one function, each counted in each loop around it",
        10_103,
        50_000,
        OPTIMISE,
    ),
    bound(
        Counted::BranchLocals,
        "locals across branches of one function, each counted for each branch",
        493_844,
        2_000_000,
        OPTIMISE,
    ),
    bound(
        Counted::AllLoopLocals,
        "locals in loops of all functions, each counted in each loop around it",
        181_140,
        1_000_000,
        OPTIMISE,
    ),
    bound(
        Counted::AllBranchLocals,
        "locals across branches of all functions, each counted for each branch",
        8_539_128,
        40_000_000,
        OPTIMISE,
    ),
];

/// Why the bytes of a component are not looked at any further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StructureError {
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    #[error("the component is cut off or damaged: {0}")]
    Damaged(#[from] BinaryReaderError),
    #[error("the component is cut off or damaged: it ends at byte {0}, and should go on")]
    CutOff(usize),
}

/// More than is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the component has at least {} {what}, the host takes at most {}: {remedy}", grouped(*.found), grouped(*.allowed))]
pub(crate) struct TooMuch {
    what: &'static str,
    /// Nothing is counted beyond the bound.
    found: u64,
    allowed: u64,
    remedy: &'static str,
}

/// The counts so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: [u64; BOUNDS.len()],
}

impl Tally {
    /// So many more in the whole component.
    pub fn add(&mut self, counted: Counted, more: u64) -> Result<(), TooMuch> {
        let count = &mut self.counts[counted as usize];
        *count = count.saturating_add(more);
        check(counted, *count)
    }

    /// So many in one part of it.
    pub fn part(&mut self, counted: Counted, found: u64) -> Result<(), TooMuch> {
        let most = &mut self.counts[counted as usize];
        *most = found.max(*most);
        check(counted, found)
    }

    #[cfg(test)]
    pub fn of(&self, counted: Counted) -> u64 {
        self.counts[counted as usize]
    }
}

fn check(counted: Counted, found: u64) -> Result<(), TooMuch> {
    let Bound {
        what,
        allowed,
        remedy,
        ..
    } = BOUNDS[counted as usize];
    if found <= allowed {
        return Ok(());
    }
    Err(TooMuch {
        what,
        found,
        allowed,
        remedy,
    })
}
