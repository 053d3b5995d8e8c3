//! What the benches share, and our side of the comparison with Python libraries.

pub mod peers;
