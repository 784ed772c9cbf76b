# suites of run
unit(datadir LINKS weir_run)
unit(sandbox LINKS weir_run)
unit(metrics LINKS weir_run)
unit(supervisor LINKS weir_run)
unit(program LINKS weir_run)
unit(supersede LINKS weir_run)
