//! Cells.

mod crf;

pub use crf::{
    BestPath, CrfError, CrfGradient, CrfLoss, CrfMarginals, CrfMoments, CrfScores, LinearChainCrf,
};
