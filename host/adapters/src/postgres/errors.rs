//! What an error of the database means for its caller.

use sqlx::error::DatabaseError;

/// The error is about these very changes, such as a row that refers to one that is not there, or
/// that somebody keeps locked, and nobody else's changes would meet it.
pub fn is_caller_error(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Encode(_) => true,
        sqlx::Error::Database(_) => {
            let code = code(error);
            // Data exceptions, violated constraints, limits of the program's; a lock in the way.
            let classes = ["22", "23", "54"];
            classes.iter().any(|class| code.starts_with(class)) || code == "55P03"
        }
        _ => false,
    }
}

/// Two transactions stood in each other's way, and this one was undone: it may be made again.
pub fn is_transient(error: &sqlx::Error) -> bool {
    // Serialization failure, deadlock.
    ["40001", "40P01"].contains(&&*code(error))
}

/// The server has gone, or goes, or takes no writes any more: the other connections to it are of no
/// use either.
pub fn is_server_failure(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // Shutdown, crash, not yet started.
        sqlx::Error::Database(_) => {
            is_read_only(error) || ["57P01", "57P02", "57P03"].contains(&&*code(error))
        }
        _ => false,
    }
}

/// The server takes no writes: it is a standby, or was demoted.
pub fn is_read_only(error: &sqlx::Error) -> bool {
    code(error) == "25006"
}

/// The server does not let this user ask that, or does not know what is asked.
pub fn is_unsupported(error: &sqlx::Error) -> bool {
    // Insufficient privilege, undefined function, feature not supported.
    ["42501", "42883", "0A000"].contains(&&*code(error))
}

fn code(error: &sqlx::Error) -> String {
    let error = error.as_database_error();
    let code = error.and_then(DatabaseError::code);
    code.unwrap_or_default().into_owned()
}
