//! Addresses, passwords, certificates, versions.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rei_domain::shared::{Bells, Known, Limits};
use rei_redis::testing::RedisServer;
use rei_redis::{ConnectError, OLDEST};
use tempfile::TempDir;

use crate::process_at;

/// Tells the test in the child process where the server is.
const URL: &str = "REI_REDIS_TEST_URL";

#[tokio::test]
async fn a_password_opens_the_door_and_a_wrong_one_is_named() {
    let server = RedisServer::start_with_password("s3cret");
    let redis = process_at(&server.url()).await.expect("the password is right");
    assert!(redis.server_version().starts_with(|it: char| it.is_ascii_digit()));
    let login = server.url();
    for wrong in [login.replace("s3cret", "wr0ng"), login.replace(":s3cret@", "")] {
        let error = process_at(&wrong).await.expect_err("refused");
        assert!(matches!(error, ConnectError::Refused(_)), "{error:?}");
        let said = error.to_string();
        assert!(said.contains("refuses the name or the password"), "{said}");
        assert!(!said.contains("wr0ng"), "{said}");
    }
}

#[tokio::test]
async fn what_is_no_address_is_named_without_its_password() {
    let error = process_at("http://:s3cret@localhost").await.expect_err("no address");
    assert!(matches!(error, ConnectError::BadUrl) && !error.to_string().contains("s3cret"));
}

#[tokio::test]
async fn a_server_that_is_too_old_is_named_with_the_oldest_that_will_do() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("redis://{}", listener.local_addr().expect("an address"));
    let old = std::thread::spawn(move || answer_as_an_old_server(&listener));
    let error = process_at(&url).await.expect_err("too old");
    let ConnectError::TooOld { found, needed } = &error else { panic!("{error:?}") };
    assert_eq!((found.as_str(), *needed), ("3.2.12", OLDEST));
    assert_eq!(
        error.to_string(),
        "the redis server is version 3.2.12, and 6.2 is the oldest that will do"
    );
    old.join().expect("it answered");
}

/// One client, who asks for nothing but the version.
fn answer_as_an_old_server(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().expect("somebody comes");
    let reader = BufReader::new(stream.try_clone().expect("cloned"));
    let info = "# Server\r\nredis_version:3.2.12\r\n";
    for line in reader.lines().map_while(Result::ok) {
        if line == "server" {
            write!(stream, "${}\r\n{info}\r\n", info.len()).expect("sent");
            return;
        }
    }
}

/// Our own authority, and a server that it vouches for.
fn certificates(folder: &TempDir) -> [std::path::PathBuf; 3] {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned()];
    let server = CertificateParams::new(names).expect("a name").signed_by(&key, &authority);
    let files = [
        ("ca.pem", authority.pem()),
        ("server.pem", server.expect("a certificate").pem()),
        ("server.key", key.serialize_pem()),
    ];
    files.map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    })
}

#[test]
fn an_encrypted_server_is_trusted_by_the_file_of_certificates_and_not_without() {
    let folder = TempDir::new().expect("a folder");
    let [authority, certificate, key] = certificates(&folder);
    let server = RedisServer::start_with_tls(&certificate, &key);
    // The environment counts from the start of a process, so the rest runs in one of its own.
    let child = |file: &std::path::Path| {
        let mut child = Command::new(std::env::current_exe().expect("this program"));
        child.args(["--exact", "connecting::the_part_in_the_child", "--nocapture"]);
        child.env("SSL_CERT_FILE", file).env(URL, server.url()).output().expect("it runs")
    };
    let trusting = child(&authority);
    assert!(trusting.status.success(), "{trusting:?}");
    let strange = folder.path().join("strange");
    std::fs::create_dir(&strange).expect("made");
    let other = TempDir::new_in(&strange).expect("a folder");
    let [stranger, ..] = certificates(&other);
    let refused = child(&stranger);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned()
        + &String::from_utf8_lossy(&refused.stdout);
    assert!(!refused.status.success() && said.contains("Unreachable"), "{said}");
}

#[tokio::test]
async fn the_part_in_the_child() {
    // The test above runs this one in a process with certificates of its own; without an address there is nothing to do.
    let Ok(url) = std::env::var(URL) else { return };
    let redis = process_at(&url).await.expect("the server is trusted");
    assert!(matches!(redis.trial("c", std::time::Duration::from_secs(1)).await, Known::Yes(true)));
    let mut ear = redis.listen("jobs");
    redis.ring("jobs");
    tokio::time::timeout(crate::SOON, ear.rung()).await.expect("heard over TLS");
}
