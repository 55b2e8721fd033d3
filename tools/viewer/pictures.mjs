// node pictures.mjs FOLDER: the pictures of the docs, drawn anew.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

const BOTH = ['dark', 'light'];
const PICTURES = [
  ['orders', 'd=prod/orders.v1&var-group=shipping-planner', BOTH], // every partition late, one of them hot
  ['one-partition-stuck', 'd=prod/shipments.v1&var-group=label-printer', BOTH],
  ['many-partitions', 'd=prod/tracking-events.v1', ['dark']], // all is well
  ['dead-letters', 'd=prod/orders.v1.dlq', BOTH],
  ['team', 'd=prod/team%2Bpayments', ['dark']],
];

const folder = path.resolve(process.argv[2] ?? '.');
mkdirSync(folder, { recursive: true });
const asked = PICTURES.flatMap(([name, query, themes]) =>
  themes.flatMap((theme) => [path.join(folder, `${name}-${theme}.png`), `${query}&theme=${theme}`]),
);
const draw = path.join(import.meta.dirname, 'draw.mjs');
process.exit(spawnSync(process.execPath, [draw, ...asked], { stdio: 'inherit' }).status ?? 1);
