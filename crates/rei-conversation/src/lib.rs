//! rei-conversation
