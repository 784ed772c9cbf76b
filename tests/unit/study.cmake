# suites of study
unit(pack LINKS weir_study)
