//! What the channel sends and when, and every kind of doubt: nobody gets a message twice.

mod doubt;
mod quiet_hours;
mod sending;
mod support;
