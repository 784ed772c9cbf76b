/* xform_kinds - the words an XForm is written in: namespaces, types, controls, rules. */
#ifndef WEIR_XFORM_KINDS_H
#define WEIR_XFORM_KINDS_H

#define XFORM_SPACE    "http://www.w3.org/2002/xforms"
#define XFORM_HTML     "http://www.w3.org/1999/xhtml"
#define XFORM_JAVAROSA "http://openrosa.org/javarosa"
#define XFORM_ODK      "http://www.opendatakit.org/xforms"
#define XFORM_ENTITIES "http://www.opendatakit.org/xforms/entities"

enum xform_type {
	XFORM_STRING = 0,
	XFORM_INT,
	XFORM_BOOLEAN,
	XFORM_DECIMAL,
	XFORM_DATE,
	XFORM_TIME,
	XFORM_DATETIME,
	XFORM_GEOPOINT,
	XFORM_GEOTRACE,
	XFORM_GEOSHAPE,
	XFORM_BINARY,
	XFORM_BARCODE,
	XFORM_INTENT,
};

enum xform_control {
	XFORM_NONE = 0,
	XFORM_INPUT,
	XFORM_SELECT1,
	XFORM_SELECT,
	XFORM_RANK,
	XFORM_UPLOAD,
	XFORM_TRIGGER,
	XFORM_RANGE,
	XFORM_GROUP,
	XFORM_REPEAT,
};

/* The rules of one bind, and the count of a repeat. */
enum xform_rule {
	XFORM_RELEVANT,
	XFORM_CONSTRAINT,
	XFORM_REQUIRED,
	XFORM_CALCULATE,
	XFORM_READONLY,
	XFORM_COUNT,
	XFORM_ITEMSET,
	XFORM_RULES,
};
extern const char *const xform_rule_names[XFORM_RULES];

enum xform_weir {
	XFORM_GOES,
	XFORM_ASKS,
	XFORM_DISCLOSURE,
	XFORM_REVERSE,
	XFORM_SCALE,
	XFORM_LIST,
	XFORM_PERMISSION,
	XFORM_DUO,
	XFORM_WEIRS,
};

#endif
