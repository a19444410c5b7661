//! rei-texts
