# The checks of .ci/run, one by one. `just` alone lists them.

_default:
    @just --list

# Everything that must pass before a change is merged
check:
    .ci/run

# Format all code
fmt:
    cargo fmt --all

# Clippy on all targets and features, warnings denied
lint:
    .ci/run fmt lint

# All tests: unit, integration, documentation
test:
    cargo test --workspace

# The tests of one crate, such as `just test-one recurrence`
test-one crate *arguments:
    cargo test -p tangency-{{ crate }} {{ arguments }}

# The tests on the scalar fallback, and with all features
test-more:
    .ci/run scalar features

# Documentation of the workspace, in the browser
doc:
    cargo doc --workspace --no-deps --all-features --open

# Every bench once, to see that it works
bench-smoke:
    .ci/run bench

# Measure the benches whose names contain a word, such as `just bench lstm`
bench filter="":
    cargo bench -p tangency-benches -- {{ filter }}

# Each library alone with each of its features
crates:
    .ci/run crates

# Duplicate versions, licences, sources of dependencies
deny:
    .ci/run deny

# All work on real data, and its page
gallery *arguments:
    cargo run --release -p tangency-gallery -- {{ arguments }}
