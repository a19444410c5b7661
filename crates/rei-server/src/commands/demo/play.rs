//! Plays a script as one customer and prints the transcript.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use rei_app::wallet_of;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_sim::draw::type_of;
use rei_sim::telegram::{SimMessage, Tap, User};
use rei_sim::yookassa::{Decline, PaymentStatus};

use super::script::{Line, Speaker, Step, flat};
use super::{ADMIN, Stage, props};

/// The customer who plays.
const CUSTOMER: i64 = 42;
/// An expectation is met within this time or not at all.
const WITHIN: Duration = Duration::from_secs(20);
/// A video takes longer.
const VIDEO_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What an owner presses to have done what he asked for.
const CONFIRM: &str = "Подтвердить";

/// Plays the whole script.
///
/// # Errors
/// Names the first line that did not come true.
pub async fn play(stage: &Stage, lines: &[Line], base: &Path) -> anyhow::Result<()> {
    let mut player = Player {
        stage,
        user: stage.telegram.user(CUSTOMER, "Анна", "ru"),
        speaker: Speaker::Customer,
        since: 0,
        printed: [0; 2],
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
    /// Whose steps these are.
    user: User,
    speaker: Speaker,
    /// Messages of this revision and older are no news for expectations.
    since: u64,
    /// Messages of this revision and older are printed: the customer's, the owner's.
    printed: [u64; 2],
    base: &'s Path,
}

impl Player<'_> {
    async fn step(&mut self, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Say(words) => {
                self.begin();
                let words = self.with_names(words)?;
                println!("{}> {words}", self.name());
                self.user.says(&words)?;
            }
            Step::Photo { file, caption } => {
                let bytes = match file {
                    Some(name) => self.read(name)?,
                    None => props::photo().await?,
                };
                let caption = self.send("[photo]", caption.as_deref());
                self.user.sends_photo(bytes, caption)?;
            }
            Step::Album { count, caption } => {
                let pictures = props::photos(*count).await?;
                let caption = self.send(&format!("[album, {count} photos]"), caption.as_deref());
                // The words stand under the first, as people send them.
                let words = std::iter::once(caption).chain(std::iter::repeat(""));
                self.user.sends_album(pictures.into_iter().zip(words))?;
            }
            Step::Document { file, caption } => {
                let bytes = match file {
                    Some(name) => self.read(name)?,
                    None => props::png().await?,
                };
                let name = file.as_deref().unwrap_or("picture.png");
                let caption = self.send(&format!("[file {name}]"), caption.as_deref());
                let mime = type_of(&bytes).unwrap_or("application/octet-stream");
                self.user.sends_document(bytes, name, mime, caption)?;
            }
            Step::Clip { seconds, caption } => {
                let bytes = props::clip(*seconds).await?;
                let caption = self.send(&format!("[video, {seconds} s]"), caption.as_deref());
                self.user.sends_video(bytes, caption)?;
            }
            Step::ReplyPhoto(words) => {
                let messages = self.user.messages();
                let mut newest = messages.iter().rev();
                let picture = newest.find(|message| message.from_bot && message.photo.is_some());
                let picture = picture.context("the bot has sent no picture yet")?.id;
                let words = self.send("[reply to the picture]", Some(words));
                self.user.replies(picture, words)?;
            }
            Step::Tap(label) => self.tap(label).await?,
            Step::Expect(pattern) => {
                let wanted = |message: &SimMessage| pattern.is_match(&flat(&message.text));
                self.expect(WITHIN, wanted).await?;
            }
            Step::ExpectPhoto => self.expect(WITHIN, |message| message.photo.is_some()).await?,
            Step::ExpectDocument => {
                self.expect(WITHIN, |message| message.document.is_some()).await?;
            }
            Step::ExpectVideo => {
                self.expect(VIDEO_WITHIN, |message| message.video.is_some()).await?;
            }
            Step::ExpectBalance(wanted) => self.expect_balance(*wanted).await?,
            Step::Gift(sum) => self.gift(*sum).await?,
            Step::Pay => self.pay().await?,
            Step::Decline(reason) => self.decline(reason).await?,
            Step::Notices(told) => {
                println!("! notices {:?}, {} at once", told.flow, told.copies);
                self.stage.yookassa.set_notices(told.clone());
            }
            Step::Speak(speaker) => self.speak(*speaker),
            Step::Fault { name, args } => {
                println!("! fault {name} {}", args.join(" "));
                self.stage.fault(name, args).await?;
            }
            Step::Wait(time) => tokio::time::sleep(*time).await,
        }
        Ok(())
    }

    /// Prints what is about to be sent; returns the words under it.
    fn send<'w>(&mut self, what: &str, words: Option<&'w str>) -> &'w str {
        self.begin();
        let words = words.unwrap_or("");
        println!("{}> {what} {words}", self.name());
        words
    }

    /// A script can't know the name that YooKassa gives to money of another site: `{foreign}` stands for the newest.
    fn with_names(&self, words: &str) -> anyhow::Result<String> {
        const FOREIGN: &str = "{foreign}";
        if !words.contains(FOREIGN) {
            return Ok(words.to_owned());
        }
        let payments = self.stage.yookassa.payments();
        let foreign = payments.iter().filter(|payment| payment.metadata.is_none());
        let newest = foreign.max_by_key(|payment| payment.created_ms);
        let newest = newest.context("there is no money of another site")?;
        Ok(words.replace(FOREIGN, &newest.id))
    }

    /// The owner credits the customer, as in his own chat.
    async fn gift(&mut self, sum: Kopecks) -> anyhow::Result<()> {
        self.begin();
        let rubles = format!("{},{:02}", sum.get() / 100, sum.get() % 100);
        let command = format!("/add {CUSTOMER} {rubles} demo");
        println!("owner> {command}");
        let owner = self.owner();
        owner.says(&command)?;
        let asked = |message: &SimMessage| labelled(message, CONFIRM).is_some();
        let preview = owner.waits_for(self.since, WITHIN, asked).await?;
        let confirm = labelled(&preview, CONFIRM).context("the button is gone")?;
        println!("owner> [{}]", flat(&confirm));
        let _: Tap = owner.taps(&confirm)?;
        Ok(())
    }

    /// Somebody pays the newest bill, on the page that its button opens.
    async fn pay(&mut self) -> anyhow::Result<()> {
        let id = self.bill().await?;
        self.begin();
        let paid = self.stage.yookassa.pay(&id)?;
        println!("> [pays {} on the page]", Kopecks::new(paid.amount.kopecks));
        Ok(())
    }

    async fn decline(&mut self, reason: &str) -> anyhow::Result<()> {
        let id = self.bill().await?;
        self.begin();
        self.stage.yookassa.decline(&id, reason, Decline::Ends)?;
        println!("> [is refused on the page: {reason}]");
        Ok(())
    }

    /// The payment behind the newest button that opens a payment page; waits for one that is still open.
    async fn bill(&self) -> anyhow::Result<String> {
        let pages = format!("{}/checkout/", self.stage.yookassa.site_url());
        for _ in 0..WITHIN.as_millis() / LOOK_EVERY.as_millis() {
            let messages = self.user.messages();
            let buttons =
                messages.iter().rev().flat_map(|message| message.buttons.iter().flatten());
            let links = buttons.filter_map(|button| button.value.as_deref());
            let mut ids = links.filter_map(|link| link.strip_prefix(&pages));
            let open = ids.find(|id| {
                let payment = self.stage.yookassa.payment(id);
                payment.is_some_and(|payment| payment.status == PaymentStatus::Pending)
            });
            if let Some(id) = open {
                return Ok(id.to_owned());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        bail!("no button that opens a payment page came within {WITHIN:?}")
    }

    /// What came since the last step is still news, to whomever it came.
    fn speak(&mut self, speaker: Speaker) {
        self.speaker = speaker;
        self.user = match speaker {
            Speaker::Customer => self.customer(),
            Speaker::Admin => self.owner(),
        };
    }

    fn customer(&self) -> User {
        self.stage.telegram.user(CUSTOMER, "Анна", "ru")
    }

    fn owner(&self) -> User {
        self.stage.telegram.user(ADMIN, "Ольга", "ru")
    }

    /// Who speaks, as the transcript names him.
    fn name(&self) -> &'static str {
        match self.speaker {
            Speaker::Customer => "",
            Speaker::Admin => "owner",
        }
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
                println!("{}> [{}]", self.name(), flat(&exact));
                let _: Tap = self.user.taps(&exact)?;
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        bail!("no button `{label}` came within {WITHIN:?}")
    }

    async fn expect(
        &self,
        within: Duration,
        wanted: impl Fn(&SimMessage) -> bool,
    ) -> anyhow::Result<()> {
        self.user.waits_for(self.since, within, wanted).await?;
        Ok(())
    }

    async fn expect_balance(&self, wanted: Kopecks) -> anyhow::Result<()> {
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

    fn read(&self, name: &str) -> anyhow::Result<Bytes> {
        let path = self.base.join(name);
        let bytes =
            std::fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
        Ok(Bytes::from(bytes))
    }

    fn print_new(&mut self) {
        let chats = [(self.customer(), "bot"), (self.owner(), "bot to the owner")];
        for ((user, who), printed) in chats.into_iter().zip(&mut self.printed) {
            for message in user.messages_since(*printed) {
                *printed = (*printed).max(message.revision);
                if message.from_bot {
                    print(who, &message);
                }
            }
        }
    }
}

/// The label of this message's button that has these words.
fn labelled(message: &SimMessage, words: &str) -> Option<String> {
    message.labels().into_iter().find(|label| flat(label).contains(words)).map(str::to_owned)
}

fn print(who: &str, message: &SimMessage) {
    let edited = if message.edited > 0 { " (edited)" } else { "" };
    let words = flat(&message.text).replace('\n', "\n     ");
    println!("{who}{edited}: {}{words}", media(message));
    for row in &message.buttons {
        let labels: Vec<String> =
            row.iter().map(|button| format!("[{}]", flat(&button.text))).collect();
        println!("     {}", labels.join(" "));
    }
}

/// What a message shows besides words.
fn media(message: &SimMessage) -> String {
    let album = message.media_group_id.as_ref().map_or("", |_| " of an album");
    match (&message.photo, &message.video, &message.document) {
        (Some(_), _, _) => format!("[photo{album}] "),
        (_, Some(video), _) => {
            format!("[video{album}, {} s, {} bytes] ", video.duration_s, video.size_bytes)
        }
        (_, _, Some(document)) => {
            let name = document.file_name.as_deref().unwrap_or("without a name");
            format!("[file{album} {name}, {} bytes] ", document.size_bytes)
        }
        (None, None, None) => String::new(),
    }
}
