/*
 * page.mjs
 *	  The report's HTML: everything in one file, nothing fetched.
 */
import { readFileSync } from 'node:fs';

const asset = (name) => readFileSync(new URL(`client/${name}`, import.meta.url), 'utf8');

const escape = (text) => String(text)
	.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/* Data inside a script element: no text of theirs may end it. */
const embed = (data) => JSON.stringify(data).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/* A number in a table, or in a tile when compact; the same words as in client/page.js */
function format(value, unit, compact = false)
{
	if (value === null || value === undefined)
		return '';
	if (typeof value !== 'number')
		return String(value);
	if (unit === 'percent')
		return new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 }).format(value);
	if (unit === 'count')
		return new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(value);
	if (/^[A-Z]{3}$/.test(unit ?? ''))
		return new Intl.NumberFormat('en', { style: 'currency', currency: unit, maximumFractionDigits: compact && Math.abs(value) >= 1000 ? 0 : 2 }).format(value);
	return new Intl.NumberFormat('en', { maximumFractionDigits: compact ? 1 : 2 }).format(value) + (compact && unit ? ` ${unit}` : '');
}

function tile({ label, value, lower, upper, unit, note })
{
	const interval = lower !== null && lower !== undefined && upper !== null && upper !== undefined
		? `<div class="quiet">${escape(format(lower, unit, true))} to ${escape(format(upper, unit, true))}</div>` : '';

	return `<div class="tile"><dt>${escape(label)}</dt><dd><span class="value">${escape(format(value, unit, true) || '–')}</span>` +
		`${interval}${note ? `<div class="quiet">${escape(note)}</div>` : ''}</dd></div>`;
}

/* The same data as the chart, to be read aloud, searched and copied */
function table({ title, rows, columns })
{
	const head = columns.map((c) => `<th scope="col"${c.unit ? ' class="number"' : ''}>${escape(c.name)}</th>`).join('');
	const body = rows.map((row) => `<tr>${columns.map((c) =>
		`<td${c.unit ? ' class="number"' : ''}>${escape(format(row[c.column], c.unit))}</td>`).join('')}</tr>`).join('\n');

	return `<details><summary>Data of this chart</summary><div class="scroll" tabindex="0" role="region" aria-label="${escape(title)}: data">` +
		`<table><caption>${escape(title)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div></details>`;
}

function figure(chart)
{
	const { id, title, text, view, why, wide, tall } = chart;
	const body = why
		? `<p class="empty">${escape(why)}</p>`
		: `<div class="chart${tall ? ' tall' : ''}" role="img" aria-label="${escape(`${title}. ${text} The data are in the table below.`)}"></div>${table(chart)}`;

	return `<figure id="${id}"${wide ? ' class="wide"' : ''}${why ? '' : ' data-chart'}>` +
		`<figcaption><h3>${escape(title)}</h3><p class="quiet">${escape(text)} <code>${escape(view)}</code></p></figcaption>${body}</figure>`;
}

const anchor = (title) => `section-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;

export function renderPage({ title, made, extension, schema, currency, confidence, tiles, sections, echarts })
{
	const drawn = sections.flatMap((section) => section.charts).filter((chart) => !chart.why);

	return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<title>${escape(title)}</title>
<style>
${asset('page.css')}</style>
</head>
<body>
<header>
<h1>${escape(title)}</h1>
<p class="quiet">Made ${escape(made)} from schema ${escape(schema)}${extension ? `, crm_metrics ${escape(extension)}` : ''}. ${currency ? ` Money in ${escape(currency)}.` : ''} Bands and whiskers are ${escape(format(confidence, 'percent'))} intervals.</p>
<nav aria-label="Sections"><ul>${sections.map((s) => `<li><a href="#${anchor(s.title)}">${escape(s.title)}</a></li>`).join('')}</ul></nav>
</header>
<main>
<dl class="tiles">${tiles.map(tile).join('\n')}</dl>
${sections.map((s) => `<section aria-labelledby="${anchor(s.title)}"><h2 id="${anchor(s.title)}">${escape(s.title)}</h2>
<div class="charts">
${s.charts.map(figure).join('\n')}
</div></section>`).join('\n')}
</main>
<script type="application/json" id="report-data">${embed({ charts: drawn })}</script>
<script>${echarts.replaceAll('</script', '<\\/script')}</script>
<script>
'use strict';
(() => {
${asset('page.js')}})();
</script>
</body>
</html>
`;
}
