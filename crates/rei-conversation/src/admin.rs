//! The commands and buttons of those who run the bot, passed on unread. Everybody else gets the ordinary
//! "unknown command".

use rei_texts::Text;

use crate::Turn;
use crate::effect::{Effect, Place};
use crate::event::{Origin, Press};

/// The commands of those who run the bot; `/prices` is the customers' list too, so it isn't one.
pub const COMMANDS: &[&str] = &[
    "add",
    "adjust",
    "admin",
    "admin_adjust",
    "admin_cancel_job",
    "admin_job",
    "admin_jobs",
    "admin_refund",
    "admin_user",
    "assign",
    "audit",
    "ban",
    "bans",
    "chargeback",
    "config",
    "doctor",
    "export",
    "flag",
    "grant_role",
    "health",
    "ledger",
    "maintenance",
    "models",
    "payment",
    "payments",
    "price",
    "price_kling",
    "price_nanobanana",
    "promo_new",
    "promo_off",
    "promos",
    "provider",
    "queues",
    "recheck",
    "reconcile",
    "refund",
    "requeue",
    "return",
    "roles",
    "stats",
    "stuck",
    "sub",
    "suspense",
    "trial",
    "unban",
    "user",
    "users",
    "version",
];

impl Turn<'_> {
    pub(crate) fn admin(&mut self, name: String, args: String, origin: &Origin) {
        if !self.world.customer.admin {
            return self.say(Text::UnknownCommand {});
        }
        let reply = origin.reply.as_ref().and_then(|reply| reply.message);
        self.effects.push(Effect::Admin { name, args, message: origin.message, reply });
    }

    /// The application answers the press, because only it knows what became of it.
    pub(crate) fn admin_button(
        &mut self,
        act: String,
        id: String,
        arg: Option<String>,
        press: Press,
        place: Place,
    ) {
        if !self.world.customer.admin {
            return self.toast(&press, Some(Text::StrangerButton {}));
        }
        self.effects.push(Effect::AdminButton { act, id, arg, place, query: press.query });
    }
}
