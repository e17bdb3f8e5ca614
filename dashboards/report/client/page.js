/*
 * page.js
 *	  Draws the report's charts in the browser, from the data in the page.
 *
 * Each chart has a kind (a function in DRAW below) that turns its rows into an
 * ECharts option.  Nothing is fetched: the page works from a file.
 */
/* global echarts */

const report = JSON.parse(document.getElementById('report-data').textContent);
const root = document.documentElement;

const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
const palette = () => [0, 1, 2, 3, 4, 5, 6].map((i) => colour(`c${i}`));
const narrow = () => window.innerWidth < 640;

/* A number as a person reads it.  unit: percent, count, number, or a currency. */
function format(value, unit, compact = false)
{
	if (value === null || value === undefined || Number.isNaN(value))
		return '–';
	const options = compact ? { notation: 'compact' } : {};

	if (unit === 'percent')
		return new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 }).format(value);
	if (unit === 'count')
		return new Intl.NumberFormat('en', { maximumFractionDigits: compact ? 1 : 0, ...options }).format(value);
	if (/^[A-Z]{3}$/.test(unit ?? ''))
		return new Intl.NumberFormat('en', {
			style: 'currency', currency: unit, maximumFractionDigits: Math.abs(value) < 100 && !compact ? 2 : 0, ...options
		}).format(value);
	return new Intl.NumberFormat('en', { maximumFractionDigits: 1, ...options }).format(value) +
		(unit ? ` ${unit}` : '');
}

const withInterval = (row, y, unit) => {
	const text = format(row[y.value], unit);

	return y.lower && row[y.lower] !== null && row[y.upper] !== null
		? `${text} (${format(row[y.lower], unit)} to ${format(row[y.upper], unit)})` : text;
};

/* Tooltips show text, and data are no markup. */
function escape(text)
{
	const span = document.createElement('span');

	span.textContent = text;
	return span.innerHTML;
}

const tip = (title, lines) => `<strong>${escape(title)}</strong><br>${lines.map(escape).join('<br>')}`;

/* What all charts with axes share */
function frame(unit)
{
	return {
		animation: false,
		aria: { enabled: true },
		color: palette(),
		textStyle: { color: colour('ink'), fontFamily: getComputedStyle(document.body).fontFamily },
		grid: { left: 16, right: 28, top: 40, bottom: 8, containLabel: true },
		legend: { top: 0, type: 'scroll', textStyle: { color: colour('ink') }, pageTextStyle: { color: colour('ink') }, pageIconColor: colour('accent') },
		tooltip: {
			trigger: 'axis', confine: true, backgroundColor: colour('card'), borderColor: colour('rule'),
			textStyle: { color: colour('ink'), fontSize: 13 }
		},
		xAxis: {
			axisLine: { lineStyle: { color: colour('rule') } }, axisTick: { show: false },
			axisLabel: { color: colour('quiet'), hideOverlap: true }
		},
		yAxis: {
			axisLabel: { color: colour('quiet'), formatter: (v) => format(v, unit, true) },
			splitLine: { lineStyle: { color: colour('rule') } }
		}
	};
}

/* Whiskers from lower to upper at each category; across: the categories run down. */
function whiskers(rows, y, across, series)
{
	return {
		type: 'custom', name: `${series} interval`, z: 5, silent: true, tooltip: { show: false },
		data: rows.map((row, i) => [i, row[y.lower], row[y.upper]])
			.filter((d) => d[1] !== null && d[2] !== null),
		encode: across ? { y: 0, x: [1, 2] } : { x: 0, y: [1, 2] },
		renderItem: (params, api) => {
			const at = (v) => api.coord(across ? [v, api.value(0)] : [api.value(0), v]);
			const from = at(api.value(1));
			const to = at(api.value(2));
			const stroke = { stroke: colour('ink'), lineWidth: 1.5, opacity: 0.75 };
			const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style: stroke });
			const cap = 4;

			return {
				type: 'group',
				children: across
					? [line(from[0], from[1], to[0], to[1]), line(from[0], from[1] - cap, from[0], from[1] + cap),
						line(to[0], to[1] - cap, to[0], to[1] + cap)]
					: [line(from[0], from[1], to[0], to[1]), line(from[0] - cap, from[1], from[0] + cap, from[1]),
						line(to[0] - cap, to[1], to[0] + cap, to[1])]
			};
		}
	};
}

const legendOf = (chart) => (chart.y.length > 1 ? { data: chart.y.map((y) => y.name) } : { show: false });

const DRAW = {
	/* Series over time, each with a band from lower to upper where it has one */
	line(chart)
	{
		const base = frame(chart.unit);
		const series = [];

		chart.y.forEach((y, i) => {
			const colourOf = palette()[i % palette().length];

			if (y.lower)
				for (const [part, style] of [[(r) => r[y.lower], { opacity: 0 }],
					[(r) => (r[y.upper] === null ? null : r[y.upper] - r[y.lower]), { opacity: 0.18, color: colourOf }]])
					series.push({
						type: 'line', name: `${y.name} interval`, stack: `band ${i}`, stackStrategy: 'all', symbol: 'none', silent: true,
						lineStyle: { opacity: 0 }, areaStyle: style, data: chart.rows.map(part), tooltip: { show: false }
					});
			series.push({
				type: 'line', name: y.name, data: chart.rows.map((r) => r[y.value]), color: colourOf, symbolSize: 6,
				connectNulls: false, showAllSymbol: 'auto', lineStyle: { width: 2, type: y.dashed ? 'dashed' : 'solid' }
			});
		});
		return {
			...base,
			legend: { ...base.legend, ...legendOf(chart) },
			tooltip: {
				...base.tooltip,
				formatter: (params) => {
					const row = chart.rows[params[0].dataIndex];

					return tip(row[chart.x], chart.y.map((y) => `${y.name}: ${withInterval(row, y, y.unit ?? chart.unit)}`));
				}
			},
			grid: { ...base.grid, top: chart.y.length > 1 ? 40 : 16 },
			xAxis: { ...base.xAxis, type: 'category', boundaryGap: false, data: chart.rows.map((r) => r[chart.x]) },
			yAxis: { ...base.yAxis, type: 'value', scale: !chart.zero, max: chart.max },
			series
		};
	},

	/* Bars; across: they lie, the first on top.  stacked: one upon the other. */
	bars(chart)
	{
		const base = frame(chart.unit);
		const category = {
			...base.xAxis, type: 'category', data: chart.rows.map((r) => String(r[chart.x])),
			...(chart.across ? { inverse: true, axisLabel: { color: colour('ink'), width: narrow() ? 110 : chart.wide ? 380 : 170, overflow: 'truncate' } } : {})
		};
		const value = { ...base.yAxis, type: 'value', max: chart.max };
		const series = chart.y.map((y) => ({
			type: y.line ? 'line' : 'bar', name: y.name, stack: chart.stacked && !y.line ? 'all' : undefined,
			data: chart.rows.map((r) => r[y.value]), barMaxWidth: 34
		}));

		chart.y.filter((y) => y.lower).forEach((y) => series.push(whiskers(chart.rows, y, chart.across, y.name)));
		return {
			...base,
			legend: { ...base.legend, ...legendOf(chart) },
			grid: { ...base.grid, top: chart.y.length > 1 ? 40 : 16 },
			tooltip: {
				...base.tooltip, axisPointer: { type: 'shadow' },
				formatter: (params) => {
					const row = chart.rows[params[0].dataIndex];

					return tip(row[chart.x], chart.tips
						? chart.tips.map((t) => `${t.name}: ${withInterval(row, t, t.unit)}`)
						: chart.y.map((y) => `${y.name}: ${withInterval(row, y, y.unit ?? chart.unit)}`));
				}
			},
			xAxis: chart.across ? value : category,
			yAxis: chart.across ? category : value,
			series
		};
	},

	/* A cohort a row, a period a column; cells that are not known yet stay empty. */
	triangle(chart)
	{
		const base = frame('percent');
		const cohorts = [...new Set(chart.rows.map((r) => r[chart.cohort]))];
		const periods = [...new Set(chart.rows.map((r) => r[chart.period]))].sort((a, b) => a - b);
		const known = chart.rows.filter((r) => r[chart.value] !== null);
		const top = Math.max(...known.filter((r) => r[chart.period] > 0).map((r) => r[chart.value]), 0.01);

		return {
			...base,
			legend: { show: false },
			grid: { ...base.grid, top: 8, bottom: 44 },
			tooltip: {
				...base.tooltip, trigger: 'item',
				formatter: (p) => {
					const row = known[p.dataIndex];

					return tip(`${row[chart.cohort]}, period ${row[chart.period]}`,
						[`${chart.valueName}: ${withInterval(row, chart, 'percent')}`,
							`${format(row[chart.count], 'count')} of ${format(row[chart.size], 'count')} customers`]);
				}
			},
			xAxis: { ...base.xAxis, type: 'category', data: periods },
			yAxis: { ...base.yAxis, type: 'category', inverse: true, data: cohorts, axisLabel: { color: colour('quiet') } },
			visualMap: {
				min: 0, max: top, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 120, itemWidth: 12,
				inRange: { color: [colour('low'), colour('high')] }, textStyle: { color: colour('quiet') },
				text: [format(top, 'percent'), '0%']
			},
			series: [{
				type: 'heatmap', name: chart.valueName,
				data: known.map((r) => ({
					value: [periods.indexOf(r[chart.period]), cohorts.indexOf(r[chart.cohort]), r[chart.value]],
					label: { color: colour(r[chart.value] > top / 2 ? 'card' : 'ink') }
				})),
				itemStyle: { borderColor: colour('card'), borderWidth: 1 },
				label: {
					show: !narrow() && periods.length <= 14, fontSize: 11,
					formatter: (p) => `${Math.round(p.value[2] * 100)}`
				}
			}]
		};
	},

	/* Links from one step to the next; widths are counts. */
	sankey(chart)
	{
		const base = frame('count');
		const names = [...new Set(chart.rows.flatMap((r) => [r[chart.source], r[chart.target]]))];

		return {
			...base,
			legend: undefined, xAxis: undefined, yAxis: undefined, grid: undefined,
			tooltip: {
				...base.tooltip, trigger: 'item',
				formatter: (p) => (p.dataType === 'edge'
					? tip(`${p.data.source} to ${p.data.target}`, [withInterval(chart.rows[p.dataIndex], { value: chart.value }, 'count'),
						...(chart.share ? [`share: ${withInterval(chart.rows[p.dataIndex], chart.share, 'percent')}`] : [])])
					: tip(p.name, [format(p.value, 'count')]))
			},
			series: [{
				type: 'sankey', nodeAlign: 'left', left: 8, right: narrow() ? 90 : 140, top: 8, bottom: 8, nodeGap: 10,
				draggable: false, emphasis: { focus: 'adjacency' }, lineStyle: { color: 'source', opacity: 0.35 },
				label: { color: colour('ink'), width: narrow() ? 84 : 132, overflow: 'truncate' },
				data: names.map((name, i) => ({ name, itemStyle: { color: palette()[i % palette().length] } })),
				links: chart.rows.map((r) => ({ source: r[chart.source], target: r[chart.target], value: r[chart.value] }))
			}]
		};
	}
};

const charts = new Map();

/* A series without a value is not drawn: it would only be a name in the legend. */
const withValues = (chart) => (chart.y
	? { ...chart, y: chart.y.filter((y) => chart.rows.some((row) => row[y.value] !== null)) } : chart);

function draw(chart)
{
	const figure = document.getElementById(chart.id);
	const box = figure.querySelector('.chart');

	if (!box)
		return;
	charts.get(chart.id)?.dispose();
	const instance = echarts.init(box, null, { renderer: 'svg' });

	charts.set(chart.id, instance);
	instance.on('finished', () => { figure.dataset.rendered = 'true'; });
	instance.setOption(DRAW[chart.kind](withValues(chart)));
}

const drawAll = () => report.charts.forEach(draw);

let timer;

window.addEventListener('resize', () => {
	clearTimeout(timer);
	timer = setTimeout(drawAll, 150);
});
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
drawAll();
