# suites of trust
