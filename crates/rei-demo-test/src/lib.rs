//! rei-demo-test
