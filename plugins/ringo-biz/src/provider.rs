//! 링고비즈 as KT's shared parts know it.

use baepo_kt::provider::Provider;

pub const RINGO_BIZ: Provider = Provider {
    korean: "링고비즈",
    english: "Ringo Biz",
    assets: "tones",
    placements: "assignments",
    shown_korean: "연결음",
    region: "/options/phoneNumber",
    times: "/period",
};
