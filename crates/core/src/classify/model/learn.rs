//! Makes the weights from labelled messages. Offline: the program itself never learns.
//!
//! Always the same from the same examples: a fixed order, no chance, no function of the machine's library.

use super::features::{self, BUCKETS};
use super::{Model, SIGN, softmax, weight_of_one};
use crate::model::Category;

const ROUNDS: usize = 60;
const RATE: f32 = 2.0;
/// How much a weight shrinks in each round; so rare words do not learn by heart.
const SHRINK: f32 = 0.01;

/// A text as the model sees it, what it truly is, and how much it counts.
#[derive(Clone)]
pub(super) struct Example {
    features: Vec<u16>,
    category: Category,
    counts: f32,
}

impl Example {
    pub(super) fn new(message: &str, category: Category, counts: f32) -> Self {
        Self {
            features: features::of(None, message),
            category,
            counts,
        }
    }
}

/// The bytes of `weights.bin`.
pub(super) fn learn(examples: &[Example]) -> Vec<u8> {
    let mut examples: Vec<&Example> = examples
        .iter()
        .filter(|example| !example.features.is_empty())
        .collect();
    // Neighbours of one source must not follow each other: by content, which is as good as chance.
    examples.sort_by_key(|example| {
        let bytes: Vec<u8> = example
            .features
            .iter()
            .flat_map(|one| one.to_le_bytes())
            .collect();
        (xxhash_rust::xxh3::xxh3_64(&bytes), example.category)
    });
    let classes = Category::ALL.len();
    let mut weights = vec![0_f32; BUCKETS * classes];
    let mut biases = vec![0_f32; classes];
    for round in 0..ROUNDS {
        let rate = RATE / (1.0 + round as f32 / 10.0);
        for example in &examples {
            let one = weight_of_one(example.features.len());
            let mut scores = biases.clone();
            for feature in &example.features {
                let row = usize::from(*feature) * classes;
                for (score, weight) in scores.iter_mut().zip(&weights[row..row + classes]) {
                    *score += weight * one;
                }
            }
            let mut steps = softmax(scores);
            steps[example.category as usize] -= 1.0;
            for step in &mut steps {
                *step *= rate * example.counts;
            }
            for feature in &example.features {
                let row = usize::from(*feature) * classes;
                for (weight, step) in weights[row..row + classes].iter_mut().zip(&steps) {
                    *weight -= step * one;
                }
            }
            for (bias, step) in biases.iter_mut().zip(&steps) {
                *bias -= step * 0.1;
            }
        }
        for weight in &mut weights {
            *weight *= 1.0 - SHRINK * rate;
        }
    }
    written(&weights, &biases)
}

fn written(weights: &[f32], biases: &[f32]) -> Vec<u8> {
    let most = weights
        .iter()
        .fold(0_f32, |most, weight| most.max(weight.abs()));
    let scale = most / 127.0;
    let mut bytes = SIGN.to_vec();
    bytes.extend(scale.to_le_bytes());
    bytes.extend(biases.iter().flat_map(|bias| bias.to_le_bytes()));
    bytes.extend(
        weights
            .iter()
            .map(|weight| ((weight / scale).round() as i8).cast_unsigned()),
    );
    bytes
}

/// The model these examples make.
pub(super) fn learned(examples: &[Example]) -> Model {
    Model::read(&learn(examples)).expect("it was just written")
}
