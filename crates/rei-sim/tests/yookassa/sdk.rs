//! The official Python library accepts the simulator: an independent reader of the same API.
//!
//! It lives in a virtual environment under the target folder, which is made once and then reused. Without it the test
//! fails and says what to do: an unproved simulator proves nothing.

use std::path::{Path, PathBuf};
use std::process::Output;

use tokio::process::Command;

use super::*;

const PACKAGE: &str = "yookassa==3.13.0";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/yookassa/sdk.py");

/// What a program wrote, if it ended well; `remedy` is the line that makes it work.
async fn run(program: &Path, arguments: &[&str], remedy: &str) -> Output {
    let output = Command::new(program).args(arguments).output().await;
    let output = output.unwrap_or_else(|error| {
        panic!("{} cannot be started ({error}); {remedy}", program.display())
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} failed; {remedy}\n{errors}", program.display());
    output
}

/// The interpreter of an environment with the library.
async fn python() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("yookassa-sdk");
    let (python, ready) = (home.join("bin/python"), home.join("ready"));
    let is_ready = std::fs::read_to_string(&ready).is_ok_and(|package| package == PACKAGE);
    if is_ready && python.exists() {
        return python;
    }
    let home = home.display().to_string();
    let remedy = "run: apt-get install -y python3 python3-venv";
    run(Path::new("python3"), &["-m", "venv", "--clear", &home], remedy).await;
    let remedy = format!("run: {} -m pip install {PACKAGE}", python.display());
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
    run(&python, &install, &remedy).await;
    std::fs::write(&ready, PACKAGE).expect("the target folder can be written");
    python
}

#[tokio::test]
async fn the_official_library_creates_reads_lists_captures_refunds_and_raises_its_own_errors() {
    let python = python().await;
    let (sim, _shop) = start_with_shop().await;
    let (base, site, shop) = (sim.base_url(), sim.site_url(), sim.shop().clone());
    let arguments = [SCRIPT, &base, &site, &shop.shop_id, &shop.secret_key];
    let output = run(&python, &arguments, "the library and the simulator disagree:").await;
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "ok");
    assert!(sim.calls().creates().len() > 8 && sim.calls().refunds().len() > 1);
}
