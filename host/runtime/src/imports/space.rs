//! How the memories and tables of a component grow: within its limits, and when the machine has room.

use async_trait::async_trait;
use wasmtime::{ResourceLimiter as _, ResourceLimiterAsync};

use super::CallState;

#[async_trait]
impl ResourceLimiterAsync for CallState {
    async fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let grows = self.space.memory_growing(current, desired, maximum)?;
        if grows && self.share.must_wait_for(self.space.memory_bytes()) {
            self.active_time.pause();
            self.share.wait_for_memory().await;
            self.active_time.resume();
        }
        Ok(grows)
    }

    async fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.space.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.space.instances()
    }
}
