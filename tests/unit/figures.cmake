# suites of figures
unit(columns LINKS weir_figures m)
unit(estimate LINKS weir_figures m)
unit(flow LINKS weir_figures m)
unit(tabulate LINKS weir_figures m)
unit(reader LINKS weir_figures)
unit(disclose LINKS weir_figures)
unit(keyed LINKS weir_figures m)
