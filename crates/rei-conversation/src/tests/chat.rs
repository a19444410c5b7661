//! A chat for tests: keeps the session as JSON between turns, plays the application, and checks what every
//! single decision must hold.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rei_domain::catalog::{Catalog, Choices, Kind, Measured};
use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, MessageId, OrderId, QuoteId, UploadId};
use rei_domain::money::Kopecks;
use rei_domain::order::{OrderState, Wait};
use rei_domain::quote::Quote;
use rei_texts::Lang;

use super::files::measured;
pub(super) use super::files::{clip, file, measured_clip, measured_photo, photo};
use super::till::till;
use crate::{
    Action, AppAnswer, BriefInput, Content, Customer, Effect, Event, FileProblem, Keyboard,
    OrderBrief, OrderRefusal, Origin, PaymentBrief, PaymentRefusal, Press, PromoAnswer, Reply,
    Screen, Session, Stage, Till, Typed, World, decide,
};

pub(super) const BOT: &str = "rei_bot";
const CATALOG: &str = include_str!("../../../../data/catalog.toml");
/// Telegram's limit for the words of a toast.
const TOAST_CHARS_MAX: usize = 200;

/// What is kept between turns, and the world around it.
#[derive(Clone)]
pub(super) struct Chat {
    pub(super) now: Timestamp,
    pub(super) catalog: Catalog,
    pub(super) customer: Customer,
    pub(super) active: Vec<OrderBrief>,
    pub(super) history: Vec<OrderBrief>,
    /// Providers that take no orders.
    pub(super) down: BTreeSet<String>,
    /// What is found in a file of this name; others are ordinary photos, or clips when they are called so.
    pub(super) files: BTreeMap<String, Result<Measured, FileProblem>>,
    /// Whether files stay on their way until [`Chat::arrives`].
    pub(super) slow: bool,
    /// Files on their way.
    pub(super) coming: Vec<(UploadId, String)>,
    /// When the conversation wants to be woken.
    pub(super) wakes: Vec<(Timestamp, String)>,
    /// The result that the message replied to shows.
    pub(super) replied: Option<(OrderId, u32)>,
    /// Whether files and results are no longer kept.
    pub(super) forgotten: bool,
    pub(super) active_max: usize,
    /// In how many seconds any order is there, as far as that is known.
    pub(super) left: Option<[u32; 2]>,
    /// What is known about paying.
    pub(super) till: Till,
    /// Every payment that was opened, with the held order that it was opened for.
    pub(super) payments: Vec<(PaymentBrief, Option<QuoteId>)>,
    /// Whether links come at once; else as an event of their own.
    pub(super) links_at_once: bool,
    /// Why no payment is opened.
    pub(super) no_payments: Option<PaymentRefusal>,
    /// Why no order is taken.
    pub(super) no_orders: Option<OrderRefusal>,
    /// What promo codes give.
    pub(super) promos: BTreeMap<String, PromoAnswer>,
    /// The session as the book keeps it.
    pub(super) kept: String,
    /// The latest message of the customer.
    pub(super) message: MessageId,
    /// What was ordered, in order.
    pub(super) placed: Vec<Quote>,
    /// What the latest turn led to.
    pub(super) effects: Vec<Effect>,
    turns: u64,
}

impl Chat {
    /// A Russian customer with 300 rubles.
    pub(super) fn new() -> Self {
        Self {
            now: Timestamp(1_795_478_400_000),
            catalog: Catalog::parse(CATALOG).expect("the shipped catalogue is readable"),
            customer: Customer {
                id: CustomerId(42),
                lang: Lang::Ru,
                admin: false,
                cash: Kopecks::from_rubles(300),
                bonus: Kopecks::ZERO,
                held: Kopecks::ZERO,
            },
            active: Vec::new(),
            history: Vec::new(),
            down: BTreeSet::new(),
            files: BTreeMap::new(),
            slow: false,
            coming: Vec::new(),
            wakes: Vec::new(),
            replied: None,
            forgotten: false,
            active_max: 3,
            left: Some([20, 40]),
            till: till(),
            payments: Vec::new(),
            links_at_once: true,
            no_payments: None,
            no_orders: None,
            promos: BTreeMap::new(),
            kept: Session::default().to_json(),
            message: MessageId(100),
            placed: Vec::new(),
            effects: Vec::new(),
            turns: 0,
        }
    }

    pub(super) fn with_balance(mut self, rubles: i64) -> Self {
        self.customer.cash = Kopecks::from_rubles(rubles);
        self
    }

    pub(super) fn in_english(mut self) -> Self {
        self.customer.lang = Lang::En;
        self
    }

    /// An order that was placed some minutes ago.
    pub(super) fn order(&mut self, number: i64, state: OrderState, prompt: &str) -> OrderBrief {
        let chance = SeededChance::new(u64::MAX - number.unsigned_abs());
        let model = self.catalog.default_model(Kind::Image).expect("pictures are on sale");
        OrderBrief {
            id: OrderId::new(self.now, &chance),
            number,
            state,
            price: Kopecks::from_rubles(50),
            prompt: prompt.to_owned(),
            choices: model.default_choices(),
            placed_at: self.now.minus(Duration::from_secs(600)),
            kind: Kind::Image,
            favourite: false,
            has_result: state == OrderState::Delivered,
            inputs: Vec::new(),
        }
    }

    pub(super) fn says(&mut self, text: &str) -> &mut Self {
        let origin = self.next_origin();
        self.turn(Event::Typed(Typed { text: text.to_owned(), origin }))
    }

    pub(super) fn sends(&mut self, content: Content, caption: Option<&str>) -> &mut Self {
        let origin = self.next_origin();
        self.turn(Event::Sent { content, caption: caption.map(str::to_owned), origin })
    }

    /// Words in reply to a message.
    pub(super) fn replies(&mut self, reply: Reply, text: &str) -> &mut Self {
        let mut origin = self.next_origin();
        origin.reply = Some(reply);
        self.turn(Event::Typed(Typed { text: text.to_owned(), origin }))
    }

    /// The first file on its way is there.
    pub(super) fn arrives(&mut self) -> &mut Self {
        let (upload, name) = self.coming.remove(0);
        let event = self.arrival(upload, &name);
        self.turn(event)
    }

    /// The clock moves on, and what wanted to be woken until then is.
    pub(super) fn sleeps(&mut self, by: Duration) -> &mut Self {
        let until = self.now.plus(by);
        self.effects.clear();
        let mut told = Vec::new();
        while let Some(at) = self.wakes.iter().position(|(due, _)| *due <= until) {
            let (due, what) = self.wakes.remove(at);
            self.now = self.now.max(due);
            told.append(&mut self.turn(Event::Woken { what }).effects);
        }
        self.now = until;
        self.effects = told;
        self
    }

    fn arrival(&self, upload: UploadId, name: &str) -> Event {
        match self.files.get(name) {
            Some(Err(problem)) => Event::FileRefused { upload, problem: *problem },
            Some(Ok(measured)) => Event::FileTaken { upload, measured: measured.clone() },
            None => Event::FileTaken { upload, measured: measured(name) },
        }
    }

    pub(super) fn presses(&mut self, data: &str) -> &mut Self {
        self.turn(Event::Pressed(Press {
            query: "query".to_owned(),
            data: data.to_owned(),
            message: Some(MessageId(1)),
        }))
    }

    /// Presses the button of the latest screens whose label has these words.
    pub(super) fn taps(&mut self, label: &str) -> &mut Self {
        let action = self.action(label);
        self.presses(&action.data())
    }

    /// The button of the latest screens whose label has these words.
    pub(super) fn action(&self, label: &str) -> Action {
        let buttons = self.buttons();
        let found = buttons.iter().find(|(words, _)| words.contains(label));
        found.unwrap_or_else(|| panic!("no {label} among {buttons:?}")).1.clone()
    }

    pub(super) fn waits(&mut self, by: Duration) -> &mut Self {
        self.now = self.now.plus(by);
        self
    }

    pub(super) fn next_origin(&mut self) -> Origin {
        self.message = MessageId(self.message.0 + 1);
        Origin { message: self.message, forwarded: false, reply: None, group_command: false }
    }

    /// One update: decisions and answers of the application until nothing is asked any more.
    pub(super) fn turn(&mut self, event: Event) -> &mut Self {
        let pressed = matches!(event, Event::Pressed(_));
        self.effects.clear();
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let effects = self.decide(event);
            for effect in &effects {
                events.extend(self.answer(effect).map(Event::Answered));
            }
            self.effects.extend(effects);
            if !self.slow {
                for (upload, name) in std::mem::take(&mut self.coming) {
                    events.push_back(self.arrival(upload, &name));
                }
            }
        }
        self.check(pressed);
        self
    }

    fn decide(&mut self, event: Event) -> Vec<Effect> {
        self.turns += 1;
        let chance = SeededChance::new(self.turns);
        let action = match &event {
            Event::Pressed(press) => Action::parse(&press.data),
            _ => None,
        };
        let named = action.as_ref().and_then(Action::order);
        let mut orders = self.active.iter().chain(&self.history);
        let world = World {
            now: self.now,
            chance: &chance,
            bot_username: BOT,
            catalog: &self.catalog,
            customer: self.customer.clone(),
            active: self.active.clone(),
            history: self.history.clone(),
            down: self.down.clone(),
            active_orders_max: self.active_max,
            named_order: orders.find(|order| Some(order.id) == named).cloned(),
            replied: self.replied,
            till: self.till_at(action.as_ref()),
        };
        let decision = decide(&world, Session::from_json(&self.kept), event);
        self.kept = decision.session.to_json();
        assert_eq!(self.session(), decision.session, "a restart must not change the session");
        decision.effects
    }

    /// What the application would answer.
    fn answer(&mut self, effect: &Effect) -> Option<AppAnswer> {
        match effect {
            Effect::PlaceOrder { quote, place } => Some(self.place(quote, *place)),
            Effect::AskWaits { place } => {
                let waits = self.active.iter().enumerate().map(|(at, order)| {
                    let ahead = i64::try_from(at).expect("a test orders little");
                    let ahead = Some(ahead).filter(|_| order.state == OrderState::Queued);
                    let seconds = self.left.filter(|_| order.state != OrderState::Unknown);
                    (order.id, Wait { ahead, seconds })
                });
                Some(AppAnswer::Waits { waits: waits.collect(), place: *place })
            }
            Effect::CancelOrder { order, place } => {
                let at = self.active.iter().position(|active| active.id == *order)?;
                let brief = self.active.remove(at);
                let (number, price) = (brief.number, brief.price);
                self.customer.cash = self.customer.cash.checked_add(price).expect("it fits");
                let free = self.customer.free();
                Some(AppAnswer::Cancelled { number, price, free, order: *order, place: *place })
            }
            Effect::TakeFile { upload, file, .. } => {
                self.coming.push((*upload, file.file_id.clone()));
                None
            }
            Effect::WakeAt { at, what } => {
                self.wakes.push((*at, what.clone()));
                None
            }
            Effect::UseResult { .. } if self.forgotten => Some(AppAnswer::ResultGone),
            Effect::UseResult { .. } => {
                let upload = UploadId::new(self.now, &SeededChance::new(self.turns + 1_000_000));
                let measured = self.files.get("result").cloned().and_then(Result::ok);
                let measured = measured.unwrap_or_else(|| measured_photo(2048, 2048));
                Some(AppAnswer::ResultReady { upload, measured })
            }
            Effect::SendOriginal { .. } => self.forgotten.then_some(AppAnswer::OriginalGone),
            Effect::SetFavourite { order, on } => {
                for brief in self.history.iter_mut().filter(|brief| brief.id == *order) {
                    brief.favourite = *on;
                }
                None
            }
            Effect::SetLanguage(lang) => {
                self.customer.lang = *lang;
                None
            }
            money => self.answer_about_money(money),
        }
    }

    fn place(&mut self, quote: &Quote, place: crate::Place) -> AppAnswer {
        let (free, price) = (self.customer.free(), quote.price);
        if self.placed.iter().any(|placed| placed.id == quote.id) {
            return AppAnswer::PlacedBefore;
        }
        if let Some(why) = self.no_orders.clone() {
            return AppAnswer::OrderRefused(why);
        }
        if self.forgotten && !quote.inputs.is_empty() {
            return AppAnswer::FilesGone;
        }
        let Some(left) = free.checked_sub(price).filter(|left| left.get() >= 0) else {
            return AppAnswer::NotEnough { free, price, place };
        };
        self.customer.cash = left;
        let number = 1000 + i64::try_from(self.placed.len()).expect("a test orders little");
        let mut brief = self.order(number, OrderState::Queued, &quote.prompt);
        (brief.price, brief.choices) = (price, quote.choices.clone());
        brief.kind = quote.kind(&self.catalog);
        for input in &quote.inputs {
            let session = self.session();
            let held = session.held.as_ref().map(|held| held.form.files.clone());
            let mut files = session.form.files.iter().chain(held.iter().flatten());
            let file = files.find(|file| file.upload == input.upload);
            let measured = file.and_then(|file| file.measured.clone());
            let measured = measured.expect("only what was read is ordered");
            brief.inputs.push(BriefInput { slot: input.slot, upload: input.upload, measured });
        }
        self.placed.push(quote.clone());
        let ahead = i64::try_from(self.active.len()).expect("a test orders little");
        let order = brief.id;
        self.active.push(brief);
        let model = self.catalog.model(&quote.choices.sku);
        let seconds = model.expect("it is sold").typical_s;
        AppAnswer::Placed { order, number, price, ahead, seconds, place }
    }

    /// What holds after every turn.
    fn check(&self, pressed: bool) {
        let answers: Vec<_> = self
            .effects
            .iter()
            .enumerate()
            .filter_map(|(index, effect)| match effect {
                Effect::AnswerPress { text, .. } => Some((index, text.clone().unwrap_or_default())),
                // The application answers the press.
                Effect::AdminButton { .. } => Some((index, String::new())),
                _ => None,
            })
            .collect();
        match pressed {
            true => {
                assert_eq!(answers.len(), 1, "a press is answered once: {:?}", self.effects);
                assert_eq!(answers[0].0, 0, "and before everything else: {:?}", self.effects);
                assert!(answers[0].1.chars().count() <= TOAST_CHARS_MAX, "{}", answers[0].1);
                assert!(!answers[0].1.contains('<'), "a toast has no markup: {}", answers[0].1);
            }
            false => assert_eq!(answers, [], "nothing was pressed"),
        }
        for screen in self.screens() {
            crate::testing::check_screen(screen);
        }
    }

    pub(super) fn session(&self) -> Session {
        Session::from_json(&self.kept)
    }

    pub(super) fn screens(&self) -> Vec<&Screen> {
        let mut screens = Vec::new();
        for effect in &self.effects {
            if let Effect::Show { screen, .. } = effect {
                screens.push(screen);
            }
        }
        screens
    }

    /// The words of the latest screens, thin spaces as plain ones.
    pub(super) fn words(&self) -> String {
        let words: Vec<_> = self.screens().iter().map(|screen| screen.html.clone()).collect();
        words.join("\n---\n").replace('\u{202f}', " ")
    }

    /// The toast of the latest press.
    pub(super) fn toast(&self) -> Option<&str> {
        match self.effects.first() {
            Some(Effect::AnswerPress { text, .. }) => text.as_deref(),
            _ => None,
        }
    }

    /// Labels and actions of the latest screens, thin spaces as plain ones.
    pub(super) fn buttons(&self) -> Vec<(String, Action)> {
        let mut buttons = Vec::new();
        for screen in self.screens() {
            if let Keyboard::Inline(rows) = &screen.keyboard {
                for button in rows.iter().flatten() {
                    if let Some(action) = button.action() {
                        buttons.push((button.label.replace('\u{202f}', " "), action.clone()));
                    }
                }
            }
        }
        buttons
    }

    pub(super) fn quote(&self) -> Quote {
        match self.session().stage {
            Stage::Quoted { quote } => *quote,
            other => panic!("no offer is open but {other:?}: {}", self.words()),
        }
    }

    pub(super) fn quote_is_open(&self) -> bool {
        matches!(self.session().stage, Stage::Quoted { .. })
    }

    /// The data of the button that confirms the open offer.
    pub(super) fn create_data(&self) -> String {
        Action::Create(self.quote().id).data()
    }

    /// What a customer chose for a kind some other day.
    pub(super) fn session_remembers(&mut self, kind: Kind, sku: &str) {
        let model = self.catalog.model(sku).expect("the row is there");
        let mut session = self.session();
        session.version = 1;
        session.saved_at = self.now;
        session.remembered.insert(kind, model.default_choices());
        self.kept = session.to_json();
    }

    /// What the open offer would make.
    pub(super) fn kind(&self) -> Kind {
        self.quote().kind(&self.catalog)
    }

    pub(super) fn choices(&self) -> Choices {
        self.quote().choices
    }

    /// Sells the default size for another price from now on.
    pub(super) fn sell_for(&mut self, rubles: i64) -> &mut Self {
        let price = Kopecks::from_rubles(rubles);
        self.catalog.override_default_price(&[Kind::Image], Kind::Image, price);
        self
    }
}
