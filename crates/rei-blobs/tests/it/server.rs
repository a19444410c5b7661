//! An S3 server in a temporary folder, and a machine that uses it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rei_blobs::{BlobKey, BlobStore, Bucket, BucketOptions};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub const BUCKET: &str = "cats";
const ACCESS_KEY: &str = "AKIATEST";
const SECRET_KEY: &str = "the/secret+of=the-tests";

/// Requests that a healthy server still answers.
const FOREVER: usize = usize::MAX;

/// The server; its bucket is a folder that tests may look into.
pub struct Server {
    folder: TempDir,
    address: SocketAddr,
    answers_left: Arc<AtomicUsize>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(folder.path()).expect("a file system");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let answers_left = Arc::new(AtomicUsize::new(FOREVER));
        let accepting = tokio::spawn(accept(listener, service.build(), Arc::clone(&answers_left)));
        Self { folder, address, answers_left, accepting }
    }

    /// After so many requests more, connections break without an answer.
    pub fn break_after(&self, requests: usize) {
        self.answers_left.store(requests, Ordering::SeqCst);
    }

    pub fn heal(&self) {
        self.answers_left.store(FOREVER, Ordering::SeqCst);
    }

    pub fn options(&self) -> BucketOptions {
        BucketOptions {
            endpoint: Some(format!("http://{}", self.address)),
            region: "us-east-1".to_owned(),
            bucket: BUCKET.to_owned(),
            access_key: ACCESS_KEY.into(),
            secret_key: SECRET_KEY.into(),
            path_style: true,
            presigned_url_expiry: Duration::from_secs(1),
            proxy: None,
        }
    }

    /// Another machine: its own folder, the same bucket.
    pub fn machine(&self) -> Machine {
        Machine::new(self.options())
    }

    /// Where the server keeps an object.
    pub fn object(&self, key: &BlobKey) -> PathBuf {
        let name = key.as_str();
        self.folder.path().join(BUCKET).join("blobs").join(&name[..2]).join(&name[2..4]).join(name)
    }

    /// All that lies in the bucket and under its name: objects, and parts that were never put together.
    pub fn leftovers(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(self.folder.path(), &mut found);
        found
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A store with a folder of its own.
pub struct Machine {
    folder: TempDir,
    pub store: BlobStore,
}

impl Machine {
    pub fn new(options: BucketOptions) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bucket = Bucket::new(options).expect("a bucket");
        let root = folder.path().join("blobs");
        let store = BlobStore::open_with_bucket(root, bucket).expect("a store");
        Self { folder, store }
    }

    /// The same folder without the bucket.
    pub fn alone(&self) -> BlobStore {
        BlobStore::open(self.root()).expect("a store")
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("blobs")
    }

    /// All files in the folder, drafts too.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.root(), &mut found);
        found
    }
}

/// A picture of so many bytes that no compression and no repetition could hide a mistake in.
pub fn picture(size_bytes: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    while bytes.len() < size_bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(size_bytes);
    bytes
}

/// As if the file had been written at this time.
pub fn age(path: &Path, millis: u64) {
    let at = std::time::UNIX_EPOCH + Duration::from_millis(millis);
    let file = std::fs::File::options().write(true).open(path).expect("a file");
    file.set_times(std::fs::FileTimes::new().set_modified(at)).expect("times");
}

async fn accept(listener: TcpListener, service: S3Service, answers_left: Arc<AtomicUsize>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await.expect("a connection");
        let (service, answers_left) = (service.clone(), Arc::clone(&answers_left));
        connections.spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let is_known = request.uri().path().split('/').nth(1) == Some(BUCKET);
                let answer = may_answer(&answers_left).then(|| Service::call(&service, request));
                async move {
                    if !is_known {
                        return Ok(no_such_bucket());
                    }
                    match answer {
                        Some(answer) => answer.await.map_err(|_| "the server failed".to_owned()),
                        None => Err("the server is down".to_owned()),
                    }
                }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
        });
    }
}

/// S3's answer; the server of the tests would make the bucket instead.
fn no_such_bucket() -> Response<s3s::Body> {
    let text = "<Error><Code>NoSuchBucket</Code><Message>None such</Message></Error>";
    let mut answer = Response::new(s3s::Body::from(text.to_owned()));
    *answer.status_mut() = StatusCode::NOT_FOUND;
    answer
}

fn may_answer(answers_left: &AtomicUsize) -> bool {
    let one_less = |left| if left == FOREVER { Some(left) } else { usize::checked_sub(left, 1) };
    answers_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.path().is_dir() {
            collect(&entry.path(), found);
        } else {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
}
