//! What goes to chats: messages as they stand in the outbox, and the sender that takes them there.

mod outgoing;
mod pacing;
mod record;
mod send;
mod sender;

pub use outgoing::{Buttons, Outgoing, Target, order_slot, put};
pub use sender::{Sender, SenderOptions};
