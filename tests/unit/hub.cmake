# suites of hub
