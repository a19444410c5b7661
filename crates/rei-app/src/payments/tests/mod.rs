//! Money out and the comparison, on real books of both engines, beside a payment system that does as it is told.

mod bank;
mod comparison;
mod faults;
mod keys;
mod offsets;
mod past_us;
mod rail;
mod refunds;
mod strangers;
mod suspense;
