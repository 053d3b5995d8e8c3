//! Tests of the divergences.

mod neighbours;
