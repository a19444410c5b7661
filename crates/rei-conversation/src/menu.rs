//! The menu, the help pages and everything that only tells something.

use rei_domain::order::support_number;
use rei_texts::{Lang, Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Effect, Keyboard, Place, Screen};
use crate::event::Origin;
use crate::quote::PROMPT_SHOWN_CHARS;
use crate::words::Command;

/// The commands for Telegram's menu with their descriptions in a language.
pub fn commands(lang: Lang) -> Vec<(&'static str, String)> {
    let named = |name, text: Text| (name, text.plain(lang));
    vec![
        named("menu", Text::ButtonMenu {}),
        named("image", Text::ButtonImage {}),
        named("jobs", Text::ButtonJobs {}),
        named("history", Text::LabelHistory {}),
        named("balance", Text::ButtonBalance {}),
        named("settings", Text::LabelSettings {}),
        named("help", Text::ButtonHelp {}),
        named("support", Text::ButtonSupport {}),
    ]
}

impl Turn<'_> {
    pub(crate) fn command(&mut self, command: Command, origin: Origin) {
        let id = self.world.customer.id.0;
        match command {
            Command::Start { .. } => self.welcome(),
            Command::Menu => self.menu_leaving_forms(),
            Command::Image { prompt } if prompt.is_empty() => self.open_draft(Place::New, None),
            Command::Image { prompt } => self.prompt(prompt, origin),
            Command::Edit => self.say(Text::SoonEdit {}),
            Command::Video => self.say(Text::SoonVideo {}),
            Command::Pay => self.say(Text::SoonPay { id }),
            Command::Promo | Command::Invite | Command::DeleteMe => self.say(Text::SoonOther {}),
            Command::Jobs => self.jobs(Place::New),
            Command::History => self.history(0, Place::New),
            Command::Repeat => self.repeat_last(),
            Command::Balance => self.balance(Place::New),
            Command::Statement => self.effects.push(Effect::ShowStatement),
            Command::Prices => self.prices(),
            Command::Settings => self.settings(),
            Command::Ideas => self.ideas(),
            Command::Help => self.help(Place::New),
            Command::How => self.say(Text::How {}),
            Command::Support => self.support(Place::New),
            Command::PaySupport => self.say(Text::Paysupport { id }),
            Command::Terms => self.say(Text::Terms {}),
            Command::Privacy => self.say(Text::Privacy {}),
            Command::Language => self.settings(),
            Command::Cancel => self.cancel(),
            Command::Id => self.say(Text::MyId { id }),
            Command::Admin { name, args } => self.admin(&name, args, origin),
            Command::Unknown => self.say(Text::UnknownCommand {}),
        }
    }

    pub(crate) fn menu_action(&mut self, action: Action, place: Place) {
        match action {
            Action::Help => self.help(place),
            Action::Balance => self.balance(place),
            // Below, because the message with the button may tell of a refund.
            Action::Support => self.support(Place::New),
            Action::Pay => self.say(Text::SoonPay { id: self.world.customer.id.0 }),
            _ => self.menu_leaving_forms(),
        }
    }

    /// `/start`: every time the same, whatever the payload says; results that waited are handed over.
    fn welcome(&mut self) {
        let text = Text::Welcome { balance: self.world.customer.free() };
        let screen = Screen { html: text.html(self.lang()), keyboard: self.main_keyboard() };
        self.show(screen, Place::New, None);
        self.effects.push(Effect::DeliverWaiting);
    }

    pub(crate) fn unblocked(&mut self) {
        self.effects.push(Effect::DeliverWaiting);
    }

    fn menu_leaving_forms(&mut self) {
        match self.session.leave_form() {
            Some(prompt) => {
                let prompt = shorten(&prompt, PROMPT_SHOWN_CHARS);
                self.show_menu(&Text::MenuKept { balance: self.world.customer.free(), prompt });
            }
            None => self.menu(),
        }
    }

    pub(crate) fn menu(&mut self) {
        self.show_menu(&Text::Menu { balance: self.world.customer.free() });
    }

    /// The menu carries the main keyboard, which only a new message can bring.
    fn show_menu(&mut self, text: &Text) {
        let note = self.world.provider_down.then_some(Text::ProviderDown {});
        let screen = Screen { html: self.noted(note, text), keyboard: self.main_keyboard() };
        self.show(screen, Place::New, None);
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
        let text = Text::Support { id: self.world.customer.id.0, order };
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
            count: self.world.affordable(customer.free()),
        };
        let rows = vec![vec![
            self.button(Text::ButtonImage {}, Action::Draft),
            self.button(Text::LabelPay {}, Action::Pay),
        ]];
        self.show(Screen::with(text.html(self.lang()), rows), place, None);
    }

    fn prices(&mut self) {
        let lang = self.lang();
        let mut lines = vec![Text::PricesHead {}.html(lang)];
        for model in self.world.catalog.on_sale() {
            for row in &model.prices {
                let title = model.title(lang == Lang::Ru).to_owned();
                lines.push(
                    Text::PriceLine { title, size: row.size.clone(), price: row.sale }.html(lang),
                );
            }
        }
        lines.push(Text::PricesFoot {}.html(lang));
        let rows = vec![vec![self.button(Text::ButtonImage {}, Action::Draft)]];
        self.show(Screen::with(lines.join("\n"), rows), Place::New, None);
    }

    fn settings(&mut self) {
        let Some(choices) = self.choices() else { return self.say(Text::NothingOnSale {}) };
        let text = Text::Settings { ratio: choices.ratio.clone(), size: choices.size.clone() };
        let rows = vec![
            self.choice_buttons(&choices),
            vec![
                self.button(Text::ButtonRussian {}, Action::Language(Lang::Ru)),
                self.button(Text::ButtonEnglish {}, Action::Language(Lang::En)),
            ],
        ];
        self.show(Screen::with(text.html(self.lang()), rows), Place::New, None);
    }

    /// The new language counts from this very answer.
    pub(crate) fn set_language(&mut self, lang: Lang) {
        self.effects.push(Effect::SetLanguage(lang));
        let screen = Screen {
            html: Text::LanguageSet {}.html(lang),
            keyboard: Keyboard::Main(main_labels(lang)),
        };
        self.show(screen, Place::New, None);
    }

    pub(crate) fn in_group(&mut self) {
        self.say(Text::Group { bot: self.world.bot_username.to_owned() });
    }

    pub(crate) fn lang(&self) -> Lang {
        self.world.customer.lang
    }

    pub(crate) fn button(&self, label: Text, action: Action) -> Button {
        Button::new(label.plain(self.lang()), action)
    }

    pub(crate) fn main_keyboard(&self) -> Keyboard {
        Keyboard::Main(main_labels(self.lang()))
    }
}

fn main_labels(lang: Lang) -> Vec<Vec<String>> {
    let row = |labels: [Text; 2]| labels.iter().map(|label| label.plain(lang)).collect();
    vec![
        row([Text::LabelImage {}, Text::LabelEdit {}]),
        row([Text::LabelVideo {}, Text::LabelIdeas {}]),
        row([Text::LabelHistory {}, Text::LabelJobs {}]),
        row([Text::LabelBalance {}, Text::LabelPay {}]),
        row([Text::LabelSettings {}, Text::LabelHelp {}]),
    ]
}
