# suites of net
