//! The rules of evaluation, from plan files to verdicts, each as a sentence.

mod denominators;
mod golden;
mod pace;
mod plans;
mod population;
mod properties;
mod ranking;
mod verdicts;
mod world;
