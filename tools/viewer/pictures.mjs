// node pictures.mjs FOLDER: draws docs/pictures anew.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

const PICTURES = {
  orders: 'd=prod/orders.v1&var-group=shipping-planner', // all partitions late; a hot one
  'one-partition-stuck': 'd=prod/shipments.v1&var-group=label-printer',
  'many-partitions': 'd=prod/tracking-events.v1',
  'dead-letters': 'd=prod/orders.v1.dlq',
};
const THEMES = ['dark', 'light'];

const folder = path.resolve(process.argv[2] ?? '.');
mkdirSync(folder, { recursive: true });
const asked = Object.entries(PICTURES).flatMap(([name, query]) =>
  THEMES.flatMap((theme) => [path.join(folder, `${name}-${theme}.png`), `${query}&theme=${theme}`]),
);
const draw = path.join(import.meta.dirname, 'draw.mjs');
process.exit(spawnSync(process.execPath, [draw, ...asked], { stdio: 'inherit' }).status ?? 1);
