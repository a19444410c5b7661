//! What a person does with buttons: taps them, and pays.

use serde::Serialize;
use serde_json::{Value, json};

use super::chat::{Chat, Stored};
use super::error::SimError;
use super::stars::{CheckoutState, Invoice};
use super::state::World;
use super::user::User;
use super::view::{SimButton, buttons};

/// What a tap did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "tap", rename_all = "snake_case")]
pub enum Tap {
    /// A `callback_query` went out.
    Pressed {
        /// Its id.
        query_id: String,
    },
    /// The label was sent as a text.
    Said {
        /// The message.
        message_id: i64,
    },
    /// A link was opened.
    Opened {
        /// The address.
        url: String,
    },
    /// A text was copied.
    Copied {
        /// The text.
        text: String,
    },
    /// A payment was begun.
    CheckedOut {
        /// The `pre_checkout_query`.
        query_id: String,
    },
}

/// Where a label was found.
enum Found {
    Inline(i64, SimButton),
    Own(SimButton),
}

impl User {
    /// Taps the button whose label is, or else contains, this text: under the newest message that has one, or else on the
    /// keyboard under the input line.
    ///
    /// # Errors
    /// No such button (the words list those there are), it is disabled, or the bot is blocked.
    pub fn taps(&self, label: &str) -> Result<Tap, SimError> {
        let found = self.in_chat(|chat| find(chat, label)).flatten();
        match found {
            Some(Found::Inline(message_id, button)) => self.uses(message_id, &button),
            Some(Found::Own(button)) => {
                let message_id = self.says(&button.text)?;
                Ok(Tap::Said { message_id })
            }
            None => {
                let shown = self.in_chat(labels).unwrap_or_default();
                Err(SimError::new(format_args!("no button \"{label}\"; there are: {shown:?}")))
            }
        }
    }

    /// Presses a button with this data under a message, whether it is there or not: an old or modified client can do that.
    /// A message that is gone arrives as an `InaccessibleMessage`.
    ///
    /// # Errors
    /// The bot is blocked, or the person has never written to it.
    pub fn taps_data(&self, message_id: i64, data: &str) -> Result<String, SimError> {
        self.sim.shared.with(|world| press(world, self.id, message_id, data))
    }

    fn uses(&self, message_id: i64, button: &SimButton) -> Result<Tap, SimError> {
        let value = button.value.clone().unwrap_or_default();
        match button.kind.as_str() {
            "callback_data" => {
                let query_id = self.taps_data(message_id, &value)?;
                Ok(Tap::Pressed { query_id })
            }
            "url" | "web_app" | "login_url" => Ok(Tap::Opened { url: value }),
            "copy_text" => Ok(Tap::Copied { text: value }),
            "pay" => Ok(Tap::CheckedOut { query_id: self.pays(message_id)? }),
            kind => Err(SimError::new(format_args!("the button \"{}\" is {kind}", button.text))),
        }
    }

    /// Begins to pay the invoice in a message; returns the id of the `pre_checkout_query`.
    ///
    /// # Errors
    /// It is no invoice.
    pub fn pays(&self, message_id: i64) -> Result<String, SimError> {
        self.sim.shared.with(|world| {
            let invoice = world.stars.invoices.get(&(self.id, message_id)).cloned();
            check_out(world, self.id, invoice)
        })
    }

    /// Begins to pay the invoice behind a link.
    ///
    /// # Errors
    /// No such link.
    pub fn pays_link(&self, link: &str) -> Result<String, SimError> {
        self.sim.shared.with(|world| {
            let invoice = world.stars.links.get(link).cloned();
            check_out(world, self.id, invoice)
        })
    }

    /// Looks at the invoice behind a link, as the sheet shows it before anything is paid; closing it tells nobody.
    pub fn sees_invoice(&self, link: &str) -> Option<Invoice> {
        self.sim.shared.with(|world| world.stars.links.get(link).cloned())
    }

    /// Begins to pay an invoice by its link or, for scripts that know only what the bot put into it, its payload.
    ///
    /// # Errors
    /// No such invoice.
    pub fn pays_invoice(&self, link_or_payload: &str) -> Result<String, SimError> {
        self.sim.shared.with(|world| {
            let invoice = world.stars.find(link_or_payload).cloned();
            check_out(world, self.id, invoice)
        })
    }

    /// Closes the sheet while the bot is being asked: whatever it answers is too late.
    ///
    /// # Errors
    /// The bot has answered, or its time is over.
    pub fn declines(&self, query_id: &str) -> Result<(), SimError> {
        self.sim.shared.with(|world| {
            let declined = world.stars.decline(query_id, world.now_ms);
            declined.ok_or_else(|| SimError::new(format_args!("{query_id} does not wait")))?;
            world.touch();
            Ok(())
        })
    }

    /// How a payment stands.
    pub fn checkout(&self, query_id: &str) -> Option<CheckoutState> {
        self.sim.shared.with(|world| world.stars.state(query_id, world.now_ms))
    }
}

/// An exact label wins over a part of one, a message's button over the keyboard, a newer message over an older.
fn find(chat: &Chat, label: &str) -> Option<Found> {
    let own = chat.keyboard.as_ref().map(|keyboard| buttons(&keyboard.markup)).unwrap_or_default();
    let pick = |fits: &dyn Fn(&SimButton) -> bool| {
        let inline = chat.messages().rev().find_map(|message| {
            let button = shown(message).into_iter().flatten().find(|button| fits(button))?;
            Some(Found::Inline(message.id, button))
        });
        inline.or_else(|| own.iter().flatten().find(|button| fits(button)).cloned().map(Found::Own))
    };
    pick(&|button| button.text == label).or_else(|| pick(&|button| button.text.contains(label)))
}

/// The buttons under a message.
fn shown(message: &Stored) -> Vec<Vec<SimButton>> {
    message.api.get("reply_markup").map(buttons).unwrap_or_default()
}

fn labels(chat: &Chat) -> Vec<String> {
    let inline = chat.messages().rev().flat_map(shown);
    let own = chat.keyboard.iter().flat_map(|keyboard| buttons(&keyboard.markup));
    inline.chain(own).flatten().map(|button| button.text).collect()
}

fn press(world: &mut World, user_id: i64, message_id: i64, data: &str) -> Result<String, SimError> {
    let from = world.people.get(&user_id).cloned().unwrap_or_default();
    let Some(chat) = world.chats.get(&user_id) else {
        return Err(SimError::new(format_args!("{user_id} has never written to the bot")));
    };
    if chat.blocked {
        return Err(SimError::new(format_args!("{user_id} has blocked the bot")));
    }
    let message = match chat.message(message_id) {
        Some(Stored { api, .. }) => Value::Object(api.clone()),
        None => json!({"chat": chat.card, "message_id": message_id, "date": 0}),
    };
    let id = world.taps.begin(user_id, world.now_ms);
    let query = json!({
        "id": id, "from": from, "message": message, "data": data,
        "chat_instance": format!("{}", 7_000_000_000_i64 + user_id),
    });
    world.update("callback_query", &query);
    Ok(id)
}

fn check_out(
    world: &mut World,
    user_id: i64,
    invoice: Option<Invoice>,
) -> Result<String, SimError> {
    let invoice = invoice.ok_or_else(|| SimError::new("there is no such invoice"))?;
    let from = world.people.get(&user_id).cloned().unwrap_or_default();
    let (currency, total, payload) =
        (invoice.currency.clone(), invoice.total, invoice.payload.clone());
    let id = world.stars.check_out(user_id, invoice, world.now_ms);
    let query = json!({
        "id": id, "from": from, "currency": currency, "total_amount": total,
        "invoice_payload": payload,
    });
    world.update("pre_checkout_query", &query);
    Ok(id)
}
