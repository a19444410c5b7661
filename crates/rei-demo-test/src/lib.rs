//! The demo's page in a real browser. A crate of its own, because the browser's protocol is dear to build; it has only tests.
