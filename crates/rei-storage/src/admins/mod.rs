//! The book of those who run the bot: who may do what, changes that wait for a yes, what was changed, bans, prices,
//! and what they look at.

mod actions;
mod bans;
mod order_money;
mod people;
mod prices;
mod requests;
mod roles;
mod switches;
mod work;

#[cfg(test)]
mod tests;

pub use actions::{ActionRow, NewAction, actions, record};
pub use bans::{BanRow, ban, ban_of, bans, unban};
pub use order_money::{LegRow, legs_of_order};
pub use people::{
    Card, Consent, PersonRow, card, consents, find_username, note_username, people, people_named,
};
pub use prices::{
    NewPrice, PriceVersion, add_price, price_version, prices_in_use, prices_of, withdraw_price,
};
pub use requests::{
    NewRequest, RequestRow, RequestState, ask, decide, find_request, keep_undo, postpone,
    request_of_key,
};
pub use roles::{RoleRow, drop_role, role_of, roles, set_role};
pub use switches::{SwitchRow, find_switch, put_switch, switches};
pub use work::{
    AttemptTimes, Delivery, StuckOrder, attempt_times, deliveries, find_number, hurry_job,
    orders_in, stuck_orders,
};

use crate::Sql;

/// The statements of this folder.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [
        actions::ALL,
        bans::ALL,
        order_money::ALL,
        people::ALL,
        prices::ALL,
        requests::ALL,
        roles::ALL,
        switches::ALL,
        work::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}
