/*
 * check.mjs
 *	  Opens a report in headless Chromium and checks what a reader would see.
 *
 *	  node check.mjs REPORT.html [SCREENSHOT_DIRECTORY]
 *
 * On a phone and on a desktop, light and dark: every chart has drawn marks inside
 * its box, has its title and a table with all of its rows; nothing came on the
 * console, nothing was fetched, the page does not scroll sideways, and axe-core
 * finds no violation of WCAG 2.1 A and AA.  Ends with "N passed, N failed".
 */
import { mkdirSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';

const [file, screenshots] = process.argv.slice(2);
const VIEWS = [
	{ name: 'desktop', width: 1280, height: 900 },
	{ name: 'phone', width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
];
const executablePath = process.env.CHROMIUM ??
	['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

if (!file || !executablePath)
{
	console.error(file ? 'no Chromium found: install it, or name it in CHROMIUM' : 'usage: node check.mjs REPORT.html [DIRECTORY]');
	process.exit(2);
}
if (screenshots)
	mkdirSync(screenshots, { recursive: true });

let passed = 0;
let failed = 0;

function check(name, problems)
{
	if (problems.length === 0)
		passed++;
	else
	{
		failed++;
		console.log(`FAILED: ${name}`);
		problems.forEach((problem) => console.log(`  ${problem}`));
	}
}

/* In the page: what is wrong with its charts */
function inspectCharts()
{
	const { charts } = JSON.parse(document.getElementById('report-data').textContent);

	return charts.map((chart) => {
		const problems = [];
		const figure = document.getElementById(chart.id);
		const box = figure.querySelector('.chart');
		const svg = box.querySelector('svg');
		const frame = box.getBoundingClientRect();
		const seen = (mark) => {
			const r = mark.getBoundingClientRect();

			return r.width + r.height > 0.5 && r.right > frame.left && r.left < frame.right && r.bottom > frame.top && r.top < frame.bottom;
		};
		const colours = new Set();

		if (figure.dataset.rendered !== 'true')
			problems.push('was not finished');
		if (!svg)
			return { id: chart.id, problems: ['has no drawing'] };
		for (const mark of svg.querySelectorAll('path, rect, polyline, circle'))
			if (seen(mark))
				for (const paint of [mark.getAttribute('fill'), mark.getAttribute('stroke')])
					if (paint && !['none', 'transparent'].includes(paint))
						colours.add(paint);
		if (colours.size < 2)
			problems.push(`has no marks besides its axes (${[...colours].join(', ')})`);
		if (![...svg.querySelectorAll('text')].some(seen))
			problems.push('has no labels');
		for (const text of svg.querySelectorAll('text'))
			if (/\b(NaN|null|undefined|Infinity)\b/.test(text.textContent))
				problems.push(`says "${text.textContent}"`);
		if (frame.width < 200 || frame.height < 150)
			problems.push(`is ${frame.width} by ${frame.height} pixels`);
		if (!figure.querySelector('h3')?.textContent.trim())
			problems.push('has no title');
		if (!box.getAttribute('aria-label'))
			problems.push('has no text alternative');
		if (figure.querySelectorAll('tbody tr').length !== chart.rows.length)
			problems.push('has not all of its rows in its table');
		return { id: chart.id, problems };
	});
}

const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });

for (const view of VIEWS)
	for (const scheme of ['light', 'dark'])
	{
		const name = `${view.name}, ${scheme}`;
		const page = await browser.newPage();
		const messages = [];
		const requests = [];

		page.on('console', (message) => {
			if (['error', 'warn', 'assert'].includes(message.type()))
				messages.push(`${message.type()}: ${message.text()}`);
		});
		page.on('pageerror', (error) => messages.push(`exception: ${error.message}`));
		page.on('request', (request) => requests.push(request.url()));
		await page.setViewport(view);
		await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
		await page.setBypassCSP(true);	/* for axe alone: nothing may be fetched below */
		await page.goto(pathToFileURL(resolve(file)).href, { waitUntil: 'load' });
		await page.waitForFunction(() => [...document.querySelectorAll('[data-chart]')].every((f) => f.dataset.rendered === 'true'),
			{ timeout: 30000 }).catch(() => {});

		const charts = await page.evaluate(inspectCharts);

		check(`${name}: there are charts`, charts.length > 0 ? [] : ['none']);
		charts.forEach((chart) => check(`${name}: ${chart.id}`, chart.problems));
		check(`${name}: does not scroll sideways`, await page.evaluate(() => {
			const { scrollWidth } = document.scrollingElement;

			return scrollWidth > window.innerWidth ? [`${scrollWidth} of ${window.innerWidth} pixels`] : [];
		}));
		check(`${name}: fetches nothing`, requests.filter((url) => !url.startsWith('data:')).slice(1));
		if (screenshots)
			await page.screenshot({ path: join(screenshots, `${view.name}-${scheme}.png`), fullPage: true });
		check(`${name}: nothing on the console`, messages);

		await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
		check(`${name}: accessible`, await page.evaluate(async () => {
			document.querySelectorAll('details').forEach((d) => { d.open = true; });
			const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });

			return violations.map((v) => `${v.id}: ${v.help} (${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join('; ')})`);
		}));
		await page.close();
	}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
