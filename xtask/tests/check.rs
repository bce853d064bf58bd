//! The results of test binaries are counted as they print them.

use xtask::check::Counts;

#[test]
fn results_of_test_binaries_are_added_up() {
    let mut counts = Counts::default();
    for line in [
        "running 12 tests",
        "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        "test a::test_result ... ok",
        "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished",
        "error: test failed, to rerun pass `--test it`",
    ] {
        counts.add(line);
    }
    assert_eq!(counts, Counts { passed: 15, failed: 2 });
}
