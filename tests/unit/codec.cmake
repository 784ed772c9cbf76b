# suites of codec
