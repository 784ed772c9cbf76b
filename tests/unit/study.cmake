# suites of study
unit(xpath LINKS weir_study)
unit(form LINKS weir_study)
unit(codebook LINKS weir_study)
unit(rules LINKS weir_study)
unit(pack LINKS weir_study)
