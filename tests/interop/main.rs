//! The real `wkg` and `cosign` against a real registry and a real host: what they push and sign is pulled
//! and verified. Run it with `cargo xtask interop`, which builds them.

#![allow(clippy::expect_used, reason = "a harness that cannot go on stops")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail, ensure};
use baepo_adapters::{KeySource, read_signature};
use baepo_domain::model::signature::{KeyName, Signature, Unsigned};
use baepo_test_services::OciRegistry;
use clap::Parser;
use it::{ApiResponse, Host, guest};

/// Tries the programs that push and sign components.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask interop")]
struct Args {
    /// `wkg`, which pushes components.
    #[arg(long)]
    wkg: PathBuf,
    /// Each `cosign` that is to sign.
    #[arg(long, required = true)]
    cosign: Vec<PathBuf>,
}

/// A folder with a component, a key pair of cosign's and a registry.
struct Bench {
    folder: tempfile::TempDir,
    registry: OciRegistry,
    args: Args,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match Bench::new(args) {
        Ok(bench) => match bench.run().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        },
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

impl Bench {
    fn new(args: Args) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::copy(guest("echo"), folder.path().join("echo.wasm"))?;
        let registry = OciRegistry::start()?;
        Ok(Self {
            folder,
            registry,
            args,
        })
    }

    async fn run(&self) -> anyhow::Result<()> {
        let [first, ..] = self.args.cosign.as_slice() else {
            bail!("no cosign is given");
        };
        self.execute(first, &["generate-key-pair"])?;
        let host = self.host().await;
        for (number, cosign) in self.args.cosign.iter().enumerate() {
            let version = self.execute(cosign, &["version"])?;
            let version = version.lines().find(|line| line.starts_with("GitVersion"));
            println!("{} {}", cosign.display(), version.unwrap_or_default());
            let is_3 = self
                .execute(cosign, &["sign", "--help"])?
                .contains("--use-signing-config");
            self.image(&host, cosign, is_3, number).await?;
            self.file(&host, cosign, is_3).await?;
        }
        host.stop().await;
        Ok(())
    }

    /// A host that wants everything signed by the key pair.
    async fn host(&self) -> Host {
        let key = KeySource::File(self.folder.path().join("cosign.pub"));
        let name = KeyName::new("release").expect("a name");
        let host = Host::builder().components([]).config(|config| {
            config.signatures.policy = Unsigned::Refused;
            config.signatures.keys = [(name, key)].into();
        });
        host.start().await
    }

    /// Pushes an image, which is refused, signs it, and pulls it.
    async fn image(
        &self,
        host: &Host,
        cosign: &Path,
        is_3: bool,
        number: usize,
    ) -> anyhow::Result<()> {
        let registry = self.registry.host();
        let repository = format!("{registry}/echo-{number}");
        let tagged = format!("{repository}:1.0.0");
        let pushed = ["oci", "push", "--insecure", &registry, &tagged, "echo.wasm"];
        println!("{}", self.execute(&self.args.wkg, &pushed)?.trim());
        let reference = format!("oci://{tagged}");
        let unsigned = host.operator().pull_insecurely("echo", &reference).await;
        refused(&unsigned, "it has no signature")?;
        let mut sign = vec![
            "sign",
            "--yes",
            "--key",
            "cosign.key",
            "--allow-http-registry",
            "--tlog-upload=false",
        ];
        if is_3 {
            sign.push("--use-signing-config=false");
        }
        sign.push(&tagged);
        self.execute(cosign, &sign)?;
        let signed = host.operator().pull_insecurely("echo", &reference).await;
        ensure!(
            signed.status.is_success(),
            "the signed image was refused: {:#}",
            signed.body
        );
        println!("  image: unsigned refused, signed pulled");
        Ok(())
    }

    /// Signs the file, and uploads it with the signature, whole and changed.
    async fn file(&self, host: &Host, cosign: &Path, is_3: bool) -> anyhow::Result<()> {
        let output = self.folder.path().join("signature");
        let output = output.to_str().context("a path of UTF-8")?;
        let mut sign = vec![
            "sign-blob",
            "--yes",
            "--key",
            "cosign.key",
            "--tlog-upload=false",
        ];
        match is_3 {
            true => sign.extend(["--use-signing-config=false", "--bundle", output]),
            false => sign.extend(["--output-signature", output]),
        }
        sign.push("echo.wasm");
        self.execute(cosign, &sign)?;
        let (Signature::Detached(signature) | Signature::Bundle(signature)) =
            read_signature(Path::new(output))?
        else {
            bail!("a file holds no claim");
        };
        let mut component = std::fs::read(self.folder.path().join("echo.wasm"))?;
        let operator = host.operator();
        let signed = operator
            .upload_signed("echo", component.clone(), &signature)
            .await;
        ensure!(
            signed.status.is_success(),
            "the signed file was refused: {:#}",
            signed.body
        );
        component.push(0);
        let changed = operator.upload_signed("echo", component, &signature).await;
        refused(&changed, "none of its 1 signatures")?;
        println!("  file: signed installed, changed refused");
        Ok(())
    }

    fn execute(&self, program: &Path, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder);
        let output = command.env("COSIGN_PASSWORD", "of the test").output();
        let output = output.with_context(|| format!("cannot run {}", program.display()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        ensure!(
            output.status.success(),
            "{} {}: {}",
            program.display(),
            arguments.join(" "),
            text(&output.stderr)
        );
        Ok(text(&output.stdout) + &text(&output.stderr))
    }
}

fn refused(answer: &ApiResponse, why: &str) -> anyhow::Result<()> {
    let reason = answer.body["reason"].as_str().unwrap_or_default();
    ensure!(
        reason.contains(why),
        "it should be refused ({why}): {:#}",
        answer.body
    );
    Ok(())
}
