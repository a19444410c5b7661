//! rei-telegram
