unit(bytes LINKS weir_codec)
unit(text LINKS weir_codec)
unit(base LINKS weir_base)
unit(fd LINKS weir_base)
