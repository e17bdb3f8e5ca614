/*
 * report.mjs
 *	  One self-contained HTML page over the KPI views of a schema.
 *
 *	  node report.mjs --schema SCHEMA [--output FILE] [--title TITLE]
 *
 * Reads, in one read-only transaction, the KPI views that the schema has (see
 * docs/kpi-views.md) over the connection that PGHOST, PGDATABASE and the other
 * variables of libpq name.  A chart whose view is not there, or has no rows, says
 * so in its place.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { renderPage } from './page.mjs';
import { SECTIONS, TILES } from './sections.mjs';

const { values: args } = parseArgs({
	options: {
		schema: { type: 'string' },
		output: { type: 'string', default: 'report.html' },
		title: { type: 'string' }
	}
});

if (!args.schema)
{
	console.error('usage: node report.mjs --schema SCHEMA [--output FILE] [--title TITLE]');
	process.exit(2);
}

/* Times as text, as the server prints them; bigint and numeric as numbers. */
for (const type of [1082, 1114, 1184, 1186])
	pg.types.setTypeParser(type, (text) => text);
for (const type of [20, 1700])
	pg.types.setTypeParser(type, Number);

const client = new pg.Client();
const identifier = (name) => `"${name.replaceAll('"', '""')}"`;

/* The rows of a query over a view, or why there are none */
async function read(view, sql)
{
	if (!present.has(view))
		return { rows: [], why: 'This view is not there: the data it needs are not defined.' };

	const { rows } = await client.query(sql, sql.includes('$1') ? [currency] : []);

	for (const row of rows)
		for (const column of ['month', ...(['day', 'week'].includes(grain) ? [] : ['period', 'cohort'])])
			if (/^\d{4}-\d\d-01$/.test(row[column]))
				row[column] = row[column].slice(0, 7);
	return { rows, why: rows.length === 0 ? 'No rows yet.' : null };
}

await client.connect();
await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');

/* The extension's functions, wherever they are, and the views by their bare names */
const { rows: [{ path, extension }] } = await client.query(
	`SELECT concat_ws(', ', quote_ident($1::text), quote_ident(n.nspname)) AS path, e.extversion AS extension
	FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'crm_metrics'`,
	[args.schema]).then((result) => (result.rows.length > 0 ? result : { rows: [{ path: identifier(args.schema), extension: null }] }));

await client.query(`SET LOCAL search_path = ${path}`);

const { rows: relations } = await client.query(
	`SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
	WHERE n.nspname = $1 AND c.relkind IN ('v', 'm') AND c.relname LIKE 'kpi\\_%'`, [args.schema]);
const present = new Set(relations.map((row) => row.relname));

if (present.size === 0)
{
	console.error(`schema "${args.schema}" has no KPI views that you may see; crm_create_kpi_views('${args.schema}') makes them`);
	process.exit(1);
}

/* The currency of most orders, else of most subscriptions, else of most deals */
let currency = null;

for (const [view, count] of [['kpi_revenue', 'orders'], ['kpi_mrr', 'closing_customers'], ['kpi_pipeline', 'open_deals']])
	if (currency === null && present.has(view))
		({ rows: [{ currency } = { currency: null }] } = await client.query(
			`SELECT currency FROM ${view} WHERE currency IS NOT NULL GROUP BY 1 ORDER BY sum(${count}) DESC, 1 LIMIT 1`));

const { rows: [{ grain, confidence }] } = await client.query('SELECT grain, conf_level::float8 AS confidence FROM kpi_settings');
const { rows: [{ now, database }] } = await client.query(
	`SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') AS now, current_database() AS database`);

const inMoney = (unit) => (unit === 'money' ? currency : unit);
const tiles = [];

for (const tile of TILES)
{
	const { rows } = await read(tile.view, tile.sql);

	for (const row of rows)
		tiles.push({ ...row, unit: inMoney(tile.unit) });
}

const sections = [];

for (const { title, charts } of SECTIONS)
{
	const drawn = [];

	for (const { sql, view, ...chart } of charts)
	{
		const { rows, why } = await read(view, sql);
		const list = (items) => items?.map((item) => ({ ...item, unit: inMoney(item.unit) }));

		drawn.push({
			...chart, view, unit: inMoney(chart.unit), y: list(chart.y), tips: list(chart.tips), columns: list(chart.columns), rows, why
		});
	}
	sections.push({ title, charts: drawn });
}

await client.query('COMMIT');
await client.end();

const echarts = readFileSync(createRequire(import.meta.url).resolve('echarts/dist/echarts.min.js'), 'utf8');

writeFileSync(args.output, renderPage({
	title: args.title ?? `Customer KPIs of ${database}`,
	made: now, extension, schema: args.schema, currency, confidence, tiles, sections, echarts
}));
console.log(`${args.output}: ${sections.flatMap((s) => s.charts).filter((c) => !c.why).length} charts`);
