//! Rules about the source itself: who may import whom, how long a file is, and that each invariant
//! of ARCHITECTURE.md names a test that exists. Needs nothing but the source.

mod documents;
mod modules;
mod source;
mod tokens;
mod workspace;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use self::modules::{Crate, Import, loops};
use self::workspace::{Workspace, root};

const LONGEST_FILE: usize = 400;
/// What `host/domain` is built on: nothing of it reads, writes, connects or waits by itself.
const WITHOUT_IO: [&str; 16] = [
    "async-trait",
    "futures",
    "hex",
    "jiff",
    "percent-encoding",
    "rand",
    "secrecy",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "toml",
    "unicode-normalization",
    "url",
    "utoipa",
    "uuid",
];
/// Libraries that one crate alone names; the scenarios write old databases with sqlx too.
const NAMED_ONCE: [(&str, &[&str]); 5] = [
    ("wasmtime", &["baepo-runtime"]),
    ("sqlx", &["baepo-adapters", "it"]),
    ("redis", &["baepo-adapters"]),
    ("moka", &["baepo-adapters"]),
    ("rdkafka", &["baepo-adapters"]),
];

/// Fails with one line per finding.
fn assert_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

#[test]
fn files_do_not_import_each_other_in_a_loop() {
    let mut findings = BTreeSet::new();
    for root in &Workspace::load().roots() {
        let read = Crate::read(root);
        let (files, imports) = (read.files(), read.imports());
        for tied in loops(&imports) {
            findings.insert(shown_loop(&files, &tied));
        }
    }

    assert_none(
        "a loop of imports",
        &findings.into_iter().collect::<Vec<_>>(),
    );
}

fn shown_loop(files: &[&Path], tied: &[&Import]) -> String {
    let members: BTreeSet<usize> = tied.iter().map(|import| import.from).collect();
    let mut shown = format!("  {} files:\n", members.len());
    for import in tied {
        let (from, to) = (relative(files[import.from]), relative(files[import.to]));
        let names: Vec<_> = import.names.iter().map(String::as_str).collect();
        writeln!(shown, "    {from} -> {to}: {}", names.join(", ")).expect("a string");
    }
    shown
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

#[test]
fn models_import_neither_ports_nor_use_cases_and_ports_no_use_case() {
    let floors = [
        "host/domain/src/model/",
        "host/domain/src/ports/",
        "host/domain/src/usecases/",
    ];
    let floor = |path: &Path| {
        let path = relative(path);
        floors.iter().position(|floor| path.starts_with(floor))
    };
    let read = Crate::read(&root().join("host/domain/src/lib.rs"));
    let files = read.files();
    let imports = read.imports();
    let upwards = imports
        .iter()
        .filter(|import| floor(files[import.from]) < floor(files[import.to]));
    // The root passes names on from every floor; below it nothing may come back.
    let within = upwards.filter(|import| floor(files[import.from]).is_some());
    let findings: Vec<_> = within.map(|import| shown_loop(&files, &[import])).collect();

    assert!(
        files.iter().any(|file| floor(file) == Some(2)),
        "the floors are elsewhere"
    );
    assert_none("an import of a higher floor", &findings);
}

#[test]
fn the_domain_has_no_io() {
    let workspace = Workspace::load();
    let dependencies = workspace.dependencies("baepo-domain");
    let unknown = dependencies
        .iter()
        .filter(|name| !WITHOUT_IO.contains(&name.as_str()));
    let mut findings: Vec<_> = unknown.map(|name| format!("  depends on {name}")).collect();
    let read = Crate::read(&root().join("host/domain/src/lib.rs"));
    for (file, path) in read.foreign_paths() {
        let outside = ["env", "fs", "net", "os", "process", "thread"];
        let is_outside = path.len() > 1 && path[0] == "std" && outside.contains(&path[1].as_str());
        if is_outside {
            findings.push(format!("  {}: {}", relative(file), path.join("::")));
        }
    }

    assert_none("host/domain and the outside", &findings);
}

#[test]
fn engines_stores_and_buses_are_named_by_one_crate() {
    let workspace = Workspace::load();
    let mut findings = Vec::new();
    for (library, owners) in NAMED_ONCE {
        for package in workspace.packages() {
            let depends = workspace.dependencies(package).contains(library);
            if depends && !owners.contains(&package) {
                findings.push(format!("  {package} depends on {library}"));
            }
        }
        let owner = owners[0];
        let is_known = workspace.dependencies(owner).contains(library);
        assert!(is_known, "{owner} has no {library}: correct this test");
    }

    assert_none("a library behind another crate's back", &findings);
}

#[test]
fn the_product_does_not_link_what_is_for_tests() {
    let workspace = Workspace::load();
    let for_tests = [
        "baepo-contract",
        "baepo-test-services",
        "insta",
        "it",
        "proptest",
        "tempfile",
    ];
    let product = [
        "baepo",
        "baepo-adapters",
        "baepo-domain",
        "baepo-runtime",
        "baepo-sandbox",
    ];
    let findings: Vec<_> = product
        .iter()
        .flat_map(|package| {
            let linked = workspace.dependencies(package).into_iter();
            let linked = linked.filter(|name| for_tests.contains(&name.as_str()));
            linked.map(move |name| format!("  {package} depends on {name}"))
        })
        .collect();

    assert_none("a test's library in the product", &findings);
}

#[test]
fn files_have_one_responsibility_and_at_most_400_lines() {
    let findings: Vec<_> = workspace::tracked_files()
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| {
            let lines = std::fs::read_to_string(path).ok()?.lines().count();
            (lines > LONGEST_FILE).then(|| format!("  {}: {lines}", relative(path)))
        })
        .collect();

    assert_none(
        "files over 400 lines, to be split by responsibility",
        &findings,
    );
}

#[test]
fn files_name_no_path_of_this_machine() {
    let home = std::env::home_dir().map(|home| format!("{}/", home.display()));
    let here = root().display().to_string();
    let findings: Vec<_> = workspace::tracked_files()
        .iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(path).ok()?;
            let is_named = |path: &String| path.len() > 2 && text.contains(path.as_str());
            let found = [Some(&here), home.as_ref()]
                .into_iter()
                .flatten()
                .find(|path| is_named(path));
            found.map(|found| format!("  {}: {found}", relative(path)))
        })
        .collect();

    assert_none("paths of a machine", &findings);
}

#[test]
fn only_the_relay_sends_to_the_bus() {
    let allowed = ["host/src/app/", "host/src/worker/relay"];
    let host = Crate::read(&root().join("host/src/lib.rs"));
    let named = host.foreign_paths();
    let named = named.filter(|(_, path)| path.last().is_some_and(|name| name == "Bus"));
    let files = named.map(|(file, _)| relative(file));
    let mut findings: Vec<_> = files
        .filter(|file| !allowed.iter().any(|allowed| file.starts_with(allowed)))
        .collect();
    let domain = Crate::read(&root().join("host/domain/src/lib.rs"));
    let (files, imports) = (domain.files(), domain.imports());
    let named = imports.iter().filter(|import| import.names.contains("Bus"));
    let files = named.map(|import| relative(files[import.from]));
    findings.extend(files.filter(|file| file.contains("/usecases/")));

    assert_none("a way to the bus that passes the outbox", &findings);
}

#[test]
fn files_that_documents_name_exist() {
    let mut findings = Vec::new();
    let mut named = 0;
    for document in documents::documents() {
        let text = std::fs::read_to_string(&document).expect("a document");
        for path in documents::paths(&text) {
            named += 1;
            if !root().join(path).exists() {
                findings.push(format!("  {}: {path}", relative(&document)));
            }
        }
    }

    assert!(named > 100, "{named} paths: documents are elsewhere");
    assert_none("a file that is not there", &findings);
}

#[test]
fn each_decision_is_in_the_index() {
    let index = std::fs::read_to_string(root().join("docs/README.md")).expect("an index");
    let decisions = std::fs::read_dir(root().join("docs/adr")).expect("decisions");
    let names = decisions.map(|entry| entry.expect("an entry").file_name());
    let findings: Vec<_> = names
        .map(|name| format!("adr/{}", name.display()))
        .filter(|path| !index.contains(&format!("({path})")))
        .collect();

    assert_none("decisions that docs/README.md leaves out", &findings);
}

#[test]
fn each_invariant_names_a_test_that_exists() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let (_, section) = text.split_once("## Invariants").expect("the invariants");
    let (section, _) = section.split_once("\n## ").expect("a section after them");
    let functions = functions();
    let mut findings = Vec::new();
    let mut expected = 1;
    let mut numbered = section.split("\n").peekable();
    while let Some(line) = numbered.next() {
        let Some((number, first)) = line.split_once(". ") else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        let mut item = first.to_owned();
        while let Some(line) = numbered.next_if(|line| line.starts_with("   ")) {
            item.push_str(line);
        }
        if number != expected {
            findings.push(format!("  {number} where {expected} should be"));
        }
        expected = number + 1;
        let quoted = item.split('`').skip(1).step_by(2);
        let tests: Vec<&str> = quoted
            .filter(|name| name.matches('_').count() > 1)
            .collect();
        if tests.is_empty() {
            findings.push(format!("  {number} names no test"));
        }
        let missing = tests.iter().filter(|name| !functions.contains(**name));
        findings.extend(missing.map(|name| format!("  {number}: there is no {name}")));
    }

    assert!(expected > 1, "no invariant is numbered");
    assert_none("invariants without a test", &findings);
}

/// Names of all functions, those in macros included.
fn functions() -> BTreeSet<String> {
    let files = workspace::tracked_files();
    let sources = files
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let mut names = BTreeSet::new();
    for path in sources {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let tokens = tokens::tokens(&text);
        let pairs = tokens.windows(2);
        let named = pairs.filter(|pair| pair[0].ident() == Some("fn"));
        names.extend(named.filter_map(|pair| pair[1].ident().map(ToOwned::to_owned)));
    }
    names
}

#[test]
fn documents_name_files_that_exist() {
    let files = workspace::tracked_files();
    // `api/publish.rs` for `host/src/api/publish.rs`: the end of a path is enough, `src` is not needed.
    let without_src = |path: &str| path.replace("/src/", "/");
    let known: BTreeSet<String> = files
        .iter()
        .map(|path| relative(path))
        .flat_map(|path| [without_src(&path), path])
        .collect();
    let exists = |name: &str| {
        let end = format!("/{name}");
        known
            .iter()
            .any(|path| path == name || path.ends_with(&end))
    };
    let is_document = |path: &&std::path::PathBuf| {
        let path = relative(path);
        path.ends_with(".md") && !path.contains("docs/adr/") && path != "CHANGELOG.md"
    };
    let mut findings = Vec::new();
    for document in files.iter().filter(is_document) {
        let text = std::fs::read_to_string(document).unwrap_or_default();
        let quoted = text.split('`').skip(1).step_by(2);
        let named = quoted.filter(|name| name.ends_with(".rs") && !name.contains([' ', '{', '*']));
        let missing = named.filter(|name| !exists(name));
        findings.extend(missing.map(|name| format!("  {}: {name}", relative(document))));
    }

    assert_none("files that are not there", &findings);
}
