//! rei-storage
