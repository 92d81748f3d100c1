//! A crate's files as a graph: which file imports which, and by what names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::source::Source;

/// One target of a package: its root and every file that `mod` lines reach from there.
pub struct Crate {
    files: Vec<File>,
    /// Path of a module, inline ones too → the file that it stands in.
    modules: BTreeMap<Vec<String>, usize>,
}

struct File {
    path: PathBuf,
    module: Vec<String>,
    source: Source,
}

/// The names of one file that another one imports; files by their place in [`Crate::files`].
pub struct Import {
    pub from: usize,
    pub to: usize,
    pub names: BTreeSet<String>,
}

impl Crate {
    pub fn read(root: &Path) -> Self {
        let mut found = Self {
            files: Vec::new(),
            modules: BTreeMap::new(),
        };
        let folder = root.parent().expect("a file lies in a folder");
        found.add(root.to_owned(), Vec::new(), folder);
        found
    }

    /// `folder` is where the module's children lie.
    fn add(&mut self, path: PathBuf, module: Vec<String>, folder: &Path) {
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let source = Source::parse(&text);
        let index = self.files.len();
        self.modules.insert(module.clone(), index);
        for path in &source.paths {
            for length in 1..=path.inline.len() {
                let inline = [&module[..], &path.inline[..length]].concat();
                self.modules.entry(inline).or_insert(index);
            }
        }
        let children: Vec<_> = source
            .children
            .iter()
            .map(|child| {
                let around = child
                    .inline
                    .iter()
                    .fold(folder.to_owned(), |folder, name| folder.join(name));
                let beside = path.parent().expect("a file lies in a folder");
                let flat = around.join(format!("{}.rs", child.name));
                let file = match &child.file {
                    Some(file) => beside.join(file),
                    None if flat.exists() => flat,
                    None => around.join(&child.name).join("mod.rs"),
                };
                let module = [
                    &module[..],
                    &child.inline[..],
                    std::slice::from_ref(&child.name),
                ]
                .concat();
                (file, module, around.join(&child.name))
            })
            .collect();
        self.files.push(File {
            path,
            module,
            source,
        });
        for (file, module, folder) in children {
            self.add(file, module, &folder);
        }
    }

    pub fn files(&self) -> Vec<&Path> {
        self.files.iter().map(|file| file.path.as_path()).collect()
    }

    /// Every path that leads out of the crate, such as `std::fs::read`, and the file that names it.
    pub fn foreign_paths(&self) -> impl Iterator<Item = (&Path, &[String])> {
        self.files.iter().flat_map(move |file| {
            let paths = file.source.paths.iter();
            let foreign =
                paths.filter(|path| self.target(file, &path.inline, &path.segments).is_none());
            foreign.map(|path| (file.path.as_path(), path.segments.as_slice()))
        })
    }

    pub fn imports(&self) -> Vec<Import> {
        let mut imports: BTreeMap<(usize, usize), BTreeSet<String>> = BTreeMap::new();
        for (from, file) in self.files.iter().enumerate() {
            for path in &file.source.paths {
                let to = self.target(file, &path.inline, &path.segments);
                if let Some(to) = to.filter(|to| *to != from) {
                    let name = path.segments.last().cloned().unwrap_or_default();
                    imports.entry((from, to)).or_default().insert(name);
                }
            }
        }
        let import = |((from, to), names)| Import { from, to, names };
        imports.into_iter().map(import).collect()
    }

    /// The file of the module that a path leads to; `None` for another crate's and for local names.
    fn target(&self, file: &File, inline: &[String], segments: &[String]) -> Option<usize> {
        let here = [&file.module[..], inline].concat();
        let mut path = match segments.first()?.as_str() {
            "crate" => segments[1..].to_vec(),
            "self" => [&here[..], &segments[1..]].concat(),
            "super" => {
                let up = segments.iter().take_while(|name| *name == "super").count();
                let base = &here[..here.len().saturating_sub(up)];
                [base, &segments[up..]].concat()
            }
            first => {
                let child = [&here[..], &[first.to_owned()]].concat();
                self.modules.get(&child)?;
                [&here[..], segments].concat()
            }
        };
        loop {
            if let Some(file) = self.modules.get(&path) {
                return Some(*file);
            }
            path.pop()?;
        }
    }
}

/// Groups of files that import each other in a loop: the imports that tie each.
pub fn loops(imports: &[Import]) -> Vec<Vec<&Import>> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for import in imports {
        next.entry(import.from).or_default().push(import.to);
    }
    let reached: BTreeMap<usize, BTreeSet<usize>> = next
        .keys()
        .map(|from| (*from, reachable(*from, &next)))
        .collect();
    let reaches =
        |from: usize, to: usize| reached.get(&from).is_some_and(|seen| seen.contains(&to));
    let mut groups: Vec<Vec<&Import>> = Vec::new();
    for import in imports
        .iter()
        .filter(|import| reaches(import.to, import.from))
    {
        let same = groups.iter_mut().find(|group| {
            reaches(import.from, group[0].from) && reaches(group[0].from, import.from)
        });
        match same {
            Some(group) => group.push(import),
            None => groups.push(vec![import]),
        }
    }
    groups
}

fn reachable(from: usize, next: &BTreeMap<usize, Vec<usize>>) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        let new = next
            .get(&file)
            .into_iter()
            .flatten()
            .filter(|to| seen.insert(**to));
        open.extend(new);
    }
    seen
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Crate, loops};

    /// `from -> to: names` of every import that is part of a loop.
    fn looping(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
            fs::write(path, text).expect("a file is written");
        }
        let read = Crate::read(&folder.path().join("lib.rs"));
        let (files, imports) = (read.files(), read.imports());
        let shown = |file: usize| {
            let inside = files[file].strip_prefix(folder.path());
            inside.expect("a file of the crate").display().to_string()
        };
        let loops = loops(&imports).into_iter().flatten();
        loops
            .map(|import| {
                let names: Vec<_> = import.names.iter().map(String::as_str).collect();
                format!(
                    "{} -> {}: {}",
                    shown(import.from),
                    shown(import.to),
                    names.join(" ")
                )
            })
            .collect()
    }

    #[test]
    fn a_name_that_a_parent_only_passes_on_closes_a_loop() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; mod c; pub use b::B;"),
            ("a/b.rs", "pub struct B; use super::C;"),
            ("a/c.rs", "pub struct C;"),
        ];

        assert_eq!(
            looping(&files),
            ["a/mod.rs -> a/b.rs: B", "a/b.rs -> a/mod.rs: C"]
        );
    }

    #[test]
    fn siblings_import_each_other_s_files() {
        let files = [
            ("lib.rs", "mod a; pub use a::B;"),
            ("a.rs", "mod b; mod c; pub use b::B;"),
            ("a/b.rs", "use super::c::C; pub struct B(C);"),
            ("a/c.rs", "pub struct C;"),
        ];

        assert!(looping(&files).is_empty());
    }
}
