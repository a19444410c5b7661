//! rei-app
