//! The programs that services and tests need.

use std::path::PathBuf;

use anyhow::bail;

/// A program on the PATH, which a Debian package brings.
///
/// # Errors
/// It is not there. The error names the command that installs it.
pub fn find_program(program: &str, package: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(program));
    match found.find(|program| program.is_file()) {
        Some(program) => Ok(program),
        None => bail!("{program} is not installed: run `apt-get install -y {package}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_reported_with_the_command_that_installs_it() {
        let error = find_program("redis-server-of-tomorrow", "redis").unwrap_err();
        let expected = "redis-server-of-tomorrow is not installed: run `apt-get install -y redis`";
        assert_eq!(error.to_string(), expected);
    }
}
