//! The integration tests, one binary; each module is one boundary of the product.

mod vectors;
