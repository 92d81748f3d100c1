//! From a name to addresses that may be connected to.
//!
//! A name is resolved once for each connection, all of its addresses are checked, and the
//! connection goes to one of exactly these. A name that is public when it is checked and private
//! when it is used (DNS rebinding) has no second lookup to use.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::{fmt, io};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::refusal::{Refusal, Rule};

/// Resolves names to addresses.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// All addresses of `host`.
    ///
    /// # Errors
    /// The name cannot be resolved.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        // The lookup needs a port; it is not used.
        let addresses = tokio::net::lookup_host((host, 0)).await?;
        Ok(addresses.map(|address| address.ip()).collect())
    }
}

/// What a forbidden address is; `None`: it may be connected to.
pub(super) type AddressRule = fn(IpAddr) -> Option<&'static str>;

/// Resolves names for connections, and only to addresses that pass a rule.
pub(super) struct CheckedNames {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) forbids: AddressRule,
}

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, forbids) = (Arc::clone(&self.resolver), self.forbids);
        Box::pin(async move {
            let addresses = resolver.resolve(name.as_str()).await?;
            check(name.as_str(), &addresses, forbids)?;
            // Port 0 stands for the port of the request.
            let addresses = addresses
                .into_iter()
                .map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// Refuses a name that has one forbidden address, whatever the others are.
fn check(name: &str, addresses: &[IpAddr], forbids: AddressRule) -> Result<(), Refusal> {
    for address in addresses {
        if let Some(what) = forbids(*address) {
            let reason = format!("{name} resolves to {address}, which is {what}");
            return Err(Rule::PrivateAddress.refuses(reason));
        }
    }
    Ok(())
}
