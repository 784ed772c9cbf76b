# suites of net
unit(call LINKS weir_net)
