//! Instances for the tests, made in the same order of operations as `tests/reference/make_exact.py`.

use faer::Mat;

/// The stream of splitmix64.
pub(crate) struct Stream(pub(crate) u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / 9007199254740992.0)
    }

    /// A number with mean 0 and variance 1, nearly normal.
    pub(crate) fn bell(&mut self) -> f64 {
        let mut total = 0.0;
        for _ in 0..12 {
            total += self.uniform();
        }
        total - 6.0
    }
}

pub(crate) fn weights(kind: &str, count: usize, stream: &mut Stream) -> Vec<f64> {
    let mut one = || {
        if kind == "equal" {
            return 1.0;
        }
        let u = stream.uniform();
        match kind {
            "general" => u + 0.01,
            "zeros" => {
                if u < 0.3 {
                    0.0
                } else {
                    u
                }
            }
            "heavy" => 1.0 / ((u + 0.001) * (u + 0.001)),
            "whole" => (u * 4.0).floor() + 1.0,
            _ => panic!("no weights {kind}"),
        }
    };
    (0..count).map(|_| one()).collect()
}

/// Weights over their sum.
#[allow(clippy::needless_pass_by_value, reason = "it is given what was just made")]
pub(crate) fn normalised(weights: Vec<f64>) -> Vec<f64> {
    let mut total = 0.0;
    for w in &weights {
        total += w;
    }
    weights.iter().map(|w| w / total).collect()
}

pub(crate) fn points(count: usize, d: usize, spread: f64, shift: f64, stream: &mut Stream) -> Mat<f64> {
    let all: Vec<f64> = (0..count * d).map(|_| spread * stream.bell() + shift).collect();
    Mat::from_fn(count, d, |i, k| all[i * d + k])
}

pub(crate) fn distances(x: &Mat<f64>, y: &Mat<f64>, metric: &str) -> Mat<f64> {
    Mat::from_fn(x.nrows(), y.nrows(), |i, j| {
        let mut c = 0.0;
        for k in 0..x.ncols() {
            let difference = x[(i, k)] - y[(j, k)];
            c += if metric == "absolute" { f64::abs(difference) } else { difference * difference };
        }
        if metric == "euclidean" { c.sqrt() } else { c }
    })
}

const SIDE: usize = 32;

fn image(kind: &str, stream: &mut Stream) -> Vec<f64> {
    let mut pixels = vec![0.0; SIDE * SIDE];
    if kind == "noise" || kind == "smooth" {
        for pixel in &mut pixels {
            *pixel = stream.uniform() + 0.01;
        }
    }
    if kind == "smooth" {
        for _ in 0..6 {
            let old = pixels.clone();
            for i in 0..SIDE {
                for j in 0..SIDE {
                    let mut total = 0.0;
                    for di in [SIDE - 1, 0, 1] {
                        for dj in [SIDE - 1, 0, 1] {
                            total += old[(i + di) % SIDE * SIDE + (j + dj) % SIDE];
                        }
                    }
                    pixels[i * SIDE + j] = total;
                }
            }
        }
        let least = pixels.iter().copied().fold(f64::INFINITY, f64::min);
        for pixel in &mut pixels {
            *pixel = (*pixel - least) + 0.01 * least;
        }
    }
    if kind == "cauchy" || kind == "shapes" {
        for _ in 0..3 {
            let (ci, cj) = (stream.uniform() * SIDE as f64, stream.uniform() * SIDE as f64);
            let r = 2.0 + stream.uniform() * 6.0;
            for i in 0..SIDE {
                for j in 0..SIDE {
                    let (y, x) = (i as f64 - ci, j as f64 - cj);
                    let q = (y * y + x * x) / (r * r);
                    if kind == "cauchy" {
                        pixels[i * SIDE + j] += 1.0 / (1.0 + q);
                    } else if q <= 1.0 {
                        pixels[i * SIDE + j] += 1.0;
                    }
                }
            }
        }
    }
    pixels
}

/// A problem: weights and costs.
pub(crate) struct Instance {
    pub(crate) a: Vec<f64>,
    pub(crate) b: Vec<f64>,
    pub(crate) cost: Mat<f64>,
}

pub(crate) fn instance(
    family: &str,
    detail: &str,
    (n, m, d): (usize, usize, usize),
    kind: &str,
    seed: u64,
) -> Instance {
    let mut stream = Stream(seed);
    if family == "image" {
        let (a, b) = (image(detail, &mut stream), image(detail, &mut stream));
        let grid = Mat::from_fn(SIDE * SIDE, 2, |i, k| if k == 0 { i / SIDE } else { i % SIDE } as f64);
        return Instance { a: normalised(a), b: normalised(b), cost: distances(&grid, &grid, kind) };
    }
    let mut by_rows = |f: &mut dyn FnMut(&mut Stream) -> f64| {
        let all: Vec<f64> = (0..n * m).map(|_| f(&mut stream)).collect();
        Mat::from_fn(n, m, |i, j| all[i * m + j])
    };
    let cost = match family {
        "costs" => by_rows(&mut |s| s.uniform()),
        "digits" => by_rows(&mut |s| (s.uniform() * 10.0).floor()),
        "offset" => by_rows(&mut |s| 1e6 + s.uniform()),
        "constant" => Mat::from_fn(n, m, |_, _| 2.5),
        "points" => {
            let x = points(n, d, 1.0, 0.0, &mut stream);
            let y = points(m, d, 1.25, 0.5, &mut stream);
            distances(&x, &y, detail)
        }
        "duplicates" => {
            let mut side = |count: usize| {
                let all: Vec<f64> = (0..2 * count).map(|_| (stream.uniform() * 3.0).floor()).collect();
                Mat::from_fn(count, 2, |i, k| all[2 * i + k])
            };
            let (x, y) = (side(n), side(m));
            distances(&x, &y, "squared")
        }
        _ => panic!("no family {family}"),
    };
    let (a, b) = (weights(kind, n, &mut stream), weights(kind, m, &mut stream));
    Instance { a: normalised(a), b: normalised(b), cost }
}
