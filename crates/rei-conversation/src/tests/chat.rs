//! A chat for tests: keeps the session as JSON between turns, plays the application, and checks what every
//! single decision must hold.

use std::time::Duration;

use rei_domain::catalog::{Catalog, Choices, Kind};
use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, MessageId, OrderId};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::quote::Quote;
use rei_texts::Lang;

use super::markup::check_screen;
use crate::{
    Action, AppAnswer, Content, Customer, Effect, Event, Keyboard, OrderBrief, Origin, Press,
    Screen, Session, Stage, Typed, World, decide,
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
    pub(super) provider_down: bool,
    pub(super) active_max: usize,
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
            provider_down: false,
            active_max: 3,
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
        Origin {
            message: self.message,
            forwarded: false,
            replies_to_picture: false,
            group_command: false,
        }
    }

    /// One update: decisions and answers of the application until nothing is asked any more.
    pub(super) fn turn(&mut self, event: Event) -> &mut Self {
        let pressed = matches!(event, Event::Pressed(_));
        self.effects.clear();
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let effects = self.decide(event);
            for effect in &effects {
                events.extend(self.answer(effect).map(Event::Answered));
            }
            self.effects.extend(effects);
        }
        self.check(pressed);
        self
    }

    fn decide(&mut self, event: Event) -> Vec<Effect> {
        self.turns += 1;
        let chance = SeededChance::new(self.turns);
        let named = match &event {
            Event::Pressed(press) => Action::parse(&press.data).and_then(|action| action.order()),
            _ => None,
        };
        let mut orders = self.active.iter().chain(&self.history);
        let world = World {
            now: self.now,
            chance: &chance,
            bot_username: BOT,
            catalog: &self.catalog,
            customer: self.customer.clone(),
            active: self.active.clone(),
            history: self.history.clone(),
            provider_down: self.provider_down,
            active_orders_max: self.active_max,
            named_order: orders.find(|order| Some(order.id) == named).cloned(),
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
            Effect::CancelOrder { order, place } => {
                let at = self.active.iter().position(|active| active.id == *order)?;
                let brief = self.active.remove(at);
                let (number, price) = (brief.number, brief.price);
                self.customer.cash = self.customer.cash.checked_add(price).expect("it fits");
                let free = self.customer.free();
                Some(AppAnswer::Cancelled { number, price, free, order: *order, place: *place })
            }
            Effect::SetLanguage(lang) => {
                self.customer.lang = *lang;
                None
            }
            _ => None,
        }
    }

    fn place(&mut self, quote: &Quote, place: crate::Place) -> AppAnswer {
        let (free, price) = (self.customer.free(), quote.price);
        if self.placed.iter().any(|placed| placed.id == quote.id) {
            return AppAnswer::PlacedBefore;
        }
        let Some(left) = free.checked_sub(price).filter(|left| left.get() >= 0) else {
            return AppAnswer::NotEnough { free, price, place };
        };
        self.customer.cash = left;
        let number = 1000 + i64::try_from(self.placed.len()).expect("a test orders little");
        let mut brief = self.order(number, OrderState::Queued, &quote.prompt);
        (brief.price, brief.choices) = (price, quote.choices.clone());
        self.placed.push(quote.clone());
        let ahead = i64::try_from(self.active.len()).expect("a test orders little");
        let order = brief.id;
        self.active.push(brief);
        AppAnswer::Placed { order, number, price, ahead, place }
    }

    /// What holds after every turn.
    fn check(&self, pressed: bool) {
        let answers: Vec<_> = self
            .effects
            .iter()
            .enumerate()
            .filter_map(|(index, effect)| match effect {
                Effect::AnswerPress { text, .. } => Some((index, text.clone().unwrap_or_default())),
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
            check_screen(screen);
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
                let row = rows.iter().flatten();
                buttons.extend(
                    row.map(|button| {
                        (button.label.replace('\u{202f}', " "), button.action.clone())
                    }),
                );
            }
        }
        buttons
    }

    pub(super) fn quote(&self) -> Quote {
        match self.session().stage {
            Stage::Quoted { quote, .. } => *quote,
            other => panic!("no offer is open but {other:?}"),
        }
    }

    pub(super) fn choices(&self) -> Choices {
        self.quote().choices
    }

    /// Sells the default size for another price from now on.
    pub(super) fn sell_for(&mut self, rubles: i64) -> &mut Self {
        self.catalog.override_default_price(Kind::Image, Kopecks::from_rubles(rubles));
        self
    }
}
