//! A standby that takes the place of its primary, and a primary that is in trouble.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;

use anyhow::{Context as _, ensure};
use rustix::process::{Signal, kill_process};

use super::{Postgres, private_folder};
use crate::process::free_port;
use crate::program::find_program;

impl Postgres {
    /// A streaming standby of this server. From then on the server's commits wait for it, so that a
    /// promotion loses none.
    ///
    /// # Errors
    /// When it cannot be made, does not start, or does not follow.
    pub fn start_standby(&self) -> anyhow::Result<Self> {
        let mut standby = Self {
            programs: self.programs.clone(),
            user: self.user,
            folder: private_folder(self.user)?,
            port: free_port()?,
            service: None,
        };
        standby.run("pg_basebackup", |backup| {
            backup
                .args(["--host=127.0.0.1", "--username=postgres"])
                .args(["--write-recovery-conf", "--wal-method=stream"])
                .args(["--checkpoint=fast", "--no-sync"])
                .arg(format!("--port={}", self.port))
        })?;
        standby.restart()?;
        self.execute_sql("ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        self.execute_sql("SELECT pg_reload_conf()")?;
        // Returns when the standby has it.
        self.execute_sql("DROP TABLE IF EXISTS follows; CREATE TABLE follows ()")?;
        Ok(standby)
    }

    /// Makes a standby a primary. Its former primary is not informed.
    ///
    /// # Errors
    /// When it is no standby.
    pub fn promote(&self) -> anyhow::Result<()> {
        self.run("pg_ctl", |promote| promote.args(["--wait", "promote"]))
    }

    /// From now on transactions are read-only, also on connections that are open: what an operator
    /// does to a server that is not to be used any more. It waits for no standby, as it has none.
    ///
    /// # Errors
    /// When it does not run.
    pub fn demote(&self) -> anyhow::Result<()> {
        self.execute_sql("ALTER SYSTEM SET default_transaction_read_only = on")?;
        self.execute_sql("SELECT pg_reload_conf()")
    }

    /// Takes [`Postgres::demote`] back.
    ///
    /// # Errors
    /// When it does not run.
    pub fn reinstate(&self) -> anyhow::Result<()> {
        self.execute_sql("ALTER SYSTEM RESET default_transaction_read_only")?;
        self.execute_sql("SELECT pg_reload_conf()")
    }

    /// Takes all connections that are left, until what it returns is dropped.
    ///
    /// # Errors
    /// When it does not run.
    pub fn exhaust_connections(&self) -> anyhow::Result<Vec<TcpStream>> {
        let mut held = Vec::new();
        while let Some(connection) = self.connection()? {
            held.push(connection);
        }
        Ok(held)
    }

    /// None when there is none left.
    fn connection(&self) -> anyhow::Result<Option<TcpStream>> {
        const VERSION_3: u32 = 3 << 16;
        const PARAMETERS: &[u8] = b"user\0postgres\0database\0postgres\0\0";
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        let length = u32::try_from(8 + PARAMETERS.len())?;
        let startup = [&length.to_be_bytes(), &VERSION_3.to_be_bytes(), PARAMETERS].concat();
        connection.write_all(&startup)?;
        let mut kind = [0];
        connection.read_exact(&mut kind)?;
        // An error; else what is said of the password.
        Ok((kind != *b"E").then_some(connection))
    }

    /// Lets all of its processes hang: connections are accepted and stay open, and nothing is
    /// answered until [`Postgres::resume`].
    ///
    /// # Errors
    /// It does not run.
    pub fn pause(&self) -> anyhow::Result<()> {
        // The first one starts no more of them then.
        let first = self.processes().into_iter().next();
        kill_process(first.context("PostgreSQL does not run")?, Signal::STOP)?;
        self.signal_all(Signal::STOP)
    }

    /// Lets it go on where it was paused.
    ///
    /// # Errors
    /// It does not run.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.signal_all(Signal::CONT)
    }

    /// Carries an operator's statements out.
    ///
    /// # Errors
    /// With what the server said about them.
    pub fn execute_sql(&self, sql: &str) -> anyhow::Result<()> {
        let mut psql = Command::new(find_program("psql", "postgresql-client")?);
        psql.args(["-qX", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url()]);
        let done = psql.output().context("cannot run psql")?;
        let output = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{sql}: {output}");
        Ok(())
    }

    fn signal_all(&self, signal: Signal) -> anyhow::Result<()> {
        let processes = self.processes();
        ensure!(!processes.is_empty(), "PostgreSQL does not run");
        for process in processes {
            // One of them may just have ended.
            let _ = kill_process(process, signal);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standby_follows_and_is_promoted_while_its_primary_lives() {
        let primary = Postgres::start().unwrap();
        let standby = primary.start_standby().unwrap();
        let insert = "INSERT INTO marks VALUES (1)";
        primary
            .execute_sql("CREATE TABLE marks (number int)")
            .unwrap();
        primary.execute_sql(insert).unwrap();
        assert!(
            standby.execute_sql(insert).is_err(),
            "nothing is written there"
        );
        standby.promote().unwrap();
        standby.execute_sql(insert).unwrap();
        standby
            .execute_sql("DO $$ BEGIN ASSERT (SELECT count(*) = 2 FROM marks); END $$")
            .unwrap();
        primary.demote().unwrap();
        assert!(primary.execute_sql(insert).is_err(), "nor here any more");
        primary.reinstate().unwrap();
        primary
            .execute_sql("SET synchronous_commit = local; INSERT INTO marks VALUES (2)")
            .unwrap();
    }

    #[test]
    fn a_server_without_free_connections_refuses_until_they_are_released() {
        let server = Postgres::start().unwrap();
        let others = server.exhaust_connections().unwrap();
        let refused = server.execute_sql("SELECT 1").unwrap_err().to_string();
        assert!(refused.contains("too many clients"), "{refused}");
        drop(others);
        while server.execute_sql("SELECT 1").is_err() {}
    }

    #[test]
    fn a_paused_server_can_be_stopped() {
        let mut server = Postgres::start().unwrap();
        server.pause().unwrap();
        server.resume().unwrap();
        server.execute_sql("SELECT 1").unwrap();
        server.pause().unwrap();
        server.kill();
        assert!(server.pause().is_err(), "it does not run");
    }
}
