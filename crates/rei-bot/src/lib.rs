//! rei-bot
