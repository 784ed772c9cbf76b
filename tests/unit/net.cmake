# suites of net
unit(call LINKS weir_net)
unit(reactor LINKS weir_net)
unit(lookup LINKS weir_net)
unit(link LINKS weir_net)
unit(link_ipc LINKS weir_net)
unit(multipart LINKS weir_net)
unit(http LINKS weir_net)
target_sources(test_http PRIVATE http_talk.c)
