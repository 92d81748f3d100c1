//! What stands before the replicas of a service: each connection goes to the next that is there.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A proxy of connections; it lives longer than those behind it.
pub struct Proxy {
    address: SocketAddr,
    upstreams: Arc<Upstreams>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Upstreams {
    replicas: Mutex<Vec<SocketAddr>>,
    turn: AtomicUsize,
}

impl Proxy {
    /// Listens on a free port, without a target.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let upstreams = Arc::new(Upstreams::default());
        let served = Arc::clone(&upstreams);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, Arc::clone(&served)));
            }
        });
        Self {
            address,
            upstreams,
            task,
        }
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on connections go to these, in turn.
    pub fn set_upstreams(&self, replicas: Vec<SocketAddr>) {
        let known = self.upstreams.replicas.lock();
        *known.unwrap_or_else(PoisonError::into_inner) = replicas;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One that refuses is passed over; when all do, the client's connection ends.
async fn pass(mut client: TcpStream, upstreams: Arc<Upstreams>) {
    let replicas = upstreams
        .replicas
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let turn = upstreams.turn.fetch_add(1, Ordering::Relaxed);
    for step in 0..replicas.len() {
        let replica = replicas[(turn + step) % replicas.len()];
        if let Ok(mut server) = TcpStream::connect(replica).await {
            // Either side may end it.
            let _ = copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}
