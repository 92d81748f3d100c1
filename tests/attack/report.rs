//! What an attack did, as a row of the table.

use std::path::Path;

use serde::Serialize;

use crate::bystander::Latency;

/// One attack.
#[derive(Debug, Default, Serialize)]
pub struct Row {
    pub name: String,
    pub what: String,
    /// Of what was uploaded; the largest, where it was many.
    pub bytes: usize,
    /// What was answered, or what the operator reads.
    pub answer: String,
    /// Until the last answer.
    pub seconds: f64,
    /// The host's resident memory before.
    pub host_before_mib: u64,
    /// Its highest meanwhile.
    pub host_peak_mib: u64,
    /// The highest of those that it started.
    pub children_peak_mib: u64,
    /// The other channel meanwhile.
    pub bystander: Latency,
    /// What was not contained; none is as it should be.
    pub faults: Vec<String>,
}

/// Everything that is written down.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The other channel before anything else happened.
    pub quiet: Latency,
    pub rows: Vec<Row>,
}

impl Report {
    /// As Markdown.
    pub fn print(&self) {
        let quiet = self.quiet;
        println!(
            "\nThe other channel before: p50 {:.0} ms, p99 {:.0} ms.\n",
            quiet.p50_ms, quiet.p99_ms
        );
        println!(
            "| attack | size | answer | time | host: memory before → peak | children | others' p50, \
             p99 (× quiet) |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        for row in &self.rows {
            row.print(quiet);
        }
        let faults: usize = self.rows.iter().map(|row| row.faults.len()).sum();
        println!("\n{} attacks, {faults} faults", self.rows.len());
    }

    /// As JSON.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        std::fs::write(file, serde_json::to_vec_pretty(self)?)?;
        println!("written to target/attack.json");
        Ok(())
    }

    pub fn is_contained(&self) -> bool {
        self.rows.iter().all(|row| row.faults.is_empty())
    }
}

impl Row {
    fn print(&self, quiet: Latency) {
        let p99 = self.bystander.p99_ms / quiet.p99_ms.max(f64::MIN_POSITIVE);
        println!(
            "| {} | {} | {} | {} | {} → {} MiB | {} | {:.0}, {:.0} ms ({p99:.1}) |",
            self.what,
            size(self.bytes),
            self.answer.replace('|', "\\|").replace('\n', " "),
            time(self.seconds),
            self.host_before_mib,
            self.host_peak_mib,
            memory(self.children_peak_mib),
            self.bystander.p50_ms,
            self.bystander.p99_ms,
        );
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0 => "–".to_owned(),
        1..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{seconds:.1} s")
    }
}

fn memory(mib: u64) -> String {
    match mib {
        0 => "–".to_owned(),
        _ => format!("{mib} MiB"),
    }
}

/// The beginning of a text.
pub fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
