//! Customers who order, pay and look, one thing after the other and all at once, whatever happens to the product. A
//! seed decides what each of them does.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rei_app::{BookError, HistoryFilter};
use rei_sim::gemini::Behaviour;
use rei_sim::telegram::{SimButton, SimMessage, TelegramSim};
use rei_sim::yookassa::{PaymentStatus, YooKassaSim};
use rei_storage::{Book, orders};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::{Person, flat};
use crate::world::{PATIENCE, World};

/// What every customer is given: enough for whatever they order.
pub const GIFT_RUBLES: u32 = 50_000;
/// A customer orders nothing more while so many of his orders are at work: the product allows one more.
const AT_WORK_MAX: usize = 4;
/// How often a customer who waits for his orders looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A customer whose screen is stale presses the fresh one, so many times at most.
const FRESH_MAX: usize = 10;
/// By then the newest screen is there.
const FRESH_PAUSE: Duration = Duration::from_secs(1);
/// What a customer reads while a provider that failed too often is left alone, and how often he asks again.
const RESTS: &str = "временно недоступно";
const RESTS_MAX: usize = 90;
/// The press that orders.
const CREATE: &str = "Создать за";
/// Which prompts the provider treats otherwise, and every how many of the pictures it is.
const REFUSED: &str = "нельзя";
const UNANSWERED: &str = "обрыв";
const EVERY: u32 = 12;

/// The customers and what they do.
pub struct Crowd {
    people: Vec<Arc<Person>>,
    home: watch::Sender<bool>,
    busy: JoinSet<Result<u64, String>>,
}

struct Customer {
    person: Arc<Person>,
    telegram: TelegramSim,
    yookassa: YooKassaSim,
    book: Book,
    dice: StdRng,
    done: u64,
}

impl Crowd {
    /// So many customers come and say hello; then each goes on until the crowd goes home.
    pub async fn gathers(world: &World, yookassa: &YooKassaSim, count: u32, seed: u64) -> Self {
        world.gemini.when_prompt_contains(REFUSED, Behaviour::finish("IMAGE_SAFETY"));
        world.gemini.when_prompt_contains(UNANSWERED, Behaviour::CutAfter);
        let (book, mut people) = (world.book().await, Vec::new());
        for number in 0..count {
            let person = world.person(i64::from(1_000 + number), &format!("Гость {number}"));
            person.says("/start");
            world.sees(&person, "На балансе").await;
            people.push(Arc::new(person));
        }
        let (home, go_home) = watch::channel(false);
        let mut busy = JoinSet::new();
        for (number, person) in people.iter().enumerate() {
            let customer = Customer {
                person: Arc::clone(person),
                telegram: world.telegram.clone(),
                yookassa: yookassa.clone(),
                book: book.clone(),
                dice: StdRng::seed_from_u64(seed.wrapping_add(number as u64 + 1)),
                done: 0,
            };
            busy.spawn(customer.lives(go_home.clone()));
        }
        Self { people, home, busy }
    }

    /// Those who came.
    pub fn people(&self) -> &[Arc<Person>] {
        &self.people
    }

    /// Each finishes what he is at; how many things they did in all, or who was left without an answer.
    pub async fn goes_home(&mut self) -> Result<u64, String> {
        self.home.send_replace(true);
        let mut done = 0;
        while let Some(ended) = self.busy.join_next().await {
            done += ended.expect("no customer panics")?;
        }
        Ok(done)
    }
}

impl Customer {
    async fn lives(mut self, home: watch::Receiver<bool>) -> Result<u64, String> {
        while !*home.borrow() {
            let id = self.person.id;
            self.wishes().await.map_err(|what| format!("customer {id}: {what}"))?;
            self.done += 1;
        }
        Ok(self.done)
    }

    async fn wishes(&mut self) -> Result<(), String> {
        if self.dice.random_ratio(1, 10) {
            self.telegram.duplicate_updates(1);
        }
        match self.dice.random_range(0..20) {
            0..10 => self.orders_a_picture().await,
            10..13 => self.orders("/video ", "на скейте").await,
            13..17 => self.tops_up().await,
            17 => self.cancels(),
            _ => self.looks().await,
        }
    }

    async fn orders_a_picture(&mut self) -> Result<(), String> {
        let how = match self.dice.random_range(0..EVERY) {
            0 => REFUSED,
            1 => UNANSWERED,
            _ => "в скафандре",
        };
        self.orders("", how).await
    }

    /// Up to the word that the order is taken.
    async fn orders(&mut self, command: &str, how: &str) -> Result<(), String> {
        self.waits_for_room().await?;
        // No other order has these words.
        let prompt = format!("кот {}-{} {how}", self.person.id, self.done);
        let offered = |message: &SimMessage| {
            message.text.contains(&prompt) && button(message, CREATE).is_some()
        };
        for _ in 0..RESTS_MAX {
            let since = self.telegram.revision();
            self.says(&format!("{command}{prompt}"))?;
            let seen = |message: &SimMessage| offered(message) || message.text.contains(RESTS);
            let answer = self.sees(&prompt, since, seen).await?;
            if offered(&answer) && self.confirms(&prompt, answer).await? {
                return Ok(());
            }
            tokio::time::sleep(FRESH_PAUSE).await;
        }
        Err(format!("`{prompt}` was refused {RESTS_MAX} times, because the provider rests"))
    }

    /// Until the order is in the book: what the customer sees of it may be its end already. A screen that came twice, or
    /// late, may be stale: its press brings a fresh one, and the newest counts.
    /// `false`: the provider rests, and the words have to be said again.
    async fn confirms(&self, prompt: &str, mut offer: SimMessage) -> Result<bool, String> {
        for _ in 0..FRESH_MAX {
            let since = self.telegram.revision();
            self.presses(&offer, CREATE)?;
            match self.answer_to_press(prompt, since).await? {
                Answer::Ordered => return Ok(true),
                Answer::Rests => return Ok(false),
                Answer::Fresh => {}
            }
            tokio::time::sleep(FRESH_PAUSE).await;
            let messages = self.person.user.messages();
            offer = messages.into_iter().rev().find(is_fresh).unwrap_or(offer);
        }
        Err(format!("{FRESH_MAX} screens were stale, one after the other"))
    }

    async fn answer_to_press(&self, prompt: &str, since: u64) -> Result<Answer, String> {
        let id = self.person.id;
        for _ in 0..PATIENCE.as_millis() / LOOK_EVERY.as_millis() {
            let rows = self.book.read(move |tx| orders::history(tx, id, HistoryFilter::All, 0, 10));
            // Between a kill and its end the database may be out of reach.
            let rows: Result<_, BookError> = rows.await;
            if rows.is_ok_and(|rows| rows.iter().any(|row| row.prompt == prompt)) {
                return Ok(Answer::Ordered);
            }
            let came = self.person.user.messages_since(since);
            if came.iter().any(is_fresh) {
                return Ok(Answer::Fresh);
            }
            if came.iter().any(|message| message.text.contains(RESTS)) {
                return Ok(Answer::Rests);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let seen = self.person.user.messages_since(since);
        let seen: Vec<_> = seen.iter().map(|message| message.text.as_str()).collect();
        Err(format!("`{prompt}` was not ordered within {PATIENCE:?}: {seen:?}"))
    }

    async fn waits_for_room(&self) -> Result<(), String> {
        let (id, limit) = (self.person.id, i64::try_from(AT_WORK_MAX).unwrap_or(i64::MAX));
        for _ in 0..PATIENCE.as_millis() / LOOK_EVERY.as_millis() {
            let active = self.book.read(move |tx| orders::active(tx, id, limit)).await;
            // Between a kill and its end the database may be out of reach.
            let active: Result<_, BookError> = active;
            if active.is_ok_and(|active| active.len() < AT_WORK_MAX) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(format!("none of {AT_WORK_MAX} orders ended within {PATIENCE:?}"))
    }

    /// Most payments are made, some are left.
    async fn tops_up(&mut self) -> Result<(), String> {
        let rubles = *[100, 150, 200, 500].choose(&mut self.dice).expect("there are some");
        let label = format!("{rubles} ₽");
        let since = self.telegram.revision();
        self.says("/pay")?;
        let sums = |message: &SimMessage| exactly(message, &label).is_some();
        let shown = self.sees("the sums", since, sums).await?;
        let since = self.telegram.revision();
        let data = exactly(&shown, &label).and_then(|button| button.value.clone());
        self.press(shown.id, &data.unwrap_or_default())?;
        // Somebody may have paid it before it was shown.
        let billed = |message: &SimMessage| {
            ["Счёт №", "Зачислено"].iter().any(|words| message.text.contains(words))
        };
        self.sees("the bill", since, billed).await?;
        if self.dice.random_ratio(4, 5) {
            let open = self.yookassa.payments();
            let open: Vec<_> =
                open.iter().filter(|it| it.status == PaymentStatus::Pending).collect();
            if let Some(payment) = open.choose(&mut self.dice) {
                // Somebody else may have been faster.
                let _ = self.yookassa.pay(&payment.id);
            }
        }
        Ok(())
    }

    /// Presses whatever can still be cancelled; what comes of it shows in the book.
    fn cancels(&self) -> Result<(), String> {
        let messages = self.person.user.messages();
        match messages.iter().rev().find(|message| button(message, "Отменить").is_some()) {
            Some(message) => self.presses(message, "Отменить"),
            None => Ok(()),
        }
    }

    async fn looks(&self) -> Result<(), String> {
        let since = self.telegram.revision();
        self.says("/balance")?;
        self.sees("the balance", since, |message| message.text.contains("Баланс:")).await?;
        Ok(())
    }

    fn says(&self, words: &str) -> Result<(), String> {
        self.person.user.says(words).map(|_| ()).map_err(|error| error.to_string())
    }

    fn presses(&self, message: &SimMessage, label: &str) -> Result<(), String> {
        let data = button(message, label).and_then(|button| button.value.clone());
        self.press(message.id, &data.unwrap_or_default())
    }

    fn press(&self, message: i64, data: &str) -> Result<(), String> {
        self.person.user.taps_data(message, data).map(|_| ()).map_err(|error| error.to_string())
    }

    async fn sees(
        &self,
        what: &str,
        since: u64,
        wanted: impl Fn(&SimMessage) -> bool,
    ) -> Result<SimMessage, String> {
        let seen = self.person.user.waits_for(since, PATIENCE, wanted).await;
        seen.map_err(|error| format!("{what}: {error}"))
    }
}

/// What comes of a press that orders.
enum Answer {
    Ordered,
    Fresh,
    Rests,
}

/// A screen in place of a stale one.
fn is_fresh(message: &SimMessage) -> bool {
    message.text.contains("Экран устарел") && button(message, CREATE).is_some()
}

fn button<'a>(message: &'a SimMessage, label: &str) -> Option<&'a SimButton> {
    message.buttons.iter().flatten().find(|button| flat(&button.text).contains(label))
}

fn exactly<'a>(message: &'a SimMessage, label: &str) -> Option<&'a SimButton> {
    message.buttons.iter().flatten().find(|button| flat(&button.text) == label)
}
