//! What the tour is worth: what random walks take for the same cells, and which cells nobody can reach.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tombstone_model::contract::implementation::Operation;
use tombstone_model::readings::switches::Readings;
use tombstone_model::rules::{RowSet, Rules};

use super::{Graph, ItemCell, LONGEST, PartialTour, Tour, graph, joined, of_one, populations};
use crate::choose::{Choose, Seeded, sub_seed};

/// A tour, and what it is worth.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The tour.
    pub tour: Tour,
    /// How many populations it goes through.
    pub populations: usize,
    /// How many steps uniformly random walks took in them.
    pub random: u64,
    /// In how many populations they reached every cell before they were stopped.
    pub finished: usize,
    /// How many cells they reached.
    pub reached: usize,
    /// The rows that some step follows in one of the populations.
    pub rows: RowSet,
    /// The ids of those that no step follows there.
    without: Vec<String>,
    /// At how many times the steps of the tour a walk was stopped.
    patience: u64,
    /// The reachable situations and operations, each once however many cells there are of it.
    met: BTreeSet<(Operation, CoarseCell)>,
}

/// The coarse part of a cell: whether there is a record and a copy, and what links them, by their numbers in the model.
type CoarseCell = (u8, u8, u8);

/// The words for [`CoarseCell`]: of a record or a copy, and of a link.
const PRESENCE: [&str; 4] = ["never", "present", "tombstone", "gone"];
const LINK: [&str; 4] = ["untracked", "pending", "linked", "untracking"];

/// How many times the steps of the tour a random walk may usually take in a population.
pub const PATIENCE: u64 = 1_000;

/// The tour of all populations beside random walks in the same ones. A walk chooses among what is possible, each step as
/// likely as any other, and starts again after as many steps as a plan of the tour may have; in a population in which it
/// has reached every cell it stops at once, so that what it takes is the least that random plans could. It also stops at
/// `patience` times the steps of the tour.
pub fn survey(rules: &Rules, readings: Readings, patience: u64) -> Survey {
    let all = populations();
    let parts = (0..all.len()).into_par_iter().map(|n| {
        let (population, setup, groups) = &all[n];
        let graph = graph(rules, readings, setup, *groups);
        let part = of_one(&graph, population, setup, *groups);
        let (random, reached) = walk(&graph, n as u64, patience * part.tour.steps as u64);
        let met = graph.cells.iter().filter_map(|cell| Some((cell.operation?, situation(cell)))).collect();
        let mut rows = RowSet::EMPTY;
        graph.rows.iter().for_each(|&(rule, ..)| {
            rows.insert(rule);
        });
        let finished = usize::from(reached == part.tour.cells);
        (part, Survey { populations: 1, random, finished, reached, met, rows, ..Survey::default() })
    });
    let parts: Vec<(PartialTour, Survey)> = parts.collect();
    let mut survey = Survey { patience, ..Survey::default() };
    for (_, part) in &parts {
        survey.populations += part.populations;
        survey.random += part.random;
        survey.finished += part.finished;
        survey.reached += part.reached;
        survey.met.extend(&part.met);
        survey.rows.extend(&part.rows);
    }
    survey.tour = joined(parts.into_iter().map(|(part, _)| part));
    let without = rules.ids().filter(|(id, rule)| !survey.rows.contains(*id) && rule.unreachable.is_none());
    survey.without = without.map(|(_, rule)| rule.id.clone()).collect();
    survey
}

fn situation(cell: &ItemCell) -> CoarseCell {
    (cell.record & 3, cell.copy, cell.link & 3)
}

/// How many steps a random walk takes until it has reached every cell, at most so many; and how many cells that are.
fn walk(graph: &Graph<'_>, seed: u64, most: u64) -> (u64, usize) {
    let mut choose = Seeded::new(sub_seed(1, seed));
    let mut seen = vec![false; graph.cells.len()];
    let (mut reached, mut at, mut in_plan) = (0, 0, 0);
    for step in 1..=most {
        let edges = &graph.vertices[at as usize].edges;
        let (_, to, cell) = edges[choose.below(edges.len() as u32) as usize];
        if !std::mem::replace(&mut seen[cell as usize], true) {
            reached += 1;
            if reached == seen.len() {
                return (step, reached);
            }
        }
        in_plan += 1;
        at = to;
        if in_plan == LONGEST || graph.vertices[at as usize].edges.is_empty() {
            (at, in_plan) = (0, 0);
        }
    }
    (most, reached)
}

impl Survey {
    /// The steps of the tour for a cell.
    pub fn steps_a_cell(&self) -> f64 {
        self.tour.steps as f64 / self.tour.cells.max(1) as f64
    }

    /// How many times the steps of the tour random walks take; at least so many, where they were stopped.
    pub fn times(&self) -> u64 {
        self.random / self.tour.steps.max(1) as u64
    }

    /// Everything as text, for people.
    pub fn render(&self) -> String {
        let Tour { plans, cells, steps, rows: _ } = &self.tour;
        let mut text = format!(
            "{} populations, each to the fixpoint: {} plans, {steps} steps, {cells} cells, {:.2} steps a cell\n",
            self.populations,
            plans.len(),
            self.steps_a_cell()
        );
        let all = self.finished == self.populations;
        let _ = writeln!(
            text,
            "uniformly random walks in the same populations: {} {} steps, {}{} times as many",
            if all { "the same cells in" } else { "stopped after" },
            self.random,
            if all { "" } else { "more than " },
            self.times()
        );
        if !all {
            let _ = writeln!(
                text,
                "  {} of the cells were never reached, in {} of the populations; a walk was stopped at {} times the \
                 steps of the tour",
                cells - self.reached,
                self.populations - self.finished,
                self.patience
            );
        }
        let _ = writeln!(text, "\nrows that no step follows in these populations\n  {}", self.without.join(", "));
        let operations: BTreeMap<&str, Operation> =
            self.met.iter().map(|&(operation, _)| (operation.name(), operation)).collect();
        let possible: BTreeSet<CoarseCell> = self.met.iter().map(|&(_, situation)| situation).collect();
        let tell = |(record, copy, link): CoarseCell| {
            let word = |words: &[&'static str; 4], n: u8| words[usize::from(n) % 4];
            format!("{}/{}/{}", word(&PRESENCE, record), word(&PRESENCE, copy), word(&LINK, link))
        };
        let list = |situations: Vec<CoarseCell>| situations.into_iter().map(tell).collect::<Vec<_>>().join(", ");
        // A record leaves no tombstone.
        let conceivable = [0, 1, 3]
            .into_iter()
            .flat_map(|record| (0..4).flat_map(move |copy| (0..4).map(move |link| (record, copy, link))));
        let never: Vec<CoarseCell> = conceivable.filter(|situation| !possible.contains(situation)).collect();
        let _ = writeln!(
            text,
            "\nsituations (record/copy/link) that nothing leads to, {} of 48\n  {}",
            never.len(),
            list(never)
        );
        let _ = writeln!(
            text,
            "\noperations that are never possible in a situation that can be reached, {} of {}",
            operations.len() * possible.len() - self.met.len(),
            operations.len() * possible.len()
        );
        for (name, operation) in operations {
            let never: Vec<CoarseCell> =
                possible.iter().copied().filter(|&situation| !self.met.contains(&(operation, situation))).collect();
            if !never.is_empty() {
                let _ = writeln!(text, "  {name}: {}", list(never));
            }
        }
        text
    }
}
