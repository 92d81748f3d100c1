//! Telephone lines: any number exists, and the settings say whose they are.

use crate::kt::partner::CreationContext;
use crate::kt::problem::Problem;
use crate::settings::Lines;

/// From 1588-0000 to 010-0000-0000, without the hyphens.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=11;

pub(super) fn check(field: &str, number: String) -> Result<String, Problem> {
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && DIGITS.contains(&number.len()) {
        Ok(number)
    } else {
        let (least, most) = (DIGITS.start(), DIGITS.end());
        let detail = format!("is not {least} to {most} digits");
        Err(Problem::invalid(field, detail))
    }
}

pub(super) fn check_owner(context: &CreationContext) -> Result<(), Problem> {
    match context.settings.lines {
        Lines::Owned => Ok(()),
        Lines::NotOwned => Err(Problem::line_not_owned()),
    }
}
