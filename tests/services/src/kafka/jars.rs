//! What a broker consists of: jars out of a Maven repository, fetched once and kept with what cargo
//! builds.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, bail, ensure};

use crate::program::find_program;

const POM: &str = include_str!("../../kafka/pom.xml");
/// The oldest Java that the broker runs on, and a Debian package that brings one as new.
const OLDEST_JAVA: u32 = 17;
pub const JAVA_PACKAGE: &str = "default-jre-headless";

/// The program that runs the broker.
pub fn java() -> anyhow::Result<PathBuf> {
    let java = find_program("java", JAVA_PACKAGE)?;
    let version = java_version(&java)?;
    ensure!(
        version >= OLDEST_JAVA,
        "java is of version {version}, and Kafka needs {OLDEST_JAVA} or later: run \
         `apt-get install -y {JAVA_PACKAGE}`"
    );
    Ok(java)
}

/// The folder with the jars. It is made whole or not at all, and by one process at a time.
pub fn fetch() -> anyhow::Result<PathBuf> {
    let version = version();
    let kept = target().join("kafka");
    let folder = kept.join(version);
    let jars = folder.join("lib");
    if is_whole(&folder) {
        return Ok(jars);
    }
    std::fs::create_dir_all(&kept).with_context(|| format!("cannot make {}", kept.display()))?;
    let lock = File::create(kept.join("lock"))?;
    lock.lock()?;
    if is_whole(&folder) {
        return Ok(jars);
    }
    eprintln!("fetching Apache Kafka {version} with Maven: 45 MB, once");
    let new = tempfile::tempdir_in(&kept)?;
    std::fs::write(new.path().join("pom.xml"), POM)?;
    copy_jars(new.path())?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::rename(new.keep(), &folder)?;
    Ok(jars)
}

/// How the broker logs.
pub fn log_config() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka/log4j2.xml")
}

fn copy_jars(folder: &Path) -> anyhow::Result<()> {
    let mut maven = Command::new(find_program("mvn", "maven")?);
    maven
        .args(["-q", "-B", "dependency:copy-dependencies"])
        .arg("-DoutputDirectory=lib")
        .current_dir(folder);
    let done = maven.output().context("cannot start mvn")?;
    if !done.status.success() {
        bail!("Maven could not fetch Kafka: {}", first_error(&done));
    }
    Ok(())
}

/// Maven says the reason first, and then how to see more of it.
fn first_error(done: &Output) -> String {
    let output = String::from_utf8_lossy(&done.stdout);
    let reason = output
        .lines()
        .find_map(|line| Some(line.split_once("[ERROR]")?.1));
    reason.unwrap_or("it did not say why").trim().to_owned()
}

/// Fetched for another list of jars, it is no longer of use.
fn is_whole(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("pom.xml")).is_ok_and(|pom| pom == POM)
}

fn version() -> &'static str {
    between(POM, "<kafka.version>", "</kafka.version>").expect("the pom names Kafka's version")
}

/// `17` of `openjdk version "17.0.15" 2025-04-15`, and `8` of `"1.8.0_402"`.
fn java_version(java: &Path) -> anyhow::Result<u32> {
    let done = Command::new(java).arg("-version").output();
    let done = done.context("cannot start java")?;
    let output = String::from_utf8_lossy(&done.stderr);
    let version = between(&output, "version \"", "\"").and_then(|version| {
        let mut numbers = version.split(['.', '-', '+', '_']);
        match numbers.next()?.parse() {
            Ok(1) => numbers.next()?.parse().ok(),
            major => major.ok(),
        }
    });
    version.with_context(|| format!("java does not report its version: {output}"))
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    let (found, _) = rest.split_once(end)?;
    Some(found)
}

/// Where cargo puts what it builds, and so also this program.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let mut above = program.ancestors();
    let marked = above.find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    marked.map_or_else(usual, Path::to_owned)
}
