//! One chat with the conversation, and an application that answers in the simplest way.

use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;
use std::time::Duration;

use rei_conversation::testing::check_screen;
use rei_conversation::{
    Action, AppAnswer, Customer, Effect, Event, Keyboard, OrderBrief, PaymentBrief, Press,
    PromoAnswer, Session, Till, World, decide,
};
use rei_domain::catalog::{Catalog, Kind, Measured};
use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, MessageId, OrderId, PaymentId, UploadId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::payment::{PaymentState, RailRules};
use rei_domain::quote::Quote;
use rei_texts::Lang;

pub(crate) const BOT: &str = "rei_bot";
const START: Timestamp = Timestamp(1_795_478_400_000);
/// The customer with this number is one of those who run the bot.
const ADMIN: CustomerId = CustomerId(1);
/// Answers of the application that lead to further questions; the bot gives up after as many.
const ROUNDS_MAX: usize = 4;
/// Telegram's limit for the words of a toast.
const TOAST_CHARS_MAX: usize = 200;
/// Time that passes at once at most: a year.
const WAIT_MAX_S: u64 = 366 * 24 * 3_600;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    Catalog::parse(include_str!("../../data/catalog.toml")).expect("the shipped one is readable")
});

/// What is kept between turns, and the world around it.
pub(crate) struct Chat {
    now: Timestamp,
    customer: Customer,
    orders: Vec<OrderBrief>,
    payments: Vec<PaymentBrief>,
    till: Till,
    wakes: Vec<(Timestamp, String)>,
    /// The session as the book keeps it.
    kept: String,
    /// The data of the buttons on the latest screens.
    buttons: Vec<String>,
    decisions: u64,
}

impl Chat {
    pub(crate) fn new() -> Self {
        let rubles = Kopecks::from_rubles;
        let rules = |rail, unit| RailRules { rail, min: rubles(100), max: rubles(60_000), unit };
        let mut chat = Self {
            now: START,
            customer: Customer {
                id: CustomerId(42),
                lang: Lang::Ru,
                admin: false,
                cash: rubles(300),
                bonus: rubles(20),
                held: Kopecks::ZERO,
            },
            orders: Vec::new(),
            payments: Vec::new(),
            till: Till {
                rails: vec![
                    rules(Rail::YooKassa, None),
                    rules(Rail::Stars, Some(Kopecks::new(130))),
                ],
                amounts: [200, 500, 1_000].map(rubles).to_vec(),
                email_needed: true,
                terms_version: 2,
                ..Till::default()
            },
            wakes: Vec::new(),
            kept: Session::default().to_json(),
            buttons: Vec::new(),
            decisions: 0,
        };
        let delivered = chat.brief(7, OrderState::Delivered);
        chat.orders.push(delivered);
        chat
    }

    pub(crate) fn is_met(&mut self, id: CustomerId, lang: Lang) {
        (self.customer.admin, self.customer.lang) = (id == ADMIN, lang);
    }

    pub(crate) fn presses_button(&mut self, number: usize) {
        if let Some(data) = self.buttons.get(number).cloned() {
            self.presses(&data);
        }
    }

    pub(crate) fn presses(&mut self, data: &str) {
        let (query, message) = ("query".to_owned(), Some(MessageId(1)));
        self.turn(Event::Pressed(Press { query, data: data.to_owned(), message }));
    }

    /// The clock moves on, and what wanted to be woken until then is.
    pub(crate) fn waits(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds.min(WAIT_MAX_S)));
        while let Some(at) = self.wakes.iter().position(|(due, _)| *due <= self.now) {
            let (_, what) = self.wakes.remove(at);
            self.turn(Event::Woken { what });
        }
    }

    /// One update: decisions and answers of the application until nothing is asked any more.
    pub(crate) fn turn(&mut self, event: Event) {
        let is_pressed = matches!(event, Event::Pressed(_));
        let mut done = Vec::new();
        let mut events = VecDeque::from([event]);
        let mut rounds = 0;
        while !events.is_empty() {
            rounds += 1;
            assert!(rounds <= ROUNDS_MAX, "no end of questions: {done:?}");
            let mut answers = VecDeque::new();
            for event in std::mem::take(&mut events) {
                let effects = self.decide(event);
                answers.extend(effects.iter().filter_map(|effect| self.carry_out(effect)));
                done.extend(effects);
            }
            events = answers;
        }
        check_press(is_pressed, &done);
        self.look_at_screens(&done);
        for (upload, measured) in files_on_their_way(&done) {
            self.turn(Event::FileTaken { upload, measured });
        }
    }

    fn decide(&mut self, event: Event) -> Vec<Effect> {
        self.decisions += 1;
        let chance = SeededChance::new(self.decisions);
        let action = match &event {
            Event::Pressed(press) => Action::parse(&press.data),
            _ => None,
        };
        let (order, payment) =
            (action.as_ref().and_then(Action::order), action.as_ref().and_then(Action::payment));
        let is_active = |order: &&OrderBrief| order.state == OrderState::Queued;
        let till = Till {
            open: self.payments.iter().rev().cloned().collect(),
            named: self.payments.iter().find(|it| Some(it.id) == payment).cloned(),
            ..self.till.clone()
        };
        let world = World {
            now: self.now,
            chance: &chance,
            bot_username: BOT,
            catalog: &CATALOG,
            customer: self.customer.clone(),
            active: self.orders.iter().filter(is_active).cloned().collect(),
            history: self.orders.iter().rev().take(5).cloned().collect(),
            down: BTreeSet::new(),
            active_orders_max: 3,
            named_order: self.orders.iter().find(|it| Some(it.id) == order).cloned(),
            replied: self.orders.first().map(|order| (order.id, 1)),
            till,
        };
        let decision = decide(&world, Session::from_json(&self.kept), event);
        self.kept = decision.session.to_json();
        let restored = Session::from_json(&self.kept);
        assert_eq!(restored, decision.session, "a restart must not change the session");
        decision.effects
    }

    /// What the application does and answers.
    fn carry_out(&mut self, effect: &Effect) -> Option<Event> {
        let answer = match effect {
            Effect::PlaceOrder { quote, place } => {
                let (free, price) = (self.customer.free(), quote.price);
                assert!(price.is_positive(), "{quote:?} costs nothing");
                if free < price {
                    AppAnswer::NotEnough { free, price, place: *place }
                } else {
                    self.customer.cash = free.checked_sub(price).expect("it was there");
                    self.customer.bonus = Kopecks::ZERO;
                    let (order, number) = self.placed(quote);
                    AppAnswer::Placed {
                        order,
                        number,
                        price,
                        ahead: 0,
                        seconds: [20, 40],
                        place: *place,
                    }
                }
            }
            Effect::CancelOrder { order, place } => {
                let brief = self.orders.iter_mut().find(|it| it.id == *order)?;
                brief.state = OrderState::Cancelled;
                let (number, price, free) = (brief.number, brief.price, self.customer.free());
                AppAnswer::Cancelled { number, price, free, order: *order, place: *place }
            }
            Effect::UseResult { .. } => {
                let upload = UploadId::new(self.now, &SeededChance::new(self.decisions));
                AppAnswer::ResultReady { upload, measured: measured("picture") }
            }
            Effect::OpenPayment { sum, rail, held, place } => {
                let rules = self.till.rails.iter().find(|rules| rules.rail == *rail);
                assert!(rules.is_some_and(|rules| rules.takes(*sum)), "{rail:?} takes no {sum}");
                let payment = self.payment(*sum, *rail);
                AppAnswer::PaymentOpened { payment, place: *place, held: *held }
            }
            Effect::CheckPayment { payment } => {
                let payment = self.payments.iter().find(|it| it.id == *payment)?.clone();
                AppAnswer::PaymentChecking { payment }
            }
            Effect::AskWaits { place } => AppAnswer::Waits { waits: Vec::new(), place: *place },
            Effect::UsePromo { .. } => AppAnswer::Promo(PromoAnswer::Unknown),
            Effect::SaveEmail { email } => {
                self.till.email.clone_from(email);
                return None;
            }
            Effect::AcceptTerms { version } => {
                self.till.terms_accepted = *version == self.till.terms_version;
                return None;
            }
            Effect::SetLanguage(lang) => {
                self.customer.lang = *lang;
                return None;
            }
            Effect::WakeAt { at, what } => {
                self.wakes.push((*at, what.clone()));
                return None;
            }
            _ => return None,
        };
        Some(Event::Answered(answer))
    }

    fn placed(&mut self, quote: &Quote) -> (OrderId, i64) {
        let number = 100 + i64::try_from(self.orders.len()).unwrap_or_default();
        let mut brief = self.brief(number, OrderState::Queued);
        (brief.price, brief.choices) = (quote.price, quote.choices.clone());
        (brief.prompt, brief.kind) = (quote.prompt.clone(), quote.kind(&CATALOG));
        let order = brief.id;
        self.orders.push(brief);
        (order, number)
    }

    fn brief(&self, number: i64, state: OrderState) -> OrderBrief {
        let model = CATALOG.default_model(Kind::Image).expect("pictures are on sale");
        OrderBrief {
            id: OrderId::new(self.now, &SeededChance::new(number.unsigned_abs())),
            number,
            state,
            price: Kopecks::from_rubles(50),
            prompt: "кот".to_owned(),
            choices: model.default_choices(),
            placed_at: self.now,
            kind: Kind::Image,
            favourite: false,
            has_result: state == OrderState::Delivered,
            inputs: Vec::new(),
        }
    }

    fn payment(&mut self, sum: Kopecks, rail: Rail) -> PaymentBrief {
        let payment = PaymentBrief {
            id: PaymentId::new(self.now, &SeededChance::new(self.decisions)),
            number: i64::try_from(self.payments.len()).unwrap_or_default(),
            sum,
            rail,
            state: PaymentState::Waiting,
            link: Some("https://yoomoney.ru/checkout".to_owned()),
            reason: None,
        };
        self.payments.push(payment.clone());
        payment
    }

    fn look_at_screens(&mut self, effects: &[Effect]) {
        let mut buttons = Vec::new();
        for effect in effects {
            let Effect::Show { screen, .. } = effect else { continue };
            check_screen(screen);
            if let Keyboard::Inline(rows) = &screen.keyboard {
                let actions = rows.iter().flatten().filter_map(|button| button.action());
                buttons.extend(actions.map(Action::data));
            }
        }
        if !buttons.is_empty() {
            self.buttons = buttons;
        }
    }
}

/// A press is answered once, before everything else, in plain words that fit.
fn check_press(is_pressed: bool, effects: &[Effect]) {
    let answers: Vec<_> = effects
        .iter()
        .enumerate()
        .filter_map(|(place, effect)| match effect {
            Effect::AnswerPress { text, .. } => Some((place, text.as_deref().unwrap_or_default())),
            // The application answers the press.
            Effect::AdminButton { .. } => Some((place, "")),
            _ => None,
        })
        .collect();
    match answers.as_slice() {
        [] => assert!(!is_pressed, "a press without an answer: {effects:?}"),
        [(0, text)] => {
            assert!(is_pressed, "nothing was pressed: {effects:?}");
            assert!(text.chars().count() <= TOAST_CHARS_MAX && !text.contains('<'), "{text}");
        }
        _ => panic!("answered late or twice: {effects:?}"),
    }
}

/// Files that were asked for, with what is found in them.
fn files_on_their_way(effects: &[Effect]) -> Vec<(UploadId, Measured)> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::TakeFile { upload, file, .. } => Some((*upload, measured(&file.file_id))),
        _ => None,
    });
    asked.collect()
}

/// A clip when it is called so, else a picture.
fn measured(name: &str) -> Measured {
    let is_clip = name.starts_with("clip");
    Measured {
        file_type: if is_clip { "mp4" } else { "jpg" }.to_owned(),
        size_bytes: 200_000,
        width: 1_280,
        height: 960,
        length_ms: is_clip.then_some(7_200),
    }
}
