//! Components that were admitted, on disk, so that a start does not compile: the text of each one's
//! `channel.toml`, and its machine code.
//!
//! Machine code that is read back runs outside of every sandbox. So the folder is private, and each
//! file carries a MAC over its name and content, with a key that is kept elsewhere. A file that fails
//! any check is a miss, never an error.

use std::fs::{self, OpenOptions, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use baepo_domain::model::id::Digest;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::TryRng as _;
use rand::rngs::SysRng;
use sha2::Sha256;
use wasmtime::Engine;

use super::worker::protocol::Admitted;

const KEY_BYTES: usize = 32;
const MAC_BYTES: usize = 32;
/// What is in a file behind its MAC: another form has other files.
const FORMAT: &str = "length of the manifest (u32, little endian), manifest, machine code";

pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; KEY_BYTES],
    /// Wasmtime's version and settings: code for another engine is another file.
    engine: u64,
}

impl Cache {
    /// Makes the folder and the key where they are missing.
    ///
    /// # Errors
    /// The folder cannot be made private, or the key is not one or not private.
    pub fn open(folder: &Path, key: Option<&Path>, engine: &Engine) -> io::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
        let beside = || {
            let mut path = folder.as_os_str().to_owned();
            path.push(".key");
            PathBuf::from(path)
        };
        let key = read_or_make_key(&key.map_or_else(beside, Path::to_owned))?;
        let mut hasher = DefaultHasher::new();
        FORMAT.hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self {
            folder: folder.to_owned(),
            key,
            engine: hasher.finish(),
        })
    }

    /// The component, if it is there and passes every check.
    pub fn get(&self, digest: Digest) -> Option<Admitted> {
        let name = self.name(digest);
        let file = fs::read(self.folder.join(&name)).ok()?;
        let (mac, content) = file.split_at_checked(MAC_BYTES)?;
        if self.mac(&name, content).verify_slice(mac).is_err() {
            tracing::warn!(
                file = name,
                "a file in the cache of compiled components was changed"
            );
            return None;
        }
        let (length, content) = content.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (manifest, artefact) = content.split_at_checked(length)?;
        Some(Admitted {
            manifest: String::from_utf8(manifest.to_vec()).ok()?,
            artefact: artefact.to_vec(),
        })
    }

    /// Keeps a component. Readers see the whole file or none.
    pub fn put(&self, digest: Digest, admitted: &Admitted) -> io::Result<()> {
        let name = self.name(digest);
        let length = u32::try_from(admitted.manifest.len()).map_err(io::Error::other)?;
        let parts: [&[u8]; 3] = [
            &length.to_le_bytes(),
            admitted.manifest.as_bytes(),
            &admitted.artefact,
        ];
        let mac = parts.iter().fold(self.mac(&name, &[]), Hmac::chain_update);
        let unfinished = self
            .folder
            .join(format!("{name}.{}.new", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(&mac.finalize().into_bytes())?;
        for part in parts {
            file.write_all(part)?;
        }
        fs::rename(&unfinished, self.folder.join(name))
    }

    fn name(&self, digest: Digest) -> String {
        format!("{digest}-{:016x}", self.engine)
    }

    /// Over the name too: a file under another name is another component.
    fn mac(&self, name: &str, content: &[u8]) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(&self.key)
            .expect("HMAC takes a key of any length")
            .chain_update(name)
            .chain_update(content)
    }
}

fn read_or_make_key(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    match make_key(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read_key(path),
        made => made,
    }
}

fn make_key(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let mut key = [0; KEY_BYTES];
    SysRng.try_fill_bytes(&mut key).map_err(io::Error::other)?;
    file.write_all(&key)?;
    Ok(key)
}

fn read_key(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let mut file = fs::File::open(path)?;
    let odd = |what: &str| io::Error::other(format!("the key {} {what}", path.display()));
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        return Err(odd("can be read by others: its mode must be 0600"));
    }
    let mut key = Vec::with_capacity(KEY_BYTES);
    file.read_to_end(&mut key)?;
    key.try_into()
        .map_err(|_| odd("is not 32 bytes long: remove it and it is made again"))
}
