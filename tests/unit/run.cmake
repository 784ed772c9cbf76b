# suites of run
