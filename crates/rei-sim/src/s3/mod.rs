//! A bucket in small: a real S3 server over a temporary folder, whose links expire by the simulator's clock.
//!
//! Signatures (SigV4) are checked against the one pair of keys, paths name the bucket. Multipart uploads, ranges,
//! listing and deletion work as the live service does them.

mod links;
mod service;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use bytes::Bytes;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use serde::Serialize;
use tempfile::TempDir;

use crate::common::clock::SimClock;
use crate::common::recorder::Recorder;
use crate::common::server::Server;

/// The newest requests that are remembered.
const REQUESTS_MAX: usize = 1_000;

/// How the bucket is started.
#[derive(Clone, Debug)]
pub struct S3Options {
    /// The only one that is taken.
    pub access_key: String,
    /// What requests are signed with.
    pub secret_key: String,
    /// It is there from the start.
    pub bucket: String,
    /// Time of slow answers, and of links beside the machine's own: a link is good while both say so.
    pub clock: SimClock,
    /// 0: a free one.
    pub port: u16,
}

impl Default for S3Options {
    fn default() -> Self {
        Self {
            access_key: "simulated-access".to_owned(),
            secret_key: "simulated-secret".to_owned(),
            bucket: "rei".to_owned(),
            clock: SimClock::real(),
            port: 0,
        }
    }
}

/// An object of the bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SimObject {
    /// Its key.
    pub key: String,
    /// Its size.
    pub size_bytes: u64,
}

/// One request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct S3Request {
    /// `GET` …
    pub method: String,
    /// With the bucket, without the query: links hold signatures.
    pub path: String,
    /// Whether it came by a pre-signed link.
    pub by_link: bool,
    /// HTTP status of the answer.
    pub status: u16,
}

/// The running server; clones are the same one, and it stops and forgets everything when the last one goes.
#[derive(Clone, Debug)]
pub struct S3Sim {
    state: SharedState,
    base_url: String,
    server: Arc<Mutex<Option<Server>>>,
}

impl S3Sim {
    /// Starts it on loopback with an empty bucket.
    ///
    /// # Errors
    /// The port is taken, or there is no room for a temporary folder.
    pub async fn start(options: S3Options) -> io::Result<Self> {
        let folder = TempDir::with_prefix("rei-sim-s3-")?;
        fs::create_dir(folder.path().join(&options.bucket))?;
        let files = FileSystem::new(folder.path())
            .map_err(|error| io::Error::other(format!("the folder is no store: {error:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(options.access_key, options.secret_key));
        let state = Arc::new(Shared {
            service: builder.build(),
            folder,
            bucket: options.bucket,
            clock: options.clock,
            requests: Recorder::new(REQUESTS_MAX),
            down: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            slow_ms: AtomicU64::new(0),
            links_refused: AtomicU32::new(0),
        });
        let router = Router::new().fallback(service::serve).with_state(Arc::clone(&state));
        let server = Server::start(router, options.port).await?;
        let base_url = server.base_url();
        Ok(Self { state, base_url, server: Arc::new(Mutex::new(Some(server))) })
    }

    /// `http://127.0.0.1:PORT`: the endpoint; objects are under `/{bucket}/{key}`.
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.state.bucket
    }

    /// Stops it for all its clones; open lines break at their next request.
    pub fn stop(&self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        drop(self.server.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Every request gets 503.
    pub fn down(&self, on: bool) {
        self.state.down.store(on, Ordering::SeqCst);
    }

    /// Every request waits for this time on the clock.
    pub fn slow(&self, ms: u64) {
        self.state.slow_ms.store(ms, Ordering::SeqCst);
    }

    /// The next `times` downloads by a pre-signed link get 403.
    pub fn refuse_links(&self, times: u32) {
        self.state.links_refused.store(times, Ordering::SeqCst);
    }

    /// What is in the bucket, by key.
    pub fn objects(&self) -> Vec<SimObject> {
        let root = self.state.folder.path().join(&self.state.bucket);
        let mut objects = Vec::new();
        collect(&root, "", &mut objects);
        objects.sort();
        objects
    }

    /// The bytes of an object.
    pub fn object(&self, key: &str) -> Option<Bytes> {
        let root = self.state.folder.path().join(&self.state.bucket);
        let is_inside = key.split('/').all(|part| !matches!(part, "" | "." | ".."));
        is_inside.then(|| fs::read(root.join(key)).ok()).flatten().map(Bytes::from)
    }

    /// The newest requests, oldest first.
    pub fn requests(&self) -> Vec<S3Request> {
        self.state.requests.all()
    }

    /// How many requests there have been.
    pub fn requests_total(&self) -> u64 {
        self.state.requests.total()
    }
}

type SharedState = Arc<Shared>;

#[derive(Debug)]
struct Shared {
    service: S3Service,
    folder: TempDir,
    bucket: String,
    clock: SimClock,
    requests: Recorder<S3Request>,
    down: AtomicBool,
    stopped: AtomicBool,
    slow_ms: AtomicU64,
    links_refused: AtomicU32,
}

/// The files below a folder; what vanishes meanwhile is left out.
fn collect(folder: &Path, prefix: &str, objects: &mut Vec<SimObject>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let key = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                collect(&entry.path(), &format!("{key}/"), objects);
            }
            Ok(metadata) => objects.push(SimObject { key, size_bytes: metadata.len() }),
            Err(_) => {}
        }
    }
}
