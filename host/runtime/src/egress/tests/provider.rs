//! A provider of few words: bare sockets, so that a test sees and breaks single bytes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a request that it has read.
pub enum ScriptedResponse {
    /// Says this and waits for the next request.
    Say(String),
    /// The same in bytes that are no text.
    SayBytes(Vec<u8>),
    /// Says this and closes the connection.
    SayAndClose(String),
    /// Says this, and nothing more.
    SayAndHang(String),
    /// Says this, and then the same byte for as long as somebody listens.
    SayForever(String),
}

/// Listens until it is dropped.
pub struct Provider {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Provider {
    /// Listens at a free port of this machine.
    pub async fn start(script: impl Fn(&str) -> ScriptedResponse + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", script).await.expect("a free port")
    }

    /// Gives every request this answer.
    pub async fn responding(text: &str) -> Self {
        let text = text.to_owned();
        Self::start(move |_| ScriptedResponse::Say(text.clone())).await
    }

    pub async fn at(
        address: &str,
        script: impl Fn(&str) -> ScriptedResponse + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(listen(listener, Arc::clone(&requests), Arc::new(script)));
        Ok(Self {
            address,
            requests,
            task,
        })
    }

    /// Everything that it was asked, as it came over the wire.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }

    /// The first lines of what it was asked.
    pub fn request_lines(&self) -> Vec<String> {
        let requests = self.requests();
        requests
            .iter()
            .map(|text| text.lines().next().unwrap_or_default().to_owned())
            .collect()
    }
}

pub fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

type Script = Arc<dyn Fn(&str) -> ScriptedResponse + Send + Sync>;

async fn listen(listener: TcpListener, requests: Arc<Mutex<Vec<String>>>, script: Script) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&requests), Arc::clone(&script)));
    }
}

async fn serve(mut stream: TcpStream, requests: Arc<Mutex<Vec<String>>>, script: Script) {
    while let Some(request) = read_request(&mut stream).await {
        let answer = script(&request);
        requests.lock().expect("no panic").push(request);
        match answer {
            ScriptedResponse::Say(text) => {
                stream.write_all(text.as_bytes()).await.unwrap_or_default();
            }
            ScriptedResponse::SayBytes(bytes) => stream.write_all(&bytes).await.unwrap_or_default(),
            ScriptedResponse::SayAndClose(text) => {
                stream.write_all(text.as_bytes()).await.unwrap_or_default();
                return;
            }
            ScriptedResponse::SayAndHang(text) => {
                stream.write_all(text.as_bytes()).await.unwrap_or_default();
                std::future::pending::<()>().await;
            }
            ScriptedResponse::SayForever(text) => {
                stream.write_all(text.as_bytes()).await.unwrap_or_default();
                while stream.write_all(&[b'x'; 1_000]).await.is_ok() {}
                return;
            }
        }
    }
}

/// Header and body of one request; `None` when the connection ends.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut bytes = [0; 4_096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = |line: &str| line.strip_prefix("content-length: ")?.parse().ok();
            if body.len() >= head.lines().find_map(length).unwrap_or(0) {
                return Some(text);
            }
        }
        let read = stream
            .read(&mut bytes)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        text.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
}
