# suites of figures
