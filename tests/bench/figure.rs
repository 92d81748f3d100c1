//! A measured figure beside its goal.

use std::path::Path;

use serde::Serialize;

/// Minimum, median and maximum over the runs.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// As in the goals: P1, P9.
    pub goal: &'static str,
    pub what: &'static str,
    pub unit: &'static str,
    pub minimum: f64,
    pub median: f64,
    pub maximum: f64,
    pub runs: usize,
    /// In the same unit.
    pub at_most: Option<f64>,
    pub at_least: Option<f64>,
}

impl Figure {
    /// A figure from its samples.
    ///
    /// # Panics
    /// Without samples.
    pub fn of(
        goal: &'static str,
        what: &'static str,
        unit: &'static str,
        mut samples: Vec<f64>,
    ) -> Self {
        samples.sort_by(f64::total_cmp);
        Self {
            goal,
            what,
            unit,
            minimum: samples[0],
            median: samples[samples.len() / 2],
            maximum: samples[samples.len() - 1],
            runs: samples.len(),
            at_most: None,
            at_least: None,
        }
    }

    #[must_use]
    pub fn at_most(self, goal: f64) -> Self {
        Self {
            at_most: Some(goal),
            ..self
        }
    }

    #[must_use]
    pub fn at_least(self, goal: f64) -> Self {
        Self {
            at_least: Some(goal),
            ..self
        }
    }

    /// A line of the table.
    pub fn print(&self) {
        let goal = match (self.at_most, self.at_least) {
            (Some(goal), _) => format!("goal ≤ {goal}"),
            (None, Some(goal)) => format!("goal ≥ {goal}"),
            (None, None) => String::new(),
        };
        println!(
            "{:<8} {:<56} {:>10.2} {:<4} (min {:.2}, max {:.2}, {} runs)  {goal}",
            self.goal, self.what, self.median, self.unit, self.minimum, self.maximum, self.runs
        );
    }
}

/// Writes all of them as JSON.
pub fn write(figures: &[Figure], file: &Path) -> anyhow::Result<()> {
    std::fs::write(file, serde_json::to_vec_pretty(figures)?)?;
    println!("\nwritten to target/bench.json");
    Ok(())
}
