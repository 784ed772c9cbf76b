# suites of run
unit(sandbox LINKS weir_run)
unit(metrics LINKS weir_run)
unit(supervisor LINKS weir_run)
unit(program LINKS weir_run)
