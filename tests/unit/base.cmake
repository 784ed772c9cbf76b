unit(bytes LINKS weir_codec)
unit(text LINKS weir_codec)
unit(fd LINKS weir_base)
