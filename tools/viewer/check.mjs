// node check.mjs DASHBOARD.json...
//
// Holds dashboards against the types of @grafana/schema: words that Grafana does not know, wrong kinds, wrong choices.
// Each is written as typed literals, and tsc reads them. Not looked at: queries, values of overrides.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const DASHBOARD = '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';
const PANEL = '@grafana/schema/dist/esm/raw/composable';
const KINDS = {
  timeseries: 'TimeSeries',
  stat: 'Stat',
  table: 'Table',
  heatmap: 'Heatmap',
  bargauge: 'BarGauge',
  text: 'Text',
};
const WITH_CUSTOM = ['timeseries', 'table', 'heatmap'];
// The data source's own words, of which the schema knows nothing.
const OF_ANNOTATIONS = ['expr', 'step', 'titleFormat', 'textFormat'];
const OF_VARIABLES = ['definition'];
const OPTIONS = [
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--moduleResolution',
  'bundler',
  '--module',
  'esnext',
  '--target',
  'es2022',
];

const without = (one, words) => Object.fromEntries(Object.entries(one).filter(([word]) => !words.includes(word)));
const imported = Object.entries(KINDS).map(
  ([kind, name]) => `import type * as ${name} from '${PANEL}/${kind}/panelcfg/x/${name}PanelCfg_types.gen';`,
);
const lines = [
  `import type { Dashboard, Panel, RowPanel } from '${DASHBOARD}';`,
  ...imported,
  // JSON has an enum's value where TypeScript wants the enum.
  'type J<T> = T extends string ? `${T}` : T extends number | boolean | null | undefined ? T',
  '  : T extends Array<infer U> ? J<U>[] : { [K in keyof T]: J<T[K]> };',
  "type D = Omit<J<Dashboard>, 'panels'>;",
  "type P = Omit<J<Panel>, 'targets' | 'panels'> & { panels?: unknown[] };",
  "type R = Omit<J<RowPanel>, 'panels'> & { panels: unknown[] };",
  "type F = J<NonNullable<Panel['fieldConfig']>>;",
];
const places = [];

function add(place, type, value) {
  places.push([lines.length + 1, place]);
  lines.push(...`export const x${places.length}: ${type} = ${JSON.stringify(value, null, 1)};`.split('\n'));
}

function addPanel(file, { targets, ...panel }) {
  const place = `${file}: panel ${panel.id} ${panel.title}`;
  if (panel.type === 'row') {
    add(place, 'R', panel);
    panel.panels.forEach((inner) => addPanel(file, inner));
    return;
  }
  const { options, fieldConfig, ...plain } = panel;
  const { custom, ...defaults } = fieldConfig?.defaults ?? {};
  add(place, 'P', plain);
  if (options && KINDS[panel.type]) {
    add(`${place}: options`, `Partial<J<${KINDS[panel.type]}.Options>>`, options);
  }
  if (fieldConfig) {
    add(`${place}: fieldConfig`, 'F', { ...fieldConfig, defaults });
  }
  if (custom && WITH_CUSTOM.includes(panel.type)) {
    add(`${place}: fieldConfig.defaults.custom`, `Partial<J<${KINDS[panel.type]}.FieldConfig>>`, custom);
  }
}

for (const file of process.argv.slice(2)) {
  const { panels, ...rest } = JSON.parse(readFileSync(file));
  const annotations = { ...rest.annotations, list: rest.annotations?.list?.map((one) => without(one, OF_ANNOTATIONS)) };
  const templating = { ...rest.templating, list: rest.templating?.list?.map((one) => without(one, OF_VARIABLES)) };
  add(file, 'D', { ...rest, annotations, templating });
  panels.forEach((panel) => addPanel(file, panel));
}

const generated = path.join(here, 'dist', 'check.gen.ts');
mkdirSync(path.dirname(generated), { recursive: true });
writeFileSync(generated, lines.join('\n'));
const tsc = path.join(here, 'node_modules', 'typescript', 'bin', 'tsc');
const done = spawnSync(process.execPath, [tsc, ...OPTIONS, generated], { encoding: 'utf8' });
for (const line of done.stdout.split('\n').filter(Boolean)) {
  const at = /\((\d+),/.exec(line);
  const place = at && places.findLast(([first]) => first <= Number(at[1]));
  console.log(place ? `${place[1]}: ${line.replace(/^.*?: /, '')}` : line);
}
console.log(
  done.status ? 'the types of @grafana/schema say otherwise' : `${process.argv.length - 2} dashboards, no complaints`,
);
process.exit(done.status ? 1 : 0);
