/* engine - fills in an XForm with ODK's own engine and says what the engine would send.
 *
 *   node engine.mjs FORM.xml [--files DIR] [--seed N] [--count N] [--set NAME=VALUE]...
 *                   [--without NAME]... [--out DIR]
 *   node engine.mjs FORM.xml [--files DIR] --check DIR
 *
 * --files: lists and pictures that travel with the form. --set: every question of this name gets
 * this value; further ones of the same name are used by turns, one a submission. --without: this
 * question stays empty. Without --out the submission is printed; with it each goes to DIR/NNNN.xml,
 * its files beside it, and DIR/submissions.json lists them as people.py does.
 *
 * --check: reads each submission of this form that DIR/submissions.json lists into the engine, as a
 * draft that is taken up again, and holds what the engine would send against it: the same elements
 * with the same text in the same order, and nothing that the form calls wrong.
 *
 * Always true: the same seed gives the same answers (instance ids differ); only what is relevant and
 * not read-only is touched; a question whose constraint or `required` is not met is answered anew.
 * WEIR_CLOCK_OFFSET_S: the engine's clock is so many seconds ahead.
 * Ends with 1 and the reason when the form does not load or a submission stays invalid.
 */
import { File } from 'node:buffer';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JSDOM } from 'jsdom';

const TRIES_MOST = 60;
const PASSES_MOST = 12;
const BLANK_SHARE = 0.1;

/* The engine wants the document model of a browser. */
const DOM_NAMES = ['Attr', 'CDATASection', 'CharacterData', 'Comment', 'DOMParser', 'Document',
	'DocumentFragment', 'DocumentType', 'Element', 'HTMLElement', 'Node', 'NodeFilter',
	'ProcessingInstruction', 'Text', 'XMLDocument', 'XMLSerializer', 'document', 'localStorage'];

function browser_begin()
{
	const dom = new JSDOM('', { url: 'http://127.0.0.1/' });
	for (const name of DOM_NAMES)
		globalThis[name] ??= dom.window[name];
	globalThis.window ??= globalThis;
	// Its WebAssembly part was built for either module system and looks for these.
	globalThis.require ??= createRequire(import.meta.url);
	globalThis.__dirname ??= dirname(fileURLToPath(import.meta.url));
	globalThis.File ??= File;
}

/* The clock that the programs of weir are given in tests. */
function clock_begin()
{
	const shift_ms = 1000 * Number(process.env.WEIR_CLOCK_OFFSET_S ?? 0);
	const RealDate = Date;
	globalThis.Date = class extends RealDate {
		constructor(...words)
		{
			super(...(words.length > 0 ? words : [RealDate.now() + shift_ms]));
		}
		static now()
		{
			return RealDate.now() + shift_ms;
		}
	};
}

/* A small generator with a seed: mulberry32. */
function chance_of(seed)
{
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	return {
		odds: (share) => next() < share,
		below: (n) => Math.floor(next() * n),
		pick: (list) => list[Math.floor(next() * list.length)],
	};
}

function day(offset)
{
	return new Date(Date.now() + offset * 86400000).toISOString().slice(0, 10);
}

/* None leads to a person, or the node would keep it for its coordinator to look at. */
const TEXTS = ['example words & more', '7KQF-2M9T', '1', 'A-12', 'someone@mail.42', '016 32',
	'two\nlines', 'Mae\u2019n well \u4f60\u597d <tag>'];
const CANDIDATES = {
	string: (c) => c.pick(TEXTS),
	int: (c) => String(c.pick([0, 1, 2, 3, 7, 12, 40, 99, 1000, c.below(100)])),
	decimal: (c) => c.pick(['0', '0.5', '7.25', '12', '55.5', '1000.75']),
	date: (c) => day(c.pick([-900, -30, -1, 0, 1, 400])),
	time: (c) => c.pick(['08:30:00', '23:59:00']),
	dateTime: (c) => `${day(c.pick([-30, -2, -1]))}T0${c.below(10)}:15:00.000+00:00`,
	geopoint: () => ({ latitude: 51.5, longitude: -3.2, altitude: 0, accuracy: 5 }),
	geotrace: () => '51.5 -3.2 0 5; 51.6 -3.3 0 5',
	geoshape: () => '51.5 -3.2 0 5; 51.6 -3.3 0 5; 51.6 -3.1 0 5; 51.5 -3.2 0 5',
	boolean: (c) => c.pick(['true', 'false']),
	barcode: () => '4006381333931',
	intent: () => 'example',
};

/* One of 1 by 1 points. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E'
	+ 'rkJggg==', 'base64');

class Walk {
	constructor(root, chance, wanted)
	{
		this.root = root;
		this.chance = chance;
		this.wanted = wanted; // name -> value; null: stays empty
		this.answered = new Set();
	}

	/* Until nothing new becomes relevant and nothing is wrong. */
	fill()
	{
		for (let pass = 0; pass < PASSES_MOST; pass++) {
			this.changed = false;
			this.children(this.root);
			if (!this.changed)
				break;
		}
	}

	children(node)
	{
		for (const child of node.currentState.children ?? [])
			if (child.currentState.relevant)
				this.node(child);
	}

	node(node)
	{
		if (node.nodeType === 'repeat-range:uncontrolled' && !this.answered.has(node.nodeId)) {
			this.answered.add(node.nodeId);
			node.addInstances(undefined, this.chance.below(3));
		}
		if (node.currentState.children !== null) {
			this.children(node);
			return;
		}
		if (!(node.nodeType in this.setters) || node.currentState.readonly)
			return;
		const name = node.currentState.reference.split('/').pop().replace(/\[\d+\]$/, '');
		const fresh = !this.answered.has(node.nodeId);
		if (fresh || node.validationState.violation !== null)
			this.answer(node, name, fresh);
	}

	answer(node, name, fresh)
	{
		this.answered.add(node.nodeId);
		this.changed = true;
		const wanted = this.wanted.get(name);
		if (wanted !== undefined) {
			if (wanted !== null)
				this.setters[node.nodeType](node, wanted);
			return;
		}
		if (fresh && !node.currentState.required && this.chance.odds(BLANK_SHARE))
			return;
		for (let i = 0; i < TRIES_MOST; i++) {
			this.setters[node.nodeType](node);
			if (node.validationState.violation === null)
				return;
		}
	}

	setters = {
		input: (node, wanted) => {
			const make = CANDIDATES[node.valueType] ?? CANDIDATES.string;
			node.setValue(wanted ?? make(this.chance));
		},
		range: (node, wanted) => {
			const { start, end, step } = node.definition.bounds ?? { start: 0, end: 5, step: 1 };
			const steps = Math.floor(Math.abs(Number(end) - Number(start)) / Math.abs(Number(step)));
			const way = Math.sign(Number(end) - Number(start)) * Math.abs(Number(step));
			node.setValue(String(wanted ?? Number(start) + way * this.chance.below(steps + 1)));
		},
		select: (node, wanted) => {
			const codes = node.currentState.valueOptions.map((option) => option.value);
			if (wanted !== undefined)
				node.selectValues(wanted.split(' '));
			else if (codes.length === 0)
				return;
			else if (node.selectType === 'select1')
				node.selectValue(this.chance.pick(codes));
			else
				node.selectValues(codes.filter(() => this.chance.odds(2 / codes.length)));
		},
		rank: (node) => {
			const left = node.currentState.valueOptions.map((option) => option.value);
			const order = [];
			while (left.length > 0)
				order.push(...left.splice(this.chance.below(left.length), 1));
			node.setValues(order);
		},
		trigger: (node) => node.setValue(true),
		upload: (node) => node.setValue(new File([PICTURE], 'picture.png', { type: 'image/png' })),
	};
}

function options_of(words)
{
	const options = { seed: 1, count: 1, set: new Map(), without: [] };
	const [form, ...rest] = words;
	while (rest.length > 1) {
		const name = rest.shift().replace(/^--/, '');
		const value = rest.shift();
		if (name === 'set') {
			const at = value.indexOf('=');
			const key = value.slice(0, at);
			options.set.set(key, [...(options.set.get(key) ?? []), value.slice(at + 1)]);
		} else if (name === 'without')
			options.without.push(value);
		else
			options[name] = name === 'seed' || name === 'count' ? Number(value) : value;
	}
	if (form === undefined || rest.length > 0) {
		console.error('usage: engine.mjs FORM.xml [--files DIR] [--seed N] [--count N] [--set NAME=VALUE] '
			+ '[--without NAME] [--out DIR]');
		process.exit(2);
	}
	return { form, ...options };
}

const TYPES = { csv: 'text/csv', xml: 'text/xml', geojson: 'application/geo+json' };

function fetch_from(directory)
{
	return async (url) => {
		const name = decodeURIComponent(String(url).split('/').pop());
		try {
			const type = TYPES[name.split('.').pop()] ?? 'application/octet-stream';
			return new Response(readFileSync(join(directory ?? '.', name)),
				{ headers: { 'content-type': type } });
		} catch {
			return new Response('', { status: 404 });
		}
	};
}

async function one(result, options, number)
{
	const instance = result.createInstance({ preloadProperties: { deviceID: 'example:1' } });
	const wanted = new Map(options.without.map((name) => [name, null]));
	for (const [name, values] of options.set)
		wanted.set(name, values[number % values.length]);
	new Walk(instance.root, chance_of(options.seed * 100003 + number), wanted).fill();
	const payload = await instance.root.prepareInstancePayload({ payloadType: 'monolithic' });
	if (payload.status !== 'ready') {
		const where = payload.violations.map((v) => `${v.reference} (${v.violation.condition})`);
		throw new Error(`submission ${number} stays invalid: ${where.join(', ')}`);
	}
	return payload.data[0];
}

/* Elements with their texts, in order; the id, and when it was filled in, are the engine's to
   make anew. */
function lines_of(xml)
{
	const lines = [];
	const walk = (element, path) => {
		const children = [...element.children];
		const text = children.length > 0 ? '' : element.textContent;
		lines.push(`${path}/${element.localName}${text === '' ? '' : `=${text}`}`);
		children.forEach((child) => walk(child, `${path}/${element.localName}`));
	};
	walk(new DOMParser().parseFromString(xml, 'text/xml').documentElement, '');
	return lines.filter((line) => !line.includes('/meta') && !/^[^/]*\/[^/]*\/end(=|$)/.test(line));
}

/* 1.25E7 and 12500000.0 are one number. */
function same(one, other)
{
	const split = (line) => /^([^=]*)=([-0-9.E]+)$/.exec(line) ?? [];
	const [, path, number] = split(one);
	const [, their_path, their_number] = split(other ?? '');
	return one === other
		|| (path !== undefined && path === their_path && Number(number) === Number(their_number));
}

async function check(result, directory, sent)
{
	const xml = readFileSync(join(directory, sent.xml), 'utf8');
	const data = new FormData();
	data.set('xml_submission_file', new File([xml], 'xml_submission_file', { type: 'text/xml' }));
	for (const file of sent.files)
		data.set(file, new File([readFileSync(join(directory, file))], file));
	const instance = await result.restoreInstance({ data: [data] });
	const payload = await instance.root.prepareInstancePayload({ payloadType: 'monolithic' });
	const wrong = (payload.violations ?? []).map((v) => `${v.reference}: ${v.violation.condition} is not met`);
	const ours = lines_of(xml);
	const theirs = lines_of(await payload.data[0].get('xml_submission_file').text());
	const at = ours.findIndex((line, i) => !same(line, theirs[i]));
	if (at >= 0 || ours.length !== theirs.length)
		wrong.push(`${ours[at] ?? 'nothing'} where the engine has ${theirs[at] ?? 'nothing more'}`);
	return wrong.map((words) => `${sent.xml}: ${words}`);
}

async function check_all(result, form, directory)
{
	const all = JSON.parse(readFileSync(join(directory, 'submissions.json'), 'utf8'));
	const model = new DOMParser().parseFromString(readFileSync(form, 'utf8'), 'text/xml');
	const id = model.getElementsByTagName('instance')[0]?.firstElementChild?.getAttribute('id');
	const of_form = all.filter((sent) => sent.form === id);
	const wrong = [];
	for (const sent of of_form)
		wrong.push(...await check(result, directory, sent));
	wrong.forEach((line) => console.log(line));
	if (wrong.length > 0 || of_form.length === 0)
		throw new Error(`${wrong.length} findings in ${of_form.length} submissions of ${id}`);
	console.log(`${of_form.length} submissions of ${id} are as the engine would send them`);
}

async function main()
{
	const options = options_of(process.argv.slice(2));
	browser_begin();
	clock_begin();
	const { loadForm } = await import('@getodk/xforms-engine');
	const result = await loadForm(readFileSync(options.form, 'utf8'),
		{ fetchFormAttachment: fetch_from(options.files), missingResourceBehavior: 'BLANK' });
	if (result.status === 'failure')
		throw new Error(`the form does not load: ${result.error.message}`);
	if (options.check !== undefined) {
		await check_all(result, options.form, options.check);
		return;
	}
	const list = [];
	for (let number = 0; number < options.count; number++) {
		const data = await one(result, options, number);
		const xml = await data.get('xml_submission_file').text();
		if (options.out === undefined) {
			console.log(xml);
			continue;
		}
		mkdirSync(options.out, { recursive: true });
		const name = `${String(number).padStart(4, '0')}.xml`;
		writeFileSync(join(options.out, name), xml);
		const files = [];
		for (const [file, body] of data.entries())
			if (file !== 'xml_submission_file') {
				writeFileSync(join(options.out, file), Buffer.from(await body.arrayBuffer()));
				files.push(file);
			}
		const form = /<\w+[^>]* id="([^"]*)"/.exec(xml)?.[1] ?? '';
		list.push({ form, xml: name, instance: /instanceID>([^<]*)</.exec(xml)?.[1] ?? '', files });
	}
	if (options.out !== undefined)
		writeFileSync(join(options.out, 'submissions.json'), JSON.stringify(list, null, 1));
}

main().catch((error) => {
	console.error(`engine: ${error.message}`);
	process.exit(1);
});
