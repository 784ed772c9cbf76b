# suites of figures
unit(tabulate LINKS weir_figures m)
unit(disclose LINKS weir_figures)
