unit(bytes LINKS weir_codec)
unit(text LINKS weir_codec)
