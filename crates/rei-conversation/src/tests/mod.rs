//! The promises of the conversation, told as chats with an application that answers at once.

mod albums;
mod buttons;
mod chat;
mod content;
mod edits;
mod markup;
mod orders;
mod prompts;
mod quotes;
mod results;
mod screens;
mod start;
mod wandering;
