//! rei-blobs
