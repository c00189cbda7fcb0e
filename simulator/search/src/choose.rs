//! Where choices come from: a seed, every choice in turn, or raw bytes. One generator serves all three.

/// A source of choices.
pub trait Choose {
    /// A number below `n`; `n` is at least 1.
    fn below(&mut self, n: u32) -> u32;

    /// Whether something happens that happens `num` times out of `of`.
    #[inline]
    fn chance(&mut self, num: u32, of: u32) -> bool {
        self.below(of) < num
    }

    /// An index into weights, each as likely as its share of their sum. At least one weight is positive.
    #[inline]
    fn weighted(&mut self, weights: &[u8]) -> usize {
        let sum: u32 = weights.iter().map(|&weight| u32::from(weight)).sum();
        let mut at = self.below(sum);
        for (index, &weight) in weights.iter().enumerate() {
            match at.checked_sub(u32::from(weight)) {
                Some(rest) => at = rest,
                None => return index,
            }
        }
        weights.len() - 1
    }
}

/// Choices from a seed: xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021),
/// seeded through SplitMix64 as its authors advise. It is our own because no crate promises its stream for ever.
#[derive(Clone, Debug)]
pub struct Seeded {
    state: [u64; 4],
}

impl Seeded {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        let mut mix = seed;
        Self { state: std::array::from_fn(|_| split_mix(&mut mix)) }
    }

    /// The next 64 bits.
    #[inline(always)]
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }
}

impl Choose for Seeded {
    /// By a multiplication in place of a division (Lemire, "Fast random integer generation in an interval", 2019). The
    /// bias, below n/2³², does not matter to a search.
    #[inline(always)]
    fn below(&mut self, n: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(n)) >> 32) as u32
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The seed of the `index`-th plan of a campaign, so that any one can be replayed alone.
pub fn sub_seed(campaign: u64, index: u64) -> u64 {
    let mut state = campaign ^ index.wrapping_mul(0xd134_2543_de82_ef95);
    split_mix(&mut state)
}

/// Every choice in turn: run the generator, call [`Exhaustive::advance`], and run it again until that says no.
#[derive(Clone, Debug, Default)]
pub struct Exhaustive {
    chosen: Vec<(u32, u32)>,
    at: usize,
}

impl Exhaustive {
    /// Prepares the next run; false when every combination of choices was made.
    pub fn advance(&mut self) -> bool {
        self.at = 0;
        while let Some((choice, of)) = self.chosen.pop() {
            if choice + 1 < of {
                self.chosen.push((choice + 1, of));
                return true;
            }
        }
        false
    }
}

impl Choose for Exhaustive {
    fn below(&mut self, n: u32) -> u32 {
        if self.at == self.chosen.len() {
            self.chosen.push((0, n));
        }
        self.at += 1;
        self.chosen[self.at - 1].0
    }
}

/// Choices from raw bytes, as a fuzzer writes them; when they run out, always the first.
#[derive(Clone, Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Choose for Bytes<'_> {
    fn below(&mut self, n: u32) -> u32 {
        let width = if n <= 1 << 8 { 1 } else { 4 };
        let (now, rest) = self.0.split_at(width.min(self.0.len()));
        self.0 = rest;
        now.iter().fold(0, |number: u32, &byte| (number << 8) | u32::from(byte)) % n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_pinned() {
        let mut published = Seeded { state: [1, 2, 3, 4] };
        let known = [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205];
        assert_eq!([(); 5].map(|()| published.bits()), known);
        let mut mix = 1_234_567;
        assert_eq!(split_mix(&mut mix), 6_457_827_717_110_365_317);
        let mut ours = Seeded::new(7);
        assert_eq!([(); 8].map(|()| ours.below(100)), [5, 17, 71, 42, 96, 46, 72, 32]);
    }

    #[test]
    fn exhaustive_choices_visit_everything_once() {
        let mut choose = Exhaustive::default();
        let mut seen = Vec::new();
        loop {
            let first = choose.below(3);
            let second = if first == 1 { choose.below(2) } else { 0 };
            seen.push((first, second));
            if !choose.advance() {
                break;
            }
        }
        assert_eq!(seen, [(0, 0), (1, 0), (1, 1), (2, 0)]);
    }
}
