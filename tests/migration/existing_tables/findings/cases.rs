//! A test for each case in `tests/cases/existing_tables/findings`: written by `cargo xtask bless`.

use super::check_case;
use crate::golden::case_tests;

case_tests! {
    K17_row_level_security = "K17-row-level-security",
    O11_not_computed = "O11-not-computed",
    O19_view = "O19-view",
    O2_column_not_there = "O2-column-not-there",
    O3_column_that_needs_a_value = "O3-column-that-needs-a-value",
    O4_other_migrations = "O4-other-migrations",
    O6_seeded = "O6-seeded",
    P19_publication = "P19-publication",
    P2_another_owner = "P2-another-owner",
    S14_other_types = "S14-other-types",
}
