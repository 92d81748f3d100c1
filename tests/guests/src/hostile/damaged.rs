//! Bytes that are nearly a channel: cut off, flipped, repeated, or something else altogether.

use super::channel::quiet;
use super::upload::{Expected, Upload};

/// How many of each kind; every one of them is another seed.
const EACH: u64 = 20;
/// Any reason will do where a flipped bit may also hit a byte without meaning.
const ANY: Expected = Expected::Either;

pub fn uploads() -> Vec<Upload> {
    let mut uploads = vec![
        upload("empty", "no byte at all", |_| Vec::new()),
        upload("text", "text instead of a component", |_| {
            b"not a component".repeat(1_000)
        }),
        upload(
            "header-only",
            "a component's header and nothing else",
            |good| good[..8].to_vec(),
        ),
        upload("core-module", "a core module", |_| {
            b"\0asm\x01\0\0\0".to_vec()
        }),
        upload(
            "future-version",
            "a component of version 65535",
            |mut good| {
                good[4..6].copy_from_slice(&[0xff, 0xff]);
                good
            },
        ),
        upload(
            "length-4gb",
            "a section that says it has 4 GiB",
            |mut good| {
                good.truncate(8);
                good.extend([0, 0xff, 0xff, 0xff, 0xff, 0x0f]);
                good
            },
        ),
        upload(
            "length-endless",
            "a length that does not end",
            |mut good| {
                good.truncate(8);
                good.push(1);
                good.extend([0x80; 64]);
                good
            },
        ),
        upload(
            "twice",
            "a channel, and the same channel behind it",
            |good| good.repeat(2),
        ),
    ];
    for upload in &mut uploads {
        upload.expected = Expected::Refused(&[
            "webassembly",
            "module",
            "damaged",
            "manifest",
            "section",
            "magic",
            "version",
            "valid",
            "empty",
            "header",
            "more than one",
        ]);
    }
    for seed in 0..EACH {
        uploads.push(self::upload(
            format!("cut-{seed}"),
            "a channel that is cut off somewhere",
            move |mut good| {
                let length = Chance(seed).below(good.len());
                good.truncate(length);
                good
            },
        ));
        uploads.push(self::upload(
            format!("flipped-{seed}"),
            "a channel with one to eight flipped bits",
            move |mut good| {
                let mut chance = Chance(seed);
                for _ in 0..=chance.below(8) {
                    let (at, bit) = (chance.below(good.len()), chance.below(8));
                    good[at] ^= 1 << bit;
                }
                good
            },
        ));
        uploads.push(self::upload(
            format!("repeated-{seed}"),
            "a channel of which a part stands there many times",
            move |good| {
                let mut chance = Chance(seed);
                let from = chance.below(good.len());
                let to = from + chance.below(good.len() - from);
                let middle = good[from..to].repeat(2 + chance.below(64));
                [&good[..from], &middle, &good[to..]].concat()
            },
        ));
    }
    uploads
}

fn upload(
    name: impl Into<String>,
    what: impl Into<String>,
    damage: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> Upload {
    let name = format!("damaged-{}", name.into());
    Upload::new(name, what, ANY, move || damage(quiet()))
}

/// The same numbers for the same seed: SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = u64::try_from(bound.max(1)).expect("64 bits");
        usize::try_from((mixed ^ (mixed >> 31)) % bound).expect("below a length")
    }
}
