//! rei-providers
