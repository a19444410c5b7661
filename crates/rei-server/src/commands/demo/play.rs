//! Plays a script as one customer and prints the transcript.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use rei_app::wallet_of;
use rei_domain::ids::CustomerId;
use rei_sim::draw::Drawing;
use rei_sim::telegram::{SimMessage, Tap, User};

use super::Stage;
use super::script::{Line, Step, flat};

/// The customer who plays.
const CUSTOMER: i64 = 42;
/// An expectation is met within this time or not at all.
const WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Plays the whole script.
///
/// # Errors
/// Names the first line that did not come true.
pub async fn play(stage: &Stage, lines: &[Line], base: &Path) -> anyhow::Result<()> {
    let mut player = Player {
        stage,
        user: stage.telegram.user(CUSTOMER, "Анна", "ru"),
        since: 0,
        printed: 0,
        base,
    };
    for line in lines {
        let played = player.step(&line.step).await;
        player.print_new();
        match played {
            Ok(()) => {}
            Err(error) => {
                println!("✗ line {}: {}", line.number, line.source);
                return Err(error.context(format!("line {}: {}", line.number, line.source)));
            }
        }
    }
    println!("✓ {} steps came true", lines.len());
    Ok(())
}

struct Player<'s> {
    stage: &'s Stage,
    user: User,
    /// Messages of this revision and older are no news for expectations.
    since: u64,
    /// Messages of this revision and older are printed.
    printed: u64,
    base: &'s Path,
}

impl Player<'_> {
    async fn step(&mut self, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Say(words) => {
                self.begin();
                println!("> {words}");
                self.user.says(words)?;
            }
            Step::Photo { file, caption } => {
                self.begin();
                let bytes = self.picture(file.as_deref())?;
                println!("> [photo] {}", caption.as_deref().unwrap_or(""));
                self.user.sends_photo(bytes, caption.as_deref().unwrap_or(""))?;
            }
            Step::Tap(label) => self.tap(label).await?,
            Step::Expect(pattern) => {
                let wanted = |message: &SimMessage| pattern.is_match(&flat(&message.text));
                self.expect(wanted).await?;
            }
            Step::ExpectPhoto => self.expect(|message| message.photo.is_some()).await?,
            Step::ExpectDocument => self.expect(|message| message.document.is_some()).await?,
            Step::ExpectBalance(wanted) => self.expect_balance(*wanted).await?,
            Step::Fault { name, args } => {
                println!("! fault {name} {}", args.join(" "));
                self.stage.fault(name, args).await?;
            }
            Step::Wait(time) => tokio::time::sleep(*time).await,
        }
        Ok(())
    }

    /// What comes from now on is news.
    fn begin(&mut self) {
        self.since = self.stage.telegram.revision();
    }

    /// Presses the newest button with these words; waits for one to appear.
    async fn tap(&mut self, label: &str) -> anyhow::Result<()> {
        let wanted = flat(label);
        let shown = || {
            let messages = self.user.messages();
            let inline = messages.iter().rev().find_map(|message| {
                message
                    .labels()
                    .into_iter()
                    .find(|shown| flat(shown).contains(&wanted))
                    .map(str::to_owned)
            });
            inline.or_else(|| {
                let keyboard = self.user.keyboard();
                keyboard
                    .iter()
                    .flatten()
                    .map(|button| button.text.clone())
                    .find(|shown| flat(shown).contains(&wanted))
            })
        };
        for _ in 0..WITHIN.as_millis() / LOOK_EVERY.as_millis() {
            if let Some(exact) = shown() {
                self.begin();
                println!("> [{}]", flat(&exact));
                let _: Tap = self.user.taps(&exact)?;
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        bail!("no button `{label}` came within {WITHIN:?}")
    }

    async fn expect(&self, wanted: impl Fn(&SimMessage) -> bool) -> anyhow::Result<()> {
        self.user.waits_for(self.since, WITHIN, wanted).await?;
        Ok(())
    }

    async fn expect_balance(&self, wanted: rei_domain::money::Kopecks) -> anyhow::Result<()> {
        let mut found = None;
        for _ in 0..WITHIN.as_millis() / LOOK_EVERY.as_millis() {
            let book = self.stage.product().await.house.book.clone();
            let wallet = book.read(|tx| wallet_of(tx, CustomerId(CUSTOMER))).await?;
            found = Some(wallet.free());
            if found == Some(wanted) {
                println!("= balance {wanted}");
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        bail!("the balance is {found:?} and not {wanted}")
    }

    fn picture(&self, file: Option<&str>) -> anyhow::Result<Bytes> {
        match file {
            Some(name) => {
                let path = self.base.join(name);
                let bytes = std::fs::read(&path)
                    .with_context(|| format!("{} can't be read", path.display()))?;
                Ok(Bytes::from(bytes))
            }
            None => {
                let drawing =
                    Drawing { width: 640, height: 480, prompt: "photo", note: "", reference: None };
                Ok(Bytes::from(drawing.jpeg()))
            }
        }
    }

    fn print_new(&mut self) {
        for message in self.user.messages_since(self.printed) {
            self.printed = self.printed.max(message.revision);
            if !message.from_bot {
                continue;
            }
            let edited = if message.edited > 0 { " (edited)" } else { "" };
            let media = match (&message.photo, &message.document) {
                (Some(_), _) => "[photo] ".to_owned(),
                (None, Some(document)) => format!("[file, {} bytes] ", document.size_bytes),
                (None, None) => String::new(),
            };
            println!("bot{edited}: {media}{}", flat(&message.text).replace('\n', "\n     "));
            for row in &message.buttons {
                let labels: Vec<String> =
                    row.iter().map(|button| format!("[{}]", flat(&button.text))).collect();
                println!("     {}", labels.join(" "));
            }
        }
    }
}
