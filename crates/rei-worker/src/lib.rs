//! rei-worker
