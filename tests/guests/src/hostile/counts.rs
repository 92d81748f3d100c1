//! Width: more of everything than a channel has, and longer names.

use super::channel::declared;
use super::raw::section::{
    ALIAS, CANON, COMPONENT, CORE_INSTANCE, CORE_MODULE, CUSTOM, EXPORT, IMPORT, INSTANCE, TYPE,
};
use super::raw::{COMPONENT_HEADER, EMPTY_MODULE, component, leb, list, section};
use super::upload::{Expected, Upload};

const ONE_TYPE: [u8; 4] = [0x40, 0, 1, 0];

/// More of one thing than a channel has.
struct Many {
    what: &'static str,
    count: usize,
    words: &'static [&'static str],
    sections: fn(usize) -> Vec<u8>,
}

const MANY: [Many; 11] = [
    many("sections", 1_000_000, &["section"], |count| {
        // One byte of content: the length of no name.
        [CUSTOM, 1, 0].repeat(count)
    }),
    many("type-sections", 500_000, &["section", "type"], |count| {
        list(TYPE, 1, &ONE_TYPE).repeat(count)
    }),
    many("types", 1_000_000, &["type"], |count| {
        list(TYPE, count, &ONE_TYPE.repeat(count))
    }),
    many("modules", 100_000, &["module", "section"], |count| {
        section(CORE_MODULE, &EMPTY_MODULE).repeat(count)
    }),
    many("components", 100_000, &["component", "section"], |count| {
        section(COMPONENT, &COMPONENT_HEADER).repeat(count)
    }),
    many("core-instances", 500_000, &["instance"], |count| {
        let instantiated = [0, 0, 0].repeat(count);
        let module = section(CORE_MODULE, &EMPTY_MODULE);
        [module, list(CORE_INSTANCE, count, &instantiated)].concat()
    }),
    many("instances", 500_000, &["instance"], |count| {
        let instantiated = [0, 0, 0].repeat(count);
        let component = section(COMPONENT, &COMPONENT_HEADER);
        [component, list(INSTANCE, count, &instantiated)].concat()
    }),
    many(
        "resources",
        500_000,
        &["type", "canon", "function"],
        |count| {
            let resource = list(TYPE, 1, &[0x3f, 0x7f, 0]);
            let drops = [3, 0].repeat(count);
            [resource, list(CANON, count, &drops)].concat()
        },
    ),
    many("aliases", 500_000, &["alias", "type"], |count| {
        // `outer`, of this very component: type 0 again and again.
        let aliases = [3, 2, 0, 0].repeat(count);
        [list(TYPE, 1, &ONE_TYPE), list(ALIAS, count, &aliases)].concat()
    }),
    many("imports", 200_000, &["import"], |count| {
        let imports: Vec<u8> = (0..count)
            .flat_map(|number| named(&format!("a{number}"), &[1, 0]))
            .collect();
        [list(TYPE, 1, &ONE_TYPE), list(IMPORT, count, &imports)].concat()
    }),
    many("exports", 200_000, &["export"], |count| {
        let exports: Vec<u8> = (0..count)
            .flat_map(|number| named(&format!("a{number}"), &[3, 0, 0]))
            .collect();
        [list(TYPE, 1, &ONE_TYPE), list(EXPORT, count, &exports)].concat()
    }),
];

const fn many(
    what: &'static str,
    count: usize,
    words: &'static [&'static str],
    sections: fn(usize) -> Vec<u8>,
) -> Many {
    Many {
        what,
        count,
        words,
        sections,
    }
}

/// Three of each.
pub fn small() -> impl Iterator<Item = Vec<u8>> {
    MANY.iter().map(|many| component(&[(many.sections)(3)]))
}

pub fn uploads() -> Vec<Upload> {
    let mut uploads: Vec<_> = MANY
        .iter()
        .map(|many| {
            let (what, count) = (many.what, many.count);
            Upload::new(
                format!("many-{what}-{count}"),
                format!("{count} {}", what.replace('-', " ")),
                Expected::Refused(many.words),
                || declared(component(&[(many.sections)(many.count)])),
            )
        })
        .collect();
    for bytes in [10_000, 4_000_000] {
        uploads.push(Upload::new(
            format!("import-name-{bytes}"),
            format!("one import whose name has {bytes} bytes"),
            Expected::Refused(&["name", "import", "damaged", "string", "section"]),
            move || {
                let import = named(&"a".repeat(bytes), &[1, 0]);
                declared(component(&[
                    list(TYPE, 1, &ONE_TYPE),
                    list(IMPORT, 1, &import),
                ]))
            },
        ));
    }
    uploads.push(Upload::new(
        "custom-section-30mb",
        "a custom section of 30 MB beside the manifest",
        Expected::Refused(&["channel", "bytes", "custom", "export"]),
        || declared(component(&[section(CUSTOM, &vec![0; 30_000_000])])),
    ));
    uploads.extend(foreign_imports());
    uploads
}

/// What the host does not offer, and nearly what it offers.
fn foreign_imports() -> impl Iterator<Item = Upload> {
    let names = [
        ("wasi", "wasi:sockets/tcp@0.2.9"),
        ("wasi-cli", "wasi:cli/environment@0.2.9"),
        ("http-minor", "baepo:channel/http@1.1.0"),
        ("http-major", "baepo:channel/http@2.0.0"),
        ("unknown-interface", "baepo:channel/files@1.0.0"),
    ];
    names.into_iter().map(|(name, import)| {
        Upload::new(
            format!("import-{name}"),
            format!("a channel that imports `{import}`"),
            Expected::Refused(&["import"]),
            move || {
                // An instance without anything: a host that compares versions only would take it.
                let import = named(import, &[5, 0]);
                let mut channel = super::channel::quiet();
                let sections = [list(TYPE, 1, &[0x42, 0]), list(IMPORT, 1, &import)];
                let whole = component(&[section(COMPONENT, &channel)]);
                channel = [&whole[..], &sections.concat()].concat();
                declared(channel)
            },
        )
    })
}

/// A name of an import or export, then what it is.
fn named(name: &str, what: &[u8]) -> Vec<u8> {
    [&[0][..], &leb(name.len()), name.as_bytes(), what].concat()
}
