//! The checks as a table for people, or as JSON for programs.

use std::fmt::Write as _;
use std::process::ExitCode;

use baepo_adapters::{Check, Verdict};
use serde_json::{Value, json};

pub fn print(checks: &[Check], as_json: bool) {
    if as_json {
        println!("{}", to_json(checks));
    } else {
        print!("{}", table(checks));
    }
}

/// 1 when anything is bad.
pub fn exit_code(checks: &[Check]) -> ExitCode {
    match count(checks, Verdict::Bad) {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn to_json(checks: &[Check]) -> Value {
    let checks = checks.iter().map(|check| {
        json!({
            "subject": check.subject,
            "verdict": match check.verdict {
                Verdict::Good => "good",
                Verdict::Warning => "warning",
                Verdict::Bad => "bad",
            },
            "found": check.found,
            "advice": check.advice,
        })
    });
    checks.collect()
}

fn table(checks: &[Check]) -> String {
    let widths = checks.iter().map(|check| check.subject.chars().count());
    let width = widths.max().unwrap_or_default();
    let mut text = String::new();
    for check in checks {
        let mark = match check.verdict {
            Verdict::Good => '+',
            Verdict::Warning => '!',
            Verdict::Bad => 'x',
        };
        let (subject, found) = (&check.subject, &check.found);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark} {subject:<width$}  {found}");
        for line in check.advice.iter().flat_map(|advice| advice.lines()) {
            let _ = writeln!(text, "      → {line}");
        }
    }
    let (bad, warnings) = (count(checks, Verdict::Bad), count(checks, Verdict::Warning));
    let all = checks.len();
    let _ = writeln!(
        text,
        "\n{all} checks: {bad} bad, {warnings} could be better"
    );
    text
}

fn count(checks: &[Check], verdict: Verdict) -> usize {
    let those = checks.iter().filter(|check| check.verdict == verdict);
    those.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_aligned_in_columns() {
        let checks = [
            Check::good("clock", "12:00"),
            Check::warning("redis: memory", "1 GB, noeviction", "set another policy"),
            Check::bad("listen", "127.0.0.1:80: taken", "choose another"),
        ];
        insta::assert_snapshot!(table(&checks), @r"
        + clock          12:00
        ! redis: memory  1 GB, noeviction
              → set another policy
        x listen         127.0.0.1:80: taken
              → choose another

        3 checks: 1 bad, 1 could be better
        ");
        let json = to_json(&checks);
        assert_eq!(json[0]["advice"], Value::Null);
        assert_eq!(json[2]["verdict"], "bad");
    }
}
