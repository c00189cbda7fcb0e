//! A trace: what happened in one run of one plan, step by step, for pictures and messages. The hot path keeps none.

use crate::contract::implementation::Answer;
use crate::plan::Step;
use crate::view::View;

/// One step as it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenStep {
    /// The step of the plan that this belongs to; several moments share one where a step is taken apart.
    pub number: usize,
    /// What was done.
    pub step: Step,
    /// What the implementation answered; none where the step was skipped as impossible.
    pub answer: Option<Answer>,
    /// What was seen after it.
    pub view: View,
}

/// What happened in one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// What was seen at the start.
    pub start: View,
    /// The steps, in order.
    pub moments: Vec<TakenStep>,
}
