//! What a start, or another host, does with what a process left behind that is gone.

use std::sync::Arc;

use crate::distribute::Deliverer;
use crate::ports::StoreError;

/// Deliveries that are taken over between two looks at the store.
const BATCH: u32 = 256;

/// Makes every delivery due at once whose claim nobody works on any more; the journal says where
/// its attempt goes on. Returns how many there were.
///
/// # Errors
/// When the store cannot answer; calling again goes on.
pub async fn recover(deliverer: &Arc<Deliverer>) -> Result<usize, StoreError> {
    let mut recovered = 0;
    loop {
        let claims = deliverer
            .moves
            .member
            .abandoned(deliverer.moves.clock.now());
        let abandoned = deliverer.moves.store.abandoned(claims, BATCH).await?;
        if abandoned.is_empty() {
            return Ok(recovered);
        }
        recovered += abandoned.len();
        for delivery in abandoned {
            deliverer.abandon(delivery, claims).await?;
        }
    }
}
