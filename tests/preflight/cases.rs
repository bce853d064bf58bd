//! A test for each case in `tests/cases/preflight`: written by `cargo xtask bless`.

use super::check_case;
use crate::golden::case_tests;

case_tests! {
    F14_own_functions = "F14-own-functions",
    K1_composite = "K1-composite",
    K1_nocase_parent = "K1-nocase-parent",
    K1_orphans = "K1-orphans",
    K10_citext = "K10-citext",
    K11_no_index = "K11-no-index",
    K1b_zero_and_empty = "K1b-zero-and-empty",
    K5_near_matches = "K5-near-matches",
    K8_composite_null = "K8-composite-null",
    K8_null_key = "K8-null-key",
    O_left_behind = "O-left-behind",
    O11_generated_and_own_functions = "O11-generated-and-own-functions",
    Q7_no_ids_left = "Q7-no-ids-left",
    S16_moments_and_numbers = "S16-moments-and-numbers",
    S16_uuid_twice = "S16-uuid-twice",
    T8_padding = "T8-padding",
    clean = "clean",
    together = "together",
}
