//! The port, and the time.

use std::io::ErrorKind;
use std::net::TcpListener;

use baepo_adapters::{Check, SystemClock};
use baepo_domain::Timestamp;
use baepo_domain::ports::clock::Clock as _;

use crate::config::Config;
use crate::data::DataFolder;

/// When this Baepo was not yet made: 2026-01-01.
const EARLIEST_VALID_S: i64 = 1_767_225_600;

/// Whether the API could listen where it shall.
pub fn check_port(config: &Config) -> Vec<Check> {
    const SUBJECT: &str = "listen";
    let address = config.server.listen;
    let error = match TcpListener::bind(address) {
        Ok(_) => return vec![Check::good(SUBJECT, format!("{address} is free"))],
        Err(error) => error,
    };
    let in_use = error.kind() == ErrorKind::AddrInUse;
    if in_use && DataFolder::at(&config.server.data).is_locked() {
        let found = format!("{address} is taken, most probably by the Baepo that works here");
        return vec![Check::good(SUBJECT, found)];
    }
    let advice = match error.kind() {
        ErrorKind::AddrInUse => "stop who listens there, or choose another port with --listen",
        ErrorKind::AddrNotAvailable => "choose an address of this machine with --listen",
        ErrorKind::PermissionDenied => "choose a port above 1023 with --listen",
        _ => "choose another address with --listen",
    };
    vec![Check::bad(SUBJECT, format!("{address}: {error}"), advice)]
}

/// Whether the clock can be right; how far it is off, the services that tell the time show.
pub fn check_clock(_: &Config) -> Vec<Check> {
    vec![clock(SystemClock.now())]
}

fn clock(now: Timestamp) -> Check {
    const SUBJECT: &str = "clock";
    let found = now.to_string();
    if now.as_second() >= EARLIEST_VALID_S {
        return Check::good(SUBJECT, found);
    }
    let advice = "set the clock (NTP): tokens and certificates would be refused";
    Check::bad(SUBJECT, found, advice)
}

#[cfg(test)]
mod tests {
    use baepo_adapters::Verdict;

    use super::*;

    #[test]
    fn a_taken_port_is_bad_and_any_free_one_is_good() {
        let folder = tempfile::tempdir().unwrap();
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = Config::default();
        config.server.data = folder.path().join("data");
        config.server.listen = taken.local_addr().unwrap();
        assert_eq!(check_port(&config)[0].verdict, Verdict::Bad);
        config.server.listen.set_port(0);
        assert_eq!(check_port(&config)[0].verdict, Verdict::Good);

        let data = DataFolder::open(&config.server.data).unwrap();
        let _lock = data.lock().unwrap();
        config.server.listen = taken.local_addr().unwrap();
        assert_eq!(check_port(&config)[0].verdict, Verdict::Good);
    }

    #[test]
    fn a_clock_before_the_build_year_is_bad() {
        assert_eq!(clock(Timestamp::UNIX_EPOCH).verdict, Verdict::Bad);
        assert_eq!(clock(SystemClock.now()).verdict, Verdict::Good);
    }
}
