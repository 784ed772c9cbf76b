# suites of node
