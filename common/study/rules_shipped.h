/* rules_shipped - what weir asks when a study says `unlisted = on` and leaves a rule out.
 *
 * The text of a rules.ini with all rules and nothing else, on, by the law and custom of the
 * United Kingdom. A study that wants other kinds of approvals or sites writes its own.
 */
#ifndef WEIR_RULES_SHIPPED_H
#define WEIR_RULES_SHIPPED_H

extern const char rules_shipped[];

#endif
