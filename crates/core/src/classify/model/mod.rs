//! Asks a small linear model where no rule speaks: people and tools say the same thing in more ways than rules foresee.
//!
//! Multinomial logistic regression over hashed words and pieces of words. The weights are `weights.bin`, made by the
//! test `the_weights_are_current` with `UPDATE_DOCS=1`; nobody edits them. It must never speak where a rule decided, and
//! says nothing where it is not sure.

mod concepts;
mod features;
#[cfg(test)]
mod learn;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use xxhash_rust::xxh3::xxh3_64;

use crate::model::Category;

/// The name under which it decides.
pub(super) const RULE: &str = "model";
/// Below this probability it says nothing. Messages that say what happened gain little below 0.55 and nothing below 0.35
/// (`the_model_alone_on_other_folds`), where those that say nothing would get a name.
const SURE_ENOUGH: f32 = 0.35;
/// What is decided by likeness is less sure than any rule that decides at once.
const AT_MOST: f32 = 0.65;

const SIGN: &[u8] = b"smartetl linear 1\n";
static WEIGHTS: &[u8] = include_bytes!("weights.bin");

pub(super) fn version() -> u64 {
    xxh3_64(WEIGHTS)
}

/// One weight for each feature and category, in whole numbers; `scale` brings them back.
pub(super) struct Model {
    scale: f32,
    /// One for each category, in the order of [`Category::ALL`].
    biases: Vec<f32>,
    /// Feature after feature.
    weights: Vec<i8>,
}

/// The model of this program.
pub(super) fn embedded() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        Model::read(WEIGHTS).expect("the weights are part of the program and are tested")
    })
}

impl Model {
    /// What an error with this text most likely is, and how sure that is; `None` where it is not sure, or most likely
    /// nothing that can be named.
    pub(super) fn says(&self, class: Option<&str>, message: &str) -> Option<(Category, f32)> {
        let (category, probability) = self.likeliest(&features::of(class, message))?;
        (probability >= SURE_ENOUGH && category != Category::Unknown)
            .then(|| (category, probability.min(AT_MOST)))
    }

    /// The likeliest category and its probability; `None` for a text without words.
    fn likeliest(&self, features: &[u16]) -> Option<(Category, f32)> {
        if features.is_empty() {
            return None;
        }
        let probabilities = self.probabilities(features);
        let (at, probability) = probabilities
            .into_iter()
            .enumerate()
            .max_by(|(_, one), (_, other)| one.total_cmp(other))?;
        Some((*Category::ALL.get(at)?, probability))
    }

    fn probabilities(&self, features: &[u16]) -> Vec<f32> {
        let classes = self.biases.len();
        let mut sums = vec![0_i32; classes];
        for feature in features {
            let row = usize::from(*feature) * classes;
            for (sum, weight) in sums.iter_mut().zip(&self.weights[row..row + classes]) {
                *sum += i32::from(*weight);
            }
        }
        let scale = self.scale * weight_of_one(features.len());
        let scores = sums
            .iter()
            .zip(&self.biases)
            .map(|(sum, bias)| bias + *sum as f32 * scale)
            .collect();
        softmax(scores)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let classes = Category::ALL.len();
        let (floats, weights) = bytes
            .strip_prefix(SIGN)?
            .split_at_checked(4 * (1 + classes))?;
        let mut floats = floats
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        let scale = floats.next()?;
        (weights.len() == classes * features::BUCKETS).then(|| Self {
            scale,
            biases: floats.collect(),
            weights: weights.iter().map(|byte| byte.cast_signed()).collect(),
        })
    }
}

/// Long texts do not speak louder than short ones.
fn weight_of_one(features: usize) -> f32 {
    1.0 / (features as f32).sqrt()
}

fn softmax(mut scores: Vec<f32>) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    for score in &mut scores {
        *score = exp(*score - most);
    }
    let sum: f32 = scores.iter().sum();
    for score in &mut scores {
        *score /= sum;
    }
    scores
}

/// e to the `x`, for `x` up to 0, by operations that give the same on every machine.
fn exp(x: f32) -> f32 {
    let mut power = 1.0 + x.max(-60.0) / 1024.0;
    for _ in 0..10 {
        power *= power;
    }
    power
}
