//! The menu, the help pages and everything that only tells something.

use rei_domain::catalog::Kind;
use rei_domain::order::support_number;
use rei_texts::{Lang, Message, MoneyText, Text, shorten};

use crate::Turn;
use crate::ask::count;
use crate::callback::Action;
use crate::choice::HistoryFilter;
use crate::effect::{Button, Effect, Keyboard, Place, Screen};
use crate::event::Origin;
use crate::form::Wish;
use crate::promo::is_code;
use crate::quote::{PROMPT_SHOWN_CHARS, Pace};
use crate::words::Command;

/// The commands for Telegram's menu with their descriptions in a language.
pub fn commands(lang: Lang) -> Vec<(&'static str, String)> {
    let named = |name, text: Text| (name, text.plain(lang));
    vec![
        named("menu", Text::ButtonMenu {}),
        named("image", Text::ButtonImage {}),
        named("edit", Text::LabelEdit {}),
        named("video", Text::LabelVideo {}),
        named("jobs", Text::ButtonJobs {}),
        named("history", Text::LabelHistory {}),
        named("balance", Text::ButtonBalance {}),
        named("pay", Text::LabelPay {}),
        ("statement", MoneyText::ButtonStatement {}.plain(lang)),
        ("promo", MoneyText::ButtonPromo {}.plain(lang)),
        named("settings", Text::LabelSettings {}),
        named("help", Text::ButtonHelp {}),
        named("support", Text::ButtonSupport {}),
    ]
}

impl Turn<'_> {
    pub(crate) fn command(&mut self, command: Command, origin: &Origin) {
        let id = self.world.customer.id.0;
        match command {
            Command::Start { payload } => self.welcome(&payload),
            Command::Menu => self.menu_leaving_forms(),
            Command::Image { prompt } => self.wish(Wish::Picture, prompt, origin),
            Command::Edit { prompt } => self.wish(Wish::Edit, prompt, origin),
            Command::Video { prompt } => self.wish(Wish::Video, prompt, origin),
            Command::Pay => self.pay(Place::New),
            Command::CheckPayment => self.check_latest(),
            Command::Promo { code } => self.promo(&code),
            Command::Invite | Command::DeleteMe => self.say(Text::SoonOther {}),
            Command::Jobs => self.jobs(Place::New),
            Command::History => self.history(HistoryFilter::All, 0, Place::New),
            Command::Repeat => self.repeat_last(),
            Command::Balance => self.balance(Place::New),
            Command::Statement => {
                self.effects.push(Effect::ShowStatement { page: 0, place: Place::New })
            }
            Command::Prices => self.prices(),
            Command::Settings => self.settings(Place::New),
            Command::Ideas => self.ideas(),
            Command::Help => self.help(Place::New),
            Command::How => self.say(Text::How {}),
            Command::Support => self.support(Place::New),
            Command::PaySupport => self.pay_support(),
            Command::Terms => self.terms(),
            Command::Privacy => self.say(Text::Privacy {}),
            Command::Language => self.settings(Place::New),
            Command::Cancel => self.cancel(),
            Command::Id => self.say(Text::MyId { id }),
            Command::Admin { name, args } => self.admin(name, args, origin),
            Command::Unknown => self.say(Text::UnknownCommand {}),
        }
    }

    pub(crate) fn menu_action(&mut self, action: Action, place: Place) {
        match action {
            Action::Help => self.help(place),
            Action::Balance => self.balance(place),
            // Below, because the message with the button may tell of a refund.
            Action::Support => self.support(Place::New),
            Action::Pay => self.pay(place),
            Action::Settings => self.settings(place),
            Action::Setup(kind) => self.setup(kind, place),
            Action::Quick(chosen) => self.quick(chosen, place),
            Action::Language(lang) => self.set_language(lang),
            _ => self.menu_leaving_forms(),
        }
    }

    /// Buttons of the form.
    pub(crate) fn form_action(&mut self, action: Action, place: Place) {
        match action {
            Action::Options(scope, choice) => self.picker(scope, choice, place),
            Action::Choose(scope, choice, value) => self.choose(scope, choice, &value, place),
            Action::Wish(purpose) => self.purpose(purpose, place),
            Action::Plain => self.without_files(place),
            Action::Close => self.close(place),
            Action::Shorten => self.shorten_prompt(place),
            Action::Idea(number) => match idea(number) {
                Some(idea) => self.take_idea(&idea),
                None => self.ideas(),
            },
            // The message with the button may hold something worth keeping, such as a refund.
            Action::Draft => self.open_form(Wish::Picture, Place::New, None),
            _ => self.return_to_form(place),
        }
    }

    fn take_idea(&mut self, idea: &Text) {
        self.session.leave_form();
        self.session.form.wish = Some(Wish::Picture);
        self.session.form.prompt = Some(idea.plain(self.lang()));
        self.proceed(Place::New, Vec::new(), Pace::Quick);
    }

    pub(crate) fn ideas(&mut self) {
        let mut rows: Vec<Vec<Button>> = (1..=4)
            .filter_map(|number| Some(vec![self.button(idea(number)?, Action::Idea(number))]))
            .collect();
        rows.push(vec![self.button(Text::ButtonMenu {}, Action::Menu)]);
        self.show(Screen::with(Text::Ideas {}.html(self.lang()), rows), Place::New, None);
    }

    /// `/start`: every time the same, whatever the payload says; results that waited are handed over. The page of
    /// the payment system leads back here with `pay`, and a link may bring a promo code.
    fn welcome(&mut self, payload: &str) {
        let text = Text::Welcome { balance: self.world.customer.free() };
        let screen = Screen { html: text.html(self.lang()), keyboard: self.main_keyboard() };
        self.show(screen, Place::New, None);
        self.effects.push(Effect::DeliverWaiting);
        if let Some(code) = payload.strip_prefix("promo_").filter(|code| is_code(code)) {
            self.use_promo(code);
        }
        let open = self.world.till.open.first();
        if let (true, Some(payment)) = (payload.starts_with("pay"), open) {
            self.effects.push(Effect::CheckPayment { payment: payment.id });
        }
    }

    pub(crate) fn unblocked(&mut self) {
        self.effects.push(Effect::DeliverWaiting);
    }

    fn menu_leaving_forms(&mut self) {
        let balance = self.world.customer.free();
        let Some(form) = self.session.leave_form() else { return self.menu() };
        match form.prompt {
            Some(prompt) => {
                let prompt = shorten(&prompt, PROMPT_SHOWN_CHARS);
                self.show_menu(&Text::MenuKept { balance, prompt });
            }
            None if form.files.is_empty() => self.menu(),
            None => {
                self.show_menu(&Text::MenuKeptFiles { balance, count: count(form.files.len()) })
            }
        }
    }

    pub(crate) fn menu(&mut self) {
        self.show_menu(&Text::Menu { balance: self.world.customer.free() });
    }

    /// The menu carries the main keyboard, which only a new message can bring.
    fn show_menu(&mut self, text: &Text) {
        let what = match (self.world.all_down(false), self.world.all_down(true)) {
            (true, true) => Some("all"),
            (true, false) => Some("pictures"),
            (false, true) => Some("videos"),
            (false, false) => None,
        };
        let notes = what.map(|what| Text::ProviderDown { what: what.to_owned() });
        let html = self.noted(notes.into_iter().collect(), &text.html(self.lang()));
        self.show(Screen { html, keyboard: self.main_keyboard() }, Place::New, None);
    }

    fn help(&mut self, place: Place) {
        let rows = vec![
            vec![
                self.button(Text::ButtonImage {}, Action::Draft),
                self.button(Text::ButtonBalance {}, Action::Balance),
            ],
            vec![self.button(Text::ButtonSupport {}, Action::Support)],
        ];
        self.show(Screen::with(Text::Help {}.html(self.lang()), rows), place, None);
    }

    fn support(&mut self, place: Place) {
        let latest = self.world.history.first().or_else(|| self.world.active.last());
        let order = latest
            .map_or_else(|| "none".to_owned(), |order| support_number(order.number, order.id));
        let text = Text::Support { contact: self.contact(), id: self.world.customer.id.0, order };
        let rows = vec![vec![self.button(Text::ButtonHelp {}, Action::Help)]];
        self.show(Screen::with(text.html(self.lang()), rows), place, None);
    }

    fn balance(&mut self, place: Place) {
        let customer = &self.world.customer;
        let text = Text::Balance {
            free: customer.free(),
            cash: customer.cash,
            bonus: customer.bonus,
            held: customer.held,
            count: self.world.affordable(Kind::Image, customer.free()),
            videos: self.world.affordable(Kind::TextVideo, customer.free()),
        };
        let mut lines = vec![text.html(self.lang())];
        let mut rows = Vec::new();
        if let Some(debt) = self.debt() {
            lines.push(MoneyText::Frozen { debt }.html(self.lang()));
            rows.extend(self.debt_rows(debt));
        }
        rows.push(vec![
            self.button(Text::ButtonImage {}, Action::Draft),
            self.button(Text::LabelPay {}, Action::Pay),
        ]);
        rows.push(vec![
            self.button(MoneyText::ButtonStatement {}, Action::Statement(0)),
            self.button(MoneyText::ButtonPromo {}, Action::Promo),
        ]);
        rows.extend(self.held_row());
        self.show(Screen::with(lines.join("\n\n"), rows), place, None);
    }

    fn prices(&mut self) {
        let lang = self.lang();
        let mut lines = vec![Text::PricesHead {}.html(lang)];
        for kind in Kind::ALL.into_iter().filter(|kind| self.world.sells(*kind)) {
            let what = self.kind_name(kind).plain(lang);
            lines.push(Text::PricesKind { what }.html(lang));
            for model in self.world.catalog.of_kind(kind) {
                let Some(price) = self.lowest_price(model, None) else { continue };
                let title = model.title(lang == Lang::Ru).to_owned();
                lines.push(Text::PriceLine { title, price }.html(lang));
            }
        }
        lines.push(Text::PricesFoot {}.html(lang));
        let rows = vec![vec![self.button(Text::ButtonImage {}, Action::Draft)]];
        self.show(Screen::with(lines.join("\n"), rows), Place::New, None);
    }

    pub(crate) fn in_group(&mut self) {
        self.say(Text::Group { bot: self.world.bot_username.to_owned() });
    }

    pub(crate) fn lang(&self) -> Lang {
        self.world.customer.lang
    }

    pub(crate) fn button(&self, label: impl Message, action: Action) -> Button {
        Button::new(label.plain(self.lang()), action)
    }

    pub(crate) fn main_keyboard(&self) -> Keyboard {
        Keyboard::Main(main_labels(self.lang()))
    }
}

pub(crate) fn main_labels(lang: Lang) -> Vec<Vec<String>> {
    let row = |labels: [Text; 2]| labels.iter().map(|label| label.plain(lang)).collect();
    vec![
        row([Text::LabelImage {}, Text::LabelEdit {}]),
        row([Text::LabelVideo {}, Text::LabelIdeas {}]),
        row([Text::LabelHistory {}, Text::LabelJobs {}]),
        row([Text::LabelBalance {}, Text::LabelPay {}]),
        row([Text::LabelSettings {}, Text::LabelHelp {}]),
    ]
}

fn idea(number: u8) -> Option<Text> {
    match number {
        1 => Some(Text::Idea1 {}),
        2 => Some(Text::Idea2 {}),
        3 => Some(Text::Idea3 {}),
        4 => Some(Text::Idea4 {}),
        _ => None,
    }
}
