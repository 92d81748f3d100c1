//! The little of Kafka's protocol that starting a broker takes: so that no client library and no
//! second Java process is needed. Each version is one that brokers from 2.0 on understand.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

const METADATA: i16 = 3;
const CREATE_TOPICS: i16 = 19;
/// Error codes.
const NONE: i16 = 0;
const UNKNOWN_TOPIC: i16 = 3;
/// A broker that starts may take a request and answer when it has begun to work.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than anything that is asked here.
const MAX_RESPONSE_BYTES: usize = 1 << 20;

/// A broker that lets everybody in.
#[derive(Debug)]
pub struct Broker {
    address: String,
}

impl Broker {
    /// At the first of these addresses.
    pub fn at(bootstrap: &str) -> Self {
        let address = bootstrap.split(',').next().unwrap_or_default().to_owned();
        Self { address }
    }

    /// Whether the cluster has a broker: it answers before it knows itself.
    pub fn is_registered(&self) -> anyhow::Result<bool> {
        let no_topic = Request::new(METADATA, 4).number(0).flag(0);
        let mut answer = self.ask(no_topic)?;
        answer.number()?;
        Ok(answer.number()? > 0)
    }

    /// Whether each partition has a leader.
    pub fn has_leaders(&self, topic: &str) -> anyhow::Result<bool> {
        let one_topic = Request::new(METADATA, 4).number(1).text(topic).flag(0);
        let mut answer = self.ask(one_topic)?;
        answer.number()?;
        for _broker in 0..answer.number()? {
            answer.number()?;
            answer.text()?;
            answer.number()?;
            answer.text()?;
        }
        answer.text()?;
        answer.number()?;
        ensure!(answer.number()? == 1, "the broker spoke of other topics");
        match answer.short()? {
            NONE => {}
            UNKNOWN_TOPIC => return Ok(false),
            code => bail!("the topic {topic} has error {code}"),
        }
        answer.text()?;
        answer.flag()?;
        let mut leaders = true;
        for _partition in 0..answer.number()? {
            let code = answer.short()?;
            answer.number()?;
            let leader = answer.number()?;
            leaders &= code == NONE && leader >= 0;
            for _list in ["replicas", "in sync"] {
                for _replica in 0..answer.number()? {
                    answer.number()?;
                }
            }
        }
        Ok(leaders)
    }

    /// With one replica.
    pub fn create_topic(&self, name: &str, partitions: u32) -> anyhow::Result<()> {
        let partitions = i32::try_from(partitions)?;
        let waits = i32::try_from(RESPONSE_TIMEOUT.as_millis())?;
        let one_topic = Request::new(CREATE_TOPICS, 2).number(1).text(name);
        let one_replica = one_topic.number(partitions).short(1).number(0).number(0);
        let mut answer = self.ask(one_replica.number(waits).flag(0))?;
        answer.number()?;
        answer.number()?;
        answer.text()?;
        match answer.short()? {
            NONE => Ok(()),
            code => {
                let why = answer.text()?;
                bail!("the topic {name} cannot be made: {why} (error {code})")
            }
        }
    }

    fn ask(&self, request: Request) -> anyhow::Result<WireResponse> {
        let stream = TcpStream::connect(&self.address);
        let mut stream = stream.with_context(|| format!("no broker at {}", self.address))?;
        stream.set_read_timeout(Some(RESPONSE_TIMEOUT))?;
        stream.write_all(&request.frame()?)?;
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = usize::try_from(i32::from_be_bytes(length))?;
        ensure!(length <= MAX_RESPONSE_BYTES, "an answer of {length} bytes");
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes)?;
        let mut answer = WireResponse { bytes, at: 0 };
        // The number of the request.
        answer.number()?;
        Ok(answer)
    }
}

#[derive(Debug)]
struct Request(Vec<u8>);

impl Request {
    fn new(api: i16, version: i16) -> Self {
        let header = Self(Vec::new()).short(api).short(version);
        header.number(0).text("baepo-tests")
    }

    fn flag(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    fn short(mut self, value: i16) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn number(mut self, value: i32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn text(self, value: &str) -> Self {
        let length = i16::try_from(value.len()).expect("names are short");
        let mut request = self.short(length);
        request.0.extend(value.as_bytes());
        request
    }

    fn frame(self) -> anyhow::Result<Vec<u8>> {
        let length = i32::try_from(self.0.len())?;
        Ok([&length.to_be_bytes(), self.0.as_slice()].concat())
    }
}

#[derive(Debug)]
struct WireResponse {
    bytes: Vec<u8>,
    at: usize,
}

impl WireResponse {
    fn flag(&mut self) -> anyhow::Result<u8> {
        Ok(self.take::<1>()?[0])
    }

    fn short(&mut self) -> anyhow::Result<i16> {
        Ok(i16::from_be_bytes(self.take()?))
    }

    fn number(&mut self) -> anyhow::Result<i32> {
        Ok(i32::from_be_bytes(self.take()?))
    }

    /// Empty when there is none.
    fn text(&mut self) -> anyhow::Result<String> {
        let length = usize::try_from(self.short()?).unwrap_or(0);
        let end = self.at + length;
        let text = self.bytes.get(self.at..end).context("a short answer")?;
        self.at = end;
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn take<const N: usize>(&mut self) -> anyhow::Result<[u8; N]> {
        let end = self.at + N;
        let taken = self.bytes.get(self.at..end).context("a short answer")?;
        self.at = end;
        Ok(taken.try_into()?)
    }
}
