//! rei-sim
