# suites of study
