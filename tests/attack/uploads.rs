//! Components that are uploaded, and must be refused by a reason that names what is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use guests::hostile::{self, Upload};

use crate::bounds::Bounds;
use crate::report::{Row, shortened};
use crate::victim::Victim;

/// What begins with this is one row of the table: many small ones.
const TOGETHER: &str = "damaged-";

/// One row: an upload, or many of a kind.
pub struct Case {
    pub name: String,
    pub what: String,
    uploads: Vec<Upload>,
}

/// All of them, in the generator's order.
pub fn cases() -> Vec<Case> {
    let (damaged, apart): (Vec<_>, Vec<_>) = hostile::uploads()
        .into_iter()
        .partition(|upload| upload.name.starts_with(TOGETHER));
    let mut cases: Vec<_> = apart
        .into_iter()
        .map(|upload| Case {
            name: upload.name.clone(),
            what: upload.what.clone(),
            uploads: vec![upload],
        })
        .collect();
    cases.push(Case {
        name: TOGETHER.trim_end_matches('-').to_owned(),
        what: format!(
            "{} damaged files: cut off, flipped, repeated",
            damaged.len()
        ),
        uploads: damaged,
    });
    cases
}

impl Case {
    pub async fn run(&self, victim: &mut Victim, bounds: &Bounds) -> Row {
        let mut row = Row {
            name: self.name.clone(),
            what: self.what.clone(),
            ..Row::default()
        };
        let components: Vec<_> = self.uploads.iter().map(Upload::component).collect();
        row.bytes = components.iter().map(Vec::len).max().unwrap_or_default();
        let ongoing = victim.attacked(bounds);
        let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
        for (upload, component) in self.uploads.iter().zip(components) {
            let patience = Duration::from_secs(bounds.patience_s);
            let answer = victim.upload(hostile::ID, component, patience).await;
            let Some((status, body)) = answer else {
                row.faults.push(format!(
                    "{}: no answer in {} s",
                    upload.name, bounds.patience_s
                ));
                "none".clone_into(&mut row.answer);
                break;
            };
            *statuses.entry(status).or_default() += 1;
            let reason = body["detail"].as_str().unwrap_or_default();
            let refused = (!(200..300).contains(&status)).then_some(reason);
            row.answer = format!("{status} {}", shortened(reason, 160));
            let is_problem = (400..500).contains(&status) || refused.is_none();
            if !is_problem || !upload.expected.allows(refused) {
                row.faults.push(format!(
                    "{}: answered {status} {reason:?}, expected was {:?}",
                    upload.name, upload.expected
                ));
            }
        }
        if self.uploads.len() > 1 {
            let counted = statuses
                .iter()
                .map(|(status, count)| format!("{status} × {count}"));
            row.answer = counted.collect::<Vec<_>>().join(", ");
        }
        ongoing.end(victim, bounds, bounds.host_mib, row).await
    }
}
