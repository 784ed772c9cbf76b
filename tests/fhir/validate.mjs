// validate - a FHIR R4 bundle of consents, judged by npm `fhir` and by what weir promises of it.
//
//   validate.mjs FILE              ends with 0 and the counts when the bundle is right, else with 1
//                                  and what is not
//   validate.mjs FILE --mutants    the bundle is right, and each copy with one thing spoilt is not:
//                                  so the judge is known to judge
//
// The package holds every resource against its structure: unknown fields, missing ones, codes of
// required value sets, formats. What it does not see (content below a nested provision, references
// between entries) is looked at here.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { Fhir } = createRequire(import.meta.url)("fhir");
const fhir = new Fhir();

const PROVISION = new Set(["type", "period", "code", "purpose", "provision"]);
const TYPES = new Set(["ResearchStudy", "DocumentReference", "ResearchSubject", "Consent", "Provenance"]);

const codes = (concept) => (concept?.coding ?? []).map((c) => `${c.system}|${c.code}`);

function* references(value) {
	if (Array.isArray(value)) for (const one of value) yield* references(one);
	else if (value && typeof value === "object") {
		if (typeof value.reference === "string") yield value.reference;
		for (const one of Object.values(value)) yield* references(one);
	}
}

function provisionFaults(provision, depth) {
	const faults = [];
	for (const key of Object.keys(provision))
		if (!PROVISION.has(key)) faults.push(`Unexpected property ${key} of a provision`);
	if (depth === 0 && provision.type !== "deny") faults.push("the root provision does not deny");
	if (depth === 0 && !provision.purpose?.some((p) => p.code === "HRESCH"))
		faults.push("the purpose is not HRESCH");
	if (depth > 0 && !["permit", "deny"].includes(provision.type))
		faults.push("a provision neither permits nor denies");
	if (depth > 0 && codes(provision.code?.[0]).length !== 1)
		faults.push("a provision names no permission");
	for (const one of provision.provision ?? []) faults.push(...provisionFaults(one, depth + 1));
	return faults;
}

function consentFaults(consent) {
	const faults = provisionFaults(consent.provision ?? {}, 0);
	if (!codes(consent.scope).includes("http://terminology.hl7.org/CodeSystem/consentscope|research"))
		faults.push("the scope is not research");
	const categories = (consent.category ?? []).flatMap(codes);
	if (!categories.includes("http://loinc.org|57016-8")) faults.push("no category of LOINC");
	if (!consent.policyRule && !consent.policy) faults.push("neither a policy nor its rule"); // ppc-1
	const event = consent.extension?.find((e) => e.url.endsWith(":participation-change"));
	if (event && consent.status !== "inactive") faults.push("a participation change is not inactive");
	return faults;
}

function faultsOf(bundle) {
	const judged = fhir.validate(bundle, { errorOnUnexpected: true });
	const faults = judged.messages
		.filter((m) => m.severity !== "info")
		.map((m) => `${m.message} at ${m.location}`);
	if (!judged.valid && !faults.length) faults.push("the package refuses it");
	const known = new Set(bundle.entry.map((e) => e.fullUrl));
	if (known.size !== bundle.entry.length) faults.push("an entry stands twice");
	for (const { resource } of bundle.entry) {
		if (!TYPES.has(resource.resourceType)) faults.push(`a resource ${resource.resourceType}`);
		if (resource.resourceType === "Consent") faults.push(...consentFaults(resource));
		if (resource.status === "withdrawn") faults.push("a status says withdrawn");
		for (const to of references(resource)) if (!known.has(to)) faults.push("a reference leads nowhere");
	}
	return faults;
}

const first = (bundle, type) => bundle.entry.find((e) => e.resource.resourceType === type).resource;
const permitting = (bundle) =>
	bundle.entry.find((e) => e.resource.resourceType === "Consent" && e.resource.provision.provision).resource;

const MUTANTS = {
	"scope removed": (b) => delete first(b, "Consent").scope,
	"category removed": (b) => delete first(b, "Consent").category,
	"status withdrawn": (b) => (first(b, "Consent").status = "withdrawn"),
	"subject withdrawn": (b) => (first(b, "ResearchSubject").status = "withdrawn"),
	"unknown field": (b) => (first(b, "Consent").colour = "red"),
	"unknown field below": (b) => (permitting(b).provision.provision[0].colour = "red"),
	"root permits": (b) => (first(b, "Consent").provision.type = "permit"),
	"another decision": (b) => (permitting(b).provision.provision[0].type = "perhaps"),
	"no date": (b) => (first(b, "Consent").dateTime = "yesterday"),
	"no rule": (b) => delete first(b, "Consent").policyRule,
	"no agent": (b) => delete first(b, "Provenance").agent,
	"no target": (b) => delete first(b, "Provenance").target,
	"no content": (b) => delete first(b, "DocumentReference").content,
	"another reference": (b) => (first(b, "ResearchSubject").study.reference = "urn:uuid:0"),
	"an entry twice": (b) => b.entry.push(b.entry[0]),
};

const text = readFileSync(process.argv[2], "utf8");
const bundle = JSON.parse(text);
const found = faultsOf(bundle);
for (const fault of [...new Set(found)].slice(0, 20)) console.log(fault);
let wrong = found.length > 0;
const counts = {};
for (const { resource } of bundle.entry)
	counts[resource.resourceType] = (counts[resource.resourceType] ?? 0) + 1;
console.log(Object.entries(counts).map(([type, n]) => `${type} ${n}`).join(", "));
if (process.argv[3] === "--mutants") {
	for (const [name, spoil] of Object.entries(MUTANTS)) {
		const copy = JSON.parse(text);
		spoil(copy);
		const faults = faultsOf(copy);
		if (!faults.length) {
			console.log(`not found: ${name}`);
			wrong = true;
		}
	}
	console.log(`${Object.keys(MUTANTS).length} mutants looked at`);
}
process.exitCode = wrong ? 1 : 0;
