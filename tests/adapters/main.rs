//! Black-box tests of the adapter host: programs that misbehave, and adapters of real software.

mod by_itself;
mod conforming;
mod faulty;
mod found;
mod real;
mod skeleton;
mod sqlite;
mod vdirsyncer;
mod world;
