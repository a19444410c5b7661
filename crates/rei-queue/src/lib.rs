//! rei-queue
