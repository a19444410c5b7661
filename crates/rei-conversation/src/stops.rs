//! What stops orders whatever the wallet holds: a debt, a ban, works on the house.

use rei_domain::money::Kopecks;
use rei_texts::{MoneyText, Text};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Place, Screen};
use crate::held::Held;
use crate::session::Stage;
use crate::till::OrderRefusal;

impl Turn<'_> {
    /// What is known to stop orders of this customer.
    pub(crate) fn stopped(&self) -> Option<OrderRefusal> {
        let till = &self.world.till;
        match till.banned.clone() {
            Some(reason) => Some(OrderRefusal::Banned { reason }),
            None => till.frozen.then(|| OrderRefusal::Frozen { debt: self.below_zero() }),
        }
    }

    /// The debt that stops orders.
    pub(crate) fn debt(&self) -> Option<Kopecks> {
        let debt = self.below_zero();
        (self.world.till.frozen && debt.is_positive()).then_some(debt)
    }

    fn below_zero(&self) -> Kopecks {
        self.world.customer.cash.missing_to(Kopecks::ZERO)
    }

    /// A button that pays a debt by each way that takes such a sum.
    pub(crate) fn debt_rows(&self, debt: Kopecks) -> Vec<Vec<Button>> {
        let ways = self.world.till.rails.iter().filter_map(|rules| {
            let sum = rules.sum_for(debt)?;
            let action = Action::TopUp(rules.rail, sum.get());
            Some(vec![match rules.unit {
                Some(_) => self.sum_button(rules, sum, action),
                None => self.button(MoneyText::ButtonPayDebt { sum }, action),
            }])
        });
        ways.collect()
    }

    /// The application did not take the order. An offer or a held order stays as it was.
    pub(crate) fn order_refused(&mut self, why: OrderRefusal) {
        match (self.held_refused(), why) {
            (Some(held), OrderRefusal::Busy { minutes }) => self.held_waits(&held, minutes),
            (_, why) => self.order_stopped(why, Vec::new()),
        }
    }

    /// The held order would have to wait too long; it is kept, and its button tries again.
    fn held_waits(&mut self, held: &Held, minutes: i64) {
        let html = MoneyText::HeldQueueFull { minutes }.html(self.lang());
        let drop = self.button(MoneyText::ButtonHeldDrop {}, Action::HeldDrop(held.id));
        let rows = vec![vec![self.held_button(&held.quote), drop]];
        self.show(Screen::with(html, rows), Place::New, None);
    }

    pub(crate) fn order_stopped(&mut self, why: OrderRefusal, mut lines: Vec<String>) {
        let lang = self.lang();
        let menu = self.button(Text::ButtonMenu {}, Action::Menu);
        let rows = match why {
            OrderRefusal::Banned { reason } => {
                lines.push(self.banned_html(reason));
                vec![vec![self.button(Text::ButtonBalance {}, Action::Balance), menu]]
            }
            OrderRefusal::Frozen { debt } => {
                lines.push(MoneyText::Frozen { debt }.html(lang));
                let mut rows = self.debt_rows(debt);
                rows.push(vec![self.button(MoneyText::ButtonPayHelp {}, Action::PaySupport), menu]);
                rows
            }
            OrderRefusal::Maintenance { text } => {
                let text = text.filter(|text| !text.trim().is_empty());
                let text = text.unwrap_or_else(|| "none".to_owned());
                lines.push(MoneyText::Maintenance { text }.html(lang));
                let again = match self.session.stage {
                    Stage::Quoted { .. } => {
                        vec![vec![self.button(Text::ButtonRetry {}, Action::Form)]]
                    }
                    _ => self.held_row(),
                };
                again.into_iter().chain([vec![menu]]).collect()
            }
            OrderRefusal::Busy { minutes } => {
                lines.push(MoneyText::QueueFull { minutes }.html(lang));
                let again = match &self.session.stage {
                    Stage::Quoted { quote } => Some(vec![self.create_button(quote)]),
                    _ => None,
                };
                again.into_iter().chain([vec![menu]]).collect()
            }
        };
        self.show(Screen::with(lines.join("\n\n"), rows), Place::New, None);
    }

    /// Orders and payments are closed; the balance and the support stay open.
    pub(crate) fn say_banned(&mut self, reason: String, place: Place) {
        self.session.top_up = None;
        let html = self.banned_html(reason);
        let rows = vec![vec![
            self.button(Text::ButtonBalance {}, Action::Balance),
            self.button(Text::ButtonSupport {}, Action::Support),
        ]];
        self.show(Screen::with(html, rows), place, None);
    }

    fn banned_html(&self, reason: String) -> String {
        let (support, id) = (self.contact(), self.world.customer.id.0);
        MoneyText::Banned { reason, support, id }.html(self.lang())
    }
}
