//! Opens the demo in headless Chromium, orders a picture, an edit of an album and a video, sees them and the
//! transfers, keeps a screenshot, and pays on the simulated payment page.
//!
//! Chromium comes from Debian's package `chromium`; the test command installs it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chromiumoxide::browser::{Browser, BrowserConfig};
use chromiumoxide::cdp::browser_protocol::page::CaptureScreenshotFormat;
use chromiumoxide::handler::viewport::Viewport;
use chromiumoxide::page::{Page, ScreenshotParams};
use futures::StreamExt;
use tempfile::TempDir;

const WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// `rei demo`, stopped when dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_orders_pictures_and_a_video_in_the_page_and_sees_them_and_the_transfers()
-> anyhow::Result<()> {
    let (_demo, address) = start_demo()?;
    let profile = TempDir::new()?;
    let config = BrowserConfig::builder()
        .chrome_executable(chromium()?)
        .no_sandbox()
        .user_data_dir(profile.path())
        .window_size(1400, 900)
        .viewport(Viewport { width: 1400, height: 900, ..Viewport::default() })
        .args([
            "disable-gpu",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
        ])
        .build()
        .map_err(|problem| anyhow::anyhow!(problem))?;
    let (mut browser, mut events) = Browser::launch(config).await?;
    let handling = tokio::spawn(async move { while events.next().await.is_some() {} });
    let page = browser.new_page(address.as_str()).await?;
    page.wait_for_navigation().await?;
    until(&page, "!!document.querySelector('#start')?.offsetParent").await?;
    page.evaluate("document.querySelector('#start').click()").await?;
    until(&page, "document.querySelector('#log').innerText.includes('Здравствуйте')").await?;
    picture_from_words(&page).await?;
    edit_of_an_album(&page).await?;
    video_from_words(&page).await?;
    // The messages and the panel settle for the picture in README.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let shot = page
        .screenshot(ScreenshotParams::builder().format(CaptureScreenshotFormat::Png).build())
        .await?;
    ensure!(shot.len() > 20_000, "the screenshot is empty");
    keep(&shot)?;
    play_the_video(&page).await?;
    top_up(&browser, &page).await?;
    browser.close().await?;
    handling.await?;
    Ok(())
}

async fn picture_from_words(page: &Page) -> anyhow::Result<()> {
    say(page, "кот в скафандре на Луне, киноплакат").await?;
    press(page, "Создать за 50").await?;
    until(page, &log_says("списано 50 ₽ · баланс 250 ₽")).await?;
    until(page, "[...document.querySelectorAll('#log img')].some(i => i.naturalWidth > 200)")
        .await?;
    until(page, "document.querySelector('#panel').innerText.includes('Выручка')").await
}

/// Two drawn photos with words under them.
async fn edit_of_an_album(page: &Page) -> anyhow::Result<()> {
    page.evaluate("document.querySelector('#input').value = 'собери их вместе'").await?;
    page.evaluate("document.querySelector('#attach-button').click()").await?;
    let two = "[...document.querySelectorAll('#attach button')].find(b => b.innerText.includes('Два фото'))";
    until(page, &format!("!!{two}")).await?;
    page.evaluate(format!("{two}.click()")).await?;
    until(page, "document.querySelectorAll('#log .out .photos.album .photo').length === 2").await?;
    until(page, &log_says("изменение 2 фото")).await?;
    press(page, "Создать за 50").await?;
    until(page, &log_says("списано 50 ₽ · баланс 200 ₽")).await?;
    let seen = "[...document.querySelectorAll('#log .msg:not(.out) .photo img')]";
    until(page, &format!("{seen}.filter(i => i.naturalWidth > 200).length === 2")).await
}

async fn video_from_words(page: &Page) -> anyhow::Result<()> {
    say(page, "/video кит плывёт над городом").await?;
    press(page, "Создать за 100").await?;
    until(page, &log_says("списано 100 ₽ · баланс 100 ₽")).await?;
    until(page, "document.querySelector('#log video')?.videoWidth === 1280").await
}

async fn play_the_video(page: &Page) -> anyhow::Result<()> {
    // A browser plays only what a hand has touched, so this is a real click.
    page.find_element("#log .play").await?.click().await?;
    let video = "document.querySelector('#log video')";
    until(page, &format!("{video}.readyState >= 2 && {video}.currentTime > 0.2")).await
}

/// The payment page opens above the chat; it is closed as people close it, then paid in a tab of its own.
async fn top_up(browser: &Browser, page: &Page) -> anyhow::Result<()> {
    say(page, "/pay").await?;
    until(page, &log_says("Пополнить баланс")).await?;
    press(page, "500 ₽").await?;
    press(page, "Принимаю, оплатить 500 ₽").await?;
    until(page, &log_says("Счёт №1")).await?;
    press(page, "Оплатить 500 ₽").await?;
    until(page, "document.querySelector('#checkout').open").await?;
    let link = page.evaluate("document.querySelector('#checkout-frame').src").await?;
    let link: String = link.into_value()?;
    ensure!(link.contains("/checkout/"), "{link} is no payment page");
    page.evaluate("document.querySelector('#checkout .round').click()").await?;
    until(page, "!document.querySelector('#checkout').open").await?;
    until(page, "document.querySelector('#payments').innerText.includes('ждёт оплаты')").await?;
    let tab = browser.new_page(link).await?;
    until(&tab, "!!document.querySelector('#pay-bank_card')").await?;
    tab.evaluate("document.querySelector('#pay-bank_card').click()").await?;
    until(&tab, "location.pathname === '/returned.html'").await?;
    tab.close().await?;
    until(page, &log_says("Зачислено 500 ₽. Баланс: 600 ₽")).await?;
    until(page, "document.querySelector('#payments').innerText.includes('оплачен')").await?;
    until(page, "document.querySelector('#transfers').innerText.includes('Пополнение')").await
}

/// In the checkout only when asked for, so that a test run changes no file under version control.
fn keep(shot: &[u8]) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if std::env::var_os("REI_KEEP_SCREENSHOT").is_some() {
        std::fs::write(root.join("docs/demo.png"), shot)?;
    }
    ensure!(
        root.join("docs/demo.png").exists(),
        "docs/demo.png is missing; run this test with REI_KEEP_SCREENSHOT=1"
    );
    Ok(())
}

async fn say(page: &Page, words: &str) -> anyhow::Result<()> {
    let words = serde_json::to_string(words)?;
    page.evaluate(format!(
        "(() => {{ const input = document.querySelector('#input'); input.value = {words}; \
         input.dispatchEvent(new Event('input', {{ bubbles: true }})); \
         document.querySelector('#composer').requestSubmit(); }})()"
    ))
    .await?;
    Ok(())
}

async fn press(page: &Page, words: &str) -> anyhow::Result<()> {
    until(page, &button(words)).await?;
    page.evaluate(format!("{}.click()", find_button(words))).await?;
    Ok(())
}

/// Whatever the spaces of sums are.
fn log_says(words: &str) -> String {
    format!("document.querySelector('#log').innerText.replace(/\\s/g, ' ').includes('{words}')")
}

fn find_button(words: &str) -> String {
    format!(
        "[...document.querySelectorAll('#log button')].filter(b => b.innerText.replace(/\\s/g, ' ').includes('{words}')).at(-1)"
    )
}

fn button(words: &str) -> String {
    format!("!!{}", find_button(words))
}

async fn until(page: &Page, what: &str) -> anyhow::Result<()> {
    for _ in 0..WITHIN.as_millis() / LOOK_EVERY.as_millis() {
        let seen =
            page.evaluate(what).await.ok().and_then(|answer| answer.into_value::<bool>().ok());
        if seen == Some(true) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let text =
        page.evaluate("document.body.innerText").await?.into_value::<String>().unwrap_or_default();
    bail!("`{what}` did not come true within {WITHIN:?}; the page says:\n{text}")
}

/// Starts the demo on any free port.
fn start_demo() -> anyhow::Result<(Demo, String)> {
    let mut child =
        Command::new(program()?).args(["demo", "--port", "0"]).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("the output is piped")?;
    let demo = Demo(child);
    for line in BufReader::new(output).lines() {
        let line = line?;
        if let Some(at) = line.find("http://") {
            let address = line[at..].split_whitespace().next().unwrap_or_default().to_owned();
            return Ok((demo, address));
        }
    }
    bail!("the demo ended before it named its address")
}

/// The binary beside this test; built first when the test is run on its own.
fn program() -> anyhow::Result<PathBuf> {
    let me = std::env::current_exe()?;
    let folder = me.parent().and_then(Path::parent).context("a test lies in the target folder")?;
    let program = folder.join("rei");
    if !program.exists() {
        let cargo = std::env::var_os("CARGO").context("the test is run by cargo")?;
        let built = Command::new(cargo)
            .args(["build", "--package", "rei-server", "--bin", "rei"])
            .status()?;
        ensure!(built.success(), "the demo could not be built");
    }
    Ok(program)
}

fn chromium() -> anyhow::Result<PathBuf> {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.exists());
    found.context("Chromium is missing; install it with: apt-get install -y chromium")
}
