//! Where and when: limits of the choice of districts, times and TV channels.

use baepo_sdk::{Finding, text};

use crate::options::Options;

const MAX_AREAS: usize = 20;
/// Digits of a district's code.
const CODE_DIGITS: usize = 10;

pub fn findings(options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    let found = options.areas.len();
    if !(1..=MAX_AREAS).contains(&found) {
        findings.push(Finding::error(
            "/options/areas",
            text(
                format!("지역은 1곳에서 {MAX_AREAS}곳까지 골라 주세요. 지금은 {found}곳입니다."),
                format!("Choose 1 to {MAX_AREAS} areas. There are {found}."),
            ),
        ));
    }
    let wrong = options.areas.iter().position(|area| !is_code(area));
    if let Some(index) = wrong {
        findings.push(Finding::error(
            format!("/options/areas/{index}"),
            text(
                format!("행정동 코드는 숫자 {CODE_DIGITS}자리입니다."),
                format!("The code of an area has {CODE_DIGITS} digits."),
            ),
        ));
    }
    if options.time_bands.is_empty() {
        findings.push(Finding::error(
            "/options/timeBands",
            text(
                "시간대를 하나 이상 골라 주세요.",
                "Choose at least one time of day.",
            ),
        ));
    }
    findings
}

fn is_code(area: &str) -> bool {
    area.len() == CODE_DIGITS && area.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(change: impl FnOnce(&mut Options)) -> Vec<String> {
        let mut options = Options {
            areas: vec!["1144068000".into()],
            ..Options::default()
        };
        change(&mut options);
        let findings = findings(&options).into_iter();
        findings.map(|finding| finding.at).collect()
    }

    #[test]
    fn one_to_twenty_districts_are_chosen_by_their_codes() {
        let areas = |count| vec!["1144068000".to_owned(); count];
        assert_eq!(found(|_| {}), [""; 0]);
        assert_eq!(
            found(|options| options.areas = areas(0)),
            ["/options/areas"]
        );
        assert_eq!(found(|options| options.areas = areas(20)), [""; 0]);
        assert_eq!(
            found(|options| options.areas = areas(21)),
            ["/options/areas"]
        );
        for code in ["114406800", "11440680000", "114406800x", "망원1동"] {
            let at = found(|options| options.areas.push(code.into()));
            assert_eq!(at, ["/options/areas/1"], "{code}");
        }
    }

    #[test]
    fn a_time_of_day_is_chosen() {
        let at = found(|options| options.time_bands.clear());
        assert_eq!(at, ["/options/timeBands"]);
    }
}
