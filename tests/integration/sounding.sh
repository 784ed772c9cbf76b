# shellcheck shell=bash
# sounding - a study that asks for sound, for which its consent has a permission of its own; sourced behind lib.sh.

# study_with_sound: a copy of the study for tablets, with sound that goes to the hub (photo) and sound that
# stays at the site (signature); STUDY.
study_with_sound() {
	cp -r "$HERE/openrosa/study" "$WORLD/study"
	STUDY=$WORLD/study
	sed -i 's/^image,photo,Picture/audio,photo,Sound/; s/^image,signature,Signature/audio,signature,Sound that stays here/' \
		"$STUDY/forms/visit/survey.csv"
	sed -i 's/^dateTime,given_at/select_one yes_no,permit_record_audio,May we record you?,,yes,,,,,,,,,,,,,open,,record-audio\n&/' \
		"$STUDY/forms/consent/survey.csv"
	sed -i 's/^data.answers = collect-direct$/&\ndata.audio = record-audio/' "$STUDY/rules.ini"
}
