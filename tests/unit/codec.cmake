# suites of codec
unit(csv LINKS weir_codec)
unit(conf LINKS weir_codec)
unit(json LINKS weir_codec)
unit(xml LINKS weir_codec)
unit(wire LINKS weir_codec)
target_sources(test_wire PRIVATE wire_sample.c)
unit(proto LINKS weir_codec)
unit(wire_sync LINKS weir_codec)
