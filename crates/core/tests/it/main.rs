//! What the core promises as a whole. The fold is tested against `reference`, which is written from `doc/fusion.md`
//! alone, and against cases whose results were computed by hand.

mod boundaries;
mod by_hand;
mod equality;
mod fast;
mod histories;
mod issues;
mod reference;
mod retired;
mod story;
