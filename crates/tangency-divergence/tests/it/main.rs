//! Tests of the divergences.
