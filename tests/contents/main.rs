//! The built-in contents: golden vectors played in both directions, and contents that nobody thought of.

mod forms;
mod fuzz;
mod strategies;
mod vectors;
