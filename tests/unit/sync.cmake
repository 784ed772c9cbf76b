# suites of sync
