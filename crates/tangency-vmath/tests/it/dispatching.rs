//! The choice of the instruction set.

use std::process::Command;
use tangency_vmath::{Kernel, dispatch, uses_fma};

/// Reports which of its two versions ran.
struct Report;

impl Kernel for Report {
    type Output = bool;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> bool {
        FMA
    }
}

/// Runs also in the child processes of the next test, with `EXPECT_FMA` set.
#[test]
fn the_kernel_gets_what_was_chosen() {
    assert_eq!(dispatch(Report), uses_fma());
    if let Ok(expected) = std::env::var("EXPECT_FMA") {
        assert_eq!(uses_fma().to_string(), expected);
    }
    // (1 + u)(1 - u) - 1 = -u², which only a fused multiply-add sees. Element 16 falls onto the partial sum of element 0.
    let (mut x, mut y) = ([0.0; 17], [0.0; 17]);
    (x[0], y[0], x[16], y[16]) = (-1.0, 1.0, 1.0 + f64::EPSILON, 1.0 - f64::EPSILON);
    let want = if uses_fma() { -f64::EPSILON * f64::EPSILON } else { 0.0 };
    assert_eq!(tangency_vmath::dot(&x, &y), Ok(want));
}

#[cfg(target_arch = "x86_64")]
fn available() -> bool {
    std::is_x86_feature_detected!("fma") && std::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn available() -> bool {
    cfg!(target_arch = "aarch64")
}

#[test]
fn the_environment_can_forbid_it() {
    for (value, forbidden) in [("1", true), ("yes", true), ("0", false), ("", false)] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "dispatching::the_kernel_gets_what_was_chosen"])
            .env("TANGENCY_SCALAR", value)
            .env("EXPECT_FMA", (available() && !forbidden).to_string())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{value:?}: {text}");
    }
}
