//! Implementations that cannot be stepped: one look may fall into the middle of something.
//!
//! The oracle takes every synchronization into account that may have happened; what is seen half done it cannot. So a
//! divergence counts only where two looks, each after `settle`, show the same and nothing explains it.

use tombstone_model::contract::implementation::{Answer, Implementation, SETTLE_ROUNDS};
use tombstone_model::ids::UserId;
use tombstone_model::oracle::{Forecast, Judgement, Oracle};
use tombstone_model::plan::{Op, Place, Step};
use tombstone_model::trace::{TakenStep, Trace};
use tombstone_model::verdict::RunVerdict;
use tombstone_model::view::View;

use super::{Runner, StepEnd, ended, fold};

/// In how many rounds everything has crossed: to the CRM, to every other mailbox, and one for what came of that.
const ROUNDS: usize = 3;

impl<'a> Runner<'a> {
    /// What stands of a judgement on what was seen after these steps; `before` is the oracle before them.
    pub(super) fn confirm(
        &mut self,
        judgement: Judgement,
        before: &Oracle<'a>,
        steps: &[Step],
        answer: &Answer,
        implementation: &mut dyn Implementation,
    ) -> Result<Judgement, StepEnd> {
        if !matches!(judgement, Judgement::Diverges(_)) {
            return Ok(judgement);
        }
        let mut last: Option<View> = None;
        for _ in 0..SETTLE_ROUNDS {
            settle(implementation)?;
            self.look(implementation)?;
            self.oracle.clone_from(before);
            let judgement = self.judge_all(steps, answer);
            if !matches!(judgement, Judgement::Diverges(_)) || last.as_ref() == Some(&self.view) {
                return Ok(judgement);
            }
            last = Some(self.view.clone());
        }
        Err(undecided("what is seen is explained by nothing, and no two looks agree, each after `settle`".to_owned()))
    }

    /// Lets an implementation that synchronizes by itself come to rest: as if every mailbox had been synchronized until
    /// nothing changed.
    pub(super) fn settle_by_itself(
        &mut self,
        number: usize,
        implementation: &mut dyn Implementation,
        trace: Option<&mut Trace>,
    ) -> Result<bool, StepEnd> {
        let users = (0..self.oracle.scene().users.len() as u8).map(UserId);
        let round: Vec<Step> = users.filter_map(|user| self.synchronization(user)).collect();
        let Some(by) = round.first().map(|step| step.by) else { return Ok(false) };
        let steps = round.repeat(ROUNDS);
        let before = self.oracle.clone();
        let answer = settle(implementation)?;
        self.steps += 1;
        self.look(implementation)?;
        self.digest = fold(self.digest, &answer, &self.view);
        let judgement = self.judge_all(&steps, &answer);
        let judgement =
            if self.unsteady { self.confirm(judgement, &before, &steps, &answer, implementation)? } else { judgement };
        if let Some(trace) = trace {
            let step = Step { by, at: Place::Web, op: Op::Settle };
            trace.moments.push(TakenStep { number, step, answer: Some(answer), view: self.view.clone() });
        }
        ended(judgement)?;
        self.checked.steps += 1;
        self.checked.rests += 1;
        Ok(true)
    }

    fn look(&mut self, implementation: &mut dyn Implementation) -> Result<(), StepEnd> {
        let broken = |failure: tombstone_model::contract::implementation::ImplementationFailure| {
            RunVerdict::Broken(failure.message.into())
        };
        implementation.observe(&mut self.view).map_err(|failure| StepEnd::Verdict(broken(failure)))
    }

    /// Judges what is seen now as what is seen after all of these steps.
    fn judge_all(&mut self, steps: &[Step], answer: &Answer) -> Judgement {
        for step in steps {
            if self.oracle.forecast(step) == Forecast::Impossible {
                continue;
            }
            match self.oracle.judge(answer, &self.view) {
                Judgement::Explained => {}
                judgement @ (Judgement::Diverges(_) | Judgement::Inconclusive(_)) => return judgement,
            }
        }
        Judgement::Explained
    }
}

fn undecided(why: String) -> StepEnd {
    StepEnd::Verdict(RunVerdict::Undecided(why))
}

fn settle(implementation: &mut dyn Implementation) -> Result<Answer, StepEnd> {
    match implementation.settle() {
        done @ (Answer::Done { .. } | Answer::Offered(_)) => Ok(done),
        Answer::Refused => Err(undecided("it cannot be stepped, and `settle` was refused".to_owned())),
        Answer::Unsupported(why) => {
            Err(undecided(format!("it cannot be stepped, and cannot be settled to be looked at: {why}")))
        }
        Answer::Failed(failure) => Err(StepEnd::Verdict(RunVerdict::Broken(failure.message.into()))),
    }
}
