/* render - loads XForms into ODK Web Forms in a headless Chromium and says what became of each.
 *
 *   node render.mjs [--files DIR] FORM.xml...
 *
 * Prints one line a form, "rendered NAME (N questions)" or "failed NAME: the reason that the page
 * shows", then "N rendered, N failed". Ends with 0 whether forms failed or not; with 3 when there is
 * no browser. --files: a directory with lists and pictures; beside it the form's own directory counts.
 *
 * Always true: nothing leaves the machine: pages, scripts and forms come from a server on 127.0.0.1
 *              that knows this directory's packages and the files named, and every other address is
 *              refused in the browser. The browser starts with a new, empty profile.
 */
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];
const FORM_MS = 30000;
const TYPES = { js: 'text/javascript', xml: 'text/xml', csv: 'text/csv', html: 'text/html; charset=utf-8',
	geojson: 'application/geo+json', wasm: 'application/wasm', png: 'image/png', jpg: 'image/jpeg' };
const PACKAGES = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
const PAGE = `<!doctype html><html lang="en"><title>form</title>
<script type="importmap">{"imports": {"vue": "/packages/vue/dist/vue.runtime.esm-browser.prod.js",
"@getodk/web-forms": "/packages/@getodk/web-forms/dist/index.js"}}</script>
<div id="app"></div>
<script>
addEventListener('error', (event) => { window.broken = event.message; });
addEventListener('unhandledrejection', (event) => { window.broken = String(event.reason?.message ?? event.reason); });
</script>
<script type="module">
import { createApp, h } from 'vue';
import { OdkWebForm, webFormsPlugin } from '@getodk/web-forms';
const number = location.hash.slice(1);
const xml = await (await fetch('/form/' + number)).text();
const attachment = (url) => fetch('/media/' + number + '/'
	+ encodeURIComponent(decodeURIComponent(String(url).split('/').pop())));
const app = createApp({ render: () => h(OdkWebForm, { formXml: xml,
	fetchFormAttachment: attachment, missingResourceBehavior: 'BLANK' }) });
app.config.errorHandler = (error) => { window.broken = String(error?.message ?? error); };
app.use(webFormsPlugin);
app.mount('#app');
</script>`;

function body_of(path, forms, files)
{
	if (path === '/')
		return [Buffer.from(PAGE), 'html'];
	const parts = path.slice(1).split('/').map(decodeURIComponent);
	if (parts.includes('..'))
		return null;
	if (parts[0] === 'packages')
		return [readFileSync(join(PACKAGES, ...parts.slice(1))), path.split('.').pop()];
	const form = forms[Number(parts[1])];
	if (parts[0] === 'form')
		return [readFileSync(form), 'xml'];
	for (const directory of parts[0] === 'media' ? [dirname(form), files ?? dirname(form)] : [])
		try {
			return [readFileSync(join(directory, basename(parts[2]))), parts[2].split('.').pop()];
		} catch {
			// It may lie in the other directory.
		}
	return null;
}

function serve(forms, files)
{
	const server = createServer((request, response) => {
		let found = null;
		try {
			found = body_of(new URL(request.url, 'http://127.0.0.1').pathname, forms, files);
		} catch {
			// What cannot be read is not there.
		}
		response.writeHead(found === null ? 404 : 200,
			{ 'content-type': TYPES[found?.[1]] ?? 'application/octet-stream' });
		response.end(found?.[0] ?? '');
	});
	return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/* In the page: null as long as it is loading. */
function state_of_page()
{
	const failure = document.querySelector('.form-load-failure-dialog');
	if (failure !== null)
		return { failed: failure.innerText.replace(/\s+/g, ' ').trim() };
	const questions = document.querySelector('.form-wrapper .form-questions');
	if (questions !== null)
		return { questions: questions.querySelectorAll('.question-container').length };
	return window.broken === undefined ? null : { failed: window.broken };
}

async function look(page, origin, number)
{
	const errors = [];
	const note = (error) => errors.push(error.message);
	page.on('pageerror', note);
	try {
		await page.goto('about:blank');
		await page.goto(`${origin}/#${number}`);
		const state = await page.waitForFunction(state_of_page, undefined, { timeout: FORM_MS });
		return await state.jsonValue();
	} catch (error) {
		return { failed: errors[0] ?? error.message.split('\n')[0] };
	} finally {
		page.off('pageerror', note);
	}
}

async function browser_begin(profile, origin)
{
	const context = await chromium.launchPersistentContext(profile,
		{ executablePath: BROWSER, args: FLAGS, headless: true });
	await context.route('**/*', (route) => {
		const url = route.request().url();
		const near = url.startsWith(origin) || /^(data|blob|about):/.test(url);
		return near ? route.continue() : route.abort();
	});
	return context;
}

async function main(words)
{
	const files = words[0] === '--files' ? words.splice(0, 2)[1] : undefined;
	if (words.length === 0) {
		console.error('usage: render.mjs [--files DIR] FORM.xml...');
		return 2;
	}
	const server = await serve(words, files);
	const origin = `http://127.0.0.1:${server.address().port}`;
	const profile = mkdtempSync(join(tmpdir(), 'weir-browser.'));
	let context = null;
	try {
		context = await browser_begin(profile, origin);
		const page = await context.newPage();
		let rendered = 0;
		for (const [number, form] of words.entries()) {
			const { failed, questions } = await look(page, origin, number);
			rendered += failed === undefined;
			console.log(failed === undefined ? `rendered ${basename(form)} (${questions} questions)`
				: `failed ${basename(form)}: ${failed.slice(0, 300)}`);
		}
		console.log(`${rendered} rendered, ${words.length - rendered} failed`);
		return 0;
	} catch (error) {
		console.error(`render: ${error.message.split('\n')[0]}`);
		return 3;
	} finally {
		await context?.close();
		server.close();
		server.closeAllConnections();
		rmSync(profile, { recursive: true, force: true });
	}
}

process.exit(await main(process.argv.slice(2)));
