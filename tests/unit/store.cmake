# suites of store
