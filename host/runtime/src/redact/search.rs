//! Looks for secrets in a text and in everything that the text may spell.

use std::ops::Range;

use memchr::memmem::Finder;
use secrecy::zeroize::Zeroizing;

use super::spellings::{Alphabet, Escapes, Piece, Run, inflated, runs, unescaped};

/// How many spellings may lie within each other: three, and the JSON that carries them.
const MAX_DEPTH: usize = 4;
/// What may be looked through for each byte of the source, in bytes. A text in plain words takes about
/// two for each; one that is all escapes, or base64 of base64, about 30.
const WORK_PER_BYTE: usize = 128;

/// The text holds so much within itself that it cannot be searched within the bound of work.
#[derive(Debug, PartialEq, Eq)]
pub struct WorkLimitExceeded;

/// What is looked for.
#[derive(Default)]
pub struct Needles {
    finders: Vec<Finder<'static>>,
    shortest: usize,
    /// The ways to undo escapes, each by itself where a secret has characters that escapes have.
    escapes: Vec<Escapes>,
    /// For the memory to be cleared: the finders have copies.
    _secrets: Vec<Zeroizing<Vec<u8>>>,
}

impl Needles {
    pub fn of<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut needles: Vec<String> = Vec::new();
        for secret in secrets {
            // In a query a space is a plus.
            needles.extend([
                secret.to_owned(),
                secret.replace(' ', "+"),
                secret.replace('+', " "),
            ]);
        }
        needles.sort_unstable();
        needles.dedup();
        let has_leads = needles
            .iter()
            .any(|needle| needle.contains(['%', '\\', '&']));
        Self {
            shortest: needles.iter().map(String::len).min().unwrap_or(0),
            escapes: if has_leads {
                vec![Escapes::ALL, Escapes::PERCENT, Escapes::JSON, Escapes::HTML]
            } else {
                vec![Escapes::ALL]
            },
            finders: needles
                .iter()
                .map(|needle| Finder::new(needle.as_bytes()).into_owned())
                .collect(),
            _secrets: needles
                .into_iter()
                .map(|needle| Zeroizing::new(needle.into_bytes()))
                .collect(),
        }
    }

    /// Where secrets stand, in whatever spelling; in no order. `base_work`: what may be looked through for
    /// every source, in bytes, however short it is.
    pub fn spans(
        &self,
        source: &[u8],
        base_work: usize,
    ) -> Result<Vec<Range<usize>>, WorkLimitExceeded> {
        let mut search = Search {
            needles: self,
            spans: Vec::new(),
            work: base_work.saturating_add(source.len().saturating_mul(WORK_PER_BYTE)),
        };
        if !self.finders.is_empty() {
            search.layer(source, &SourceMap::Source, 0)?;
        }
        Ok(search.spans)
    }
}

/// Where the bytes of a layer stand in the source.
enum SourceMap<'a> {
    Source,
    /// All of them come from all of this.
    Whole(Range<usize>),
    Pieces(&'a [Piece], &'a SourceMap<'a>),
}

impl SourceMap<'_> {
    fn span(&self, range: Range<usize>) -> Range<usize> {
        match self {
            Self::Source => range,
            Self::Whole(span) => span.clone(),
            Self::Pieces(pieces, outer) => {
                let piece = |index: usize| {
                    let behind = pieces.partition_point(|piece| piece.at <= index);
                    &pieces[behind.saturating_sub(1)]
                };
                let first = piece(range.start).source(range.start);
                let last = piece(range.end - 1).source(range.end - 1);
                outer.span(first.start..last.end)
            }
        }
    }
}

struct Search<'a> {
    needles: &'a Needles,
    spans: Vec<Range<usize>>,
    /// How many bytes may still be looked through.
    work: usize,
}

impl Search<'_> {
    /// One text, `depth` spellings below the source.
    fn layer(
        &mut self,
        bytes: &[u8],
        source_map: &SourceMap<'_>,
        depth: usize,
    ) -> Result<(), WorkLimitExceeded> {
        // No spelling is shorter than what it spells, but for what is compressed.
        if bytes.len() < self.needles.shortest {
            return if depth < MAX_DEPTH {
                self.compressed(bytes, source_map, depth)
            } else {
                Ok(())
            };
        }
        self.work = self
            .work
            .checked_sub(bytes.len())
            .ok_or(WorkLimitExceeded)?;
        let needles = self.needles;
        for finder in &needles.finders {
            let length = finder.needle().len();
            for start in finder.find_iter(bytes) {
                self.spans.push(source_map.span(start..start + length));
            }
        }
        if depth == MAX_DEPTH {
            return Ok(());
        }
        for escapes in &needles.escapes {
            if let Some((decoded, pieces)) = unescaped(bytes, *escapes) {
                self.layer(&decoded, &SourceMap::Pieces(&pieces, source_map), depth + 1)?;
            }
        }
        for alphabet in [Alphabet::Base64, Alphabet::Hex] {
            for run in runs(bytes, alphabet, needles.shortest) {
                self.run(&run, alphabet, source_map, depth)?;
            }
        }
        self.compressed(bytes, source_map, depth)
    }

    /// What belongs to a run and what stands before it cannot be distinguished: it is read from each
    /// of its first digits on.
    fn run(
        &mut self,
        run: &Run,
        alphabet: Alphabet,
        source_map: &SourceMap<'_>,
        depth: usize,
    ) -> Result<(), WorkLimitExceeded> {
        let whole = SourceMap::Whole(source_map.span(run.span.clone()));
        for offset in 0..alphabet.digits() {
            let decoded = alphabet.decoded(&run.values[offset..]);
            self.layer(&decoded, &whole, depth + 1)?;
        }
        Ok(())
    }

    fn compressed(
        &mut self,
        bytes: &[u8],
        source_map: &SourceMap<'_>,
        depth: usize,
    ) -> Result<(), WorkLimitExceeded> {
        let Some(inflated) = inflated(bytes, self.work) else {
            return Ok(());
        };
        let inflated = inflated.map_err(|_| WorkLimitExceeded)?;
        let whole = SourceMap::Whole(source_map.span(0..bytes.len()));
        self.layer(&inflated, &whole, depth + 1)
    }
}
