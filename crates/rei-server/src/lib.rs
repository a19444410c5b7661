//! rei-server
