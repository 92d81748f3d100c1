//! What `baepo doctor` asks of the database file. Nothing is changed, also not beside the file.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection, query_scalar};

use super::open::KNOWN_VERSION;
use crate::checkup::Check;

/// How long the whole file may take to be looked through.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Looks at the file as a host would use it: whether it opens, what version its tables have, and
/// whether it is damaged.
pub async fn check_sqlite(path: &Path) -> Vec<Check> {
    const SUBJECT: &str = "sqlite: file";
    let shown = path.display();
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let found = format!("{shown} is not there yet: the first start makes it");
            return vec![Check::good(SUBJECT, found)];
        }
        Err(error) => {
            let advice = "let the user that Baepo runs as read and write it";
            return vec![Check::bad(SUBJECT, format!("{shown}: {error}"), advice)];
        }
    };
    let mut connection = match SqliteConnection::connect_with(&options(path)).await {
        Ok(connection) => connection,
        Err(error) => {
            let advice = "restore it from a backup, or choose another data folder";
            return vec![Check::bad(SUBJECT, format!("{shown}: {error}"), advice)];
        }
    };
    let mut checks = vec![if mode & 0o077 == 0 {
        Check::good(SUBJECT, format!("{shown}, mode {mode:04o}"))
    } else {
        let advice = format!("others can read what owners wrote: run `chmod 600 {shown}`");
        Check::warning(SUBJECT, format!("{shown}, mode {mode:04o}"), advice)
    }];
    checks.push(tables(&mut connection).await);
    checks.push(integrity(&mut connection).await);
    // What still looks through the file goes with the process.
    drop(connection);
    checks
}

fn options(path: &Path) -> SqliteConnectOptions {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log = Path::new(&log);
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        // Without a log nobody has it open, and none is made.
        .immutable(!log.exists())
        .busy_timeout(CHECK_TIMEOUT)
}

async fn tables(connection: &mut SqliteConnection) -> Check {
    const SUBJECT: &str = "sqlite: tables";
    let version: Result<Option<i64>, _> =
        query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(connection)
            .await;
    match version {
        Ok(Some(KNOWN_VERSION)) => Check::good(SUBJECT, format!("version {KNOWN_VERSION}")),
        Ok(Some(version)) if version > KNOWN_VERSION => {
            let found = format!("version {version}, this Baepo knows {KNOWN_VERSION}");
            let advice = "run the newer Baepo that made it, or choose another data folder";
            Check::bad(SUBJECT, found, advice)
        }
        Ok(version) => {
            let version = version.unwrap_or_default();
            let next = format!("version {version}: the next start makes it {KNOWN_VERSION}");
            Check::good(SUBJECT, next)
        }
        Err(error) => {
            let advice = "restore it from a backup, or choose another data folder: it is no \
                          database of Baepo";
            Check::bad(SUBJECT, error.to_string(), advice)
        }
    }
}

async fn integrity(connection: &mut SqliteConnection) -> Check {
    const SUBJECT: &str = "sqlite: integrity";
    let looked = query_scalar("PRAGMA quick_check(1)").fetch_one(connection);
    let looked: Result<Result<String, _>, _> = tokio::time::timeout(CHECK_TIMEOUT, looked).await;
    let advice = "stop Baepo, keep a copy, and restore it from a backup";
    match looked {
        Ok(Ok(text)) if text == "ok" => Check::good(SUBJECT, "no damage found"),
        Ok(Ok(damage)) => Check::bad(SUBJECT, damage, advice),
        Ok(Err(error)) => Check::bad(SUBJECT, error.to_string(), advice),
        Err(_) => {
            let found = format!("not looked through within {CHECK_TIMEOUT:?}");
            let advice = "let `sqlite3 FILE 'PRAGMA quick_check'` look through it";
            Check::warning(SUBJECT, found, advice)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::checkup::Verdict;
    use crate::sqlite::SqliteStore;

    fn files(folder: &Path) -> BTreeSet<std::ffi::OsString> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    fn verdicts(checks: &[Check]) -> Vec<Verdict> {
        checks.iter().map(|check| check.verdict).collect()
    }

    #[tokio::test]
    async fn the_checkup_leaves_files_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baepo.db");
        assert_eq!(verdicts(&check_sqlite(&path).await), [Verdict::Good]);
        assert!(files(folder.path()).is_empty());

        let store = SqliteStore::open(&path).await.unwrap();
        let open = check_sqlite(&path).await;
        assert_eq!(verdicts(&open), [Verdict::Good; 3], "{open:?}");
        baepo_domain::ports::Store::close(&store).await;

        let before = files(folder.path());
        let closed = check_sqlite(&path).await;
        assert_eq!(verdicts(&closed), [Verdict::Good; 3], "{closed:?}");
        assert_eq!(files(folder.path()), before);
    }

    #[tokio::test]
    async fn problems_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baepo.db");
        std::fs::write(
            &path,
            b"no database, but more than a hundred bytes of text: ".repeat(9),
        )
        .unwrap();
        let checks = check_sqlite(&path).await;
        assert!(verdicts(&checks).contains(&Verdict::Bad), "{checks:?}");
        std::fs::remove_file(&path).unwrap();

        let store = SqliteStore::open(&path).await.unwrap();
        baepo_domain::ports::Store::close(&store).await;
        let bytes = std::fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        std::fs::write(&path, [&bytes[..half], &vec![7; half][..]].concat()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let checks = check_sqlite(&path).await;
        assert_eq!(checks[0].verdict, Verdict::Warning, "{checks:?}");
        assert_eq!(checks[2].verdict, Verdict::Bad, "{checks:?}");
    }
}
