//! rei-web
