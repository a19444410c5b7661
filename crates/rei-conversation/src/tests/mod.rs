//! The promises of the conversation, told as chats with an application that answers at once.

mod albums;
mod buttons;
mod chat;
mod content;
mod edits;
mod files;
mod held;
mod markup;
mod money_screens;
mod orders;
mod pay;
mod promo;
mod prompts;
mod quotes;
mod results;
mod screens;
mod start;
mod till;
mod wandering;
