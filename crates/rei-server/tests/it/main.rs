//! The product's tests: the real product with its real clients and a real database, fakes on the network.

mod app;
mod first_order;
