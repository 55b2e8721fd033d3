// The field options that Grafana registers for every panel, and the defaults that its panel plugins add.
import {
  FieldConfigOptionsRegistry,
  FieldConfigPropertyItem,
  standardTransformers,
  standardTransformersRegistry,
} from '@grafana/data';

const item = (id: string, custom = false): FieldConfigPropertyItem =>
  ({
    id: custom ? `custom.${id}` : id,
    path: id,
    name: id,
    description: '',
    isCustom: custom,
    shouldApply: () => true,
    process: (value: any) => value,
    override: () => null,
    editor: () => null,
  }) as any;

const STANDARD = [
  'unit',
  'min',
  'max',
  'fieldMinMax',
  'decimals',
  'displayName',
  'noValue',
  'thresholds',
  'mappings',
  'links',
  'actions',
  'color',
  'filterable',
];
const CUSTOM = [
  'drawStyle',
  'lineInterpolation',
  'barAlignment',
  'barWidthFactor',
  'lineWidth',
  'fillOpacity',
  'gradientMode',
  'fillBelowTo',
  'lineStyle',
  'lineColor',
  'spanNulls',
  'insertNulls',
  'showPoints',
  'pointSize',
  'stacking',
  'transform',
  'axisPlacement',
  'axisLabel',
  'axisWidth',
  'axisSoftMin',
  'axisSoftMax',
  'axisGridShow',
  'axisCenteredZero',
  'axisColorMode',
  'axisBorderShow',
  'scaleDistribution',
  'hideFrom',
  'thresholdsStyle',
  'align',
  'cellOptions',
  'width',
  'minWidth',
  'inspect',
  'hidden',
];
export const registry = new FieldConfigOptionsRegistry(() => [
  ...STANDARD.map((id) => item(id)),
  ...CUSTOM.map((id) => item(id, true)),
]);
standardTransformersRegistry.setInit(() =>
  [...new Map(Object.values(standardTransformers).map((t: any) => [t.id, t])).values()].map(
    (t: any) => ({ id: t.id, name: t.name, transformation: async () => t, editor: () => null }) as any,
  ),
);

const PALETTE = { mode: 'palette-classic' };
const THRESHOLDS = {
  mode: 'absolute',
  steps: [
    { color: 'green', value: null },
    { color: 'red', value: 80 },
  ],
};
const DEFAULTS: Record<string, any> = {
  timeseries: {
    color: PALETTE,
    custom: {
      drawStyle: 'line',
      lineInterpolation: 'linear',
      barAlignment: 0,
      barWidthFactor: 0.6,
      lineWidth: 1,
      fillOpacity: 0,
      gradientMode: 'none',
      spanNulls: false,
      insertNulls: false,
      showPoints: 'auto',
      pointSize: 5,
      stacking: { mode: 'none', group: 'A' },
      axisPlacement: 'auto',
      axisColorMode: 'text',
      axisBorderShow: false,
      scaleDistribution: { type: 'linear' },
      axisCenteredZero: false,
      hideFrom: { tooltip: false, viz: false, legend: false },
      thresholdsStyle: { mode: 'off' },
    },
  },
  stat: { color: { mode: 'thresholds' }, thresholds: THRESHOLDS },
  bargauge: { color: { mode: 'thresholds' }, thresholds: THRESHOLDS },
  table: {
    color: { mode: 'thresholds' },
    thresholds: THRESHOLDS,
    custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false },
  },
};

export function fieldConfig(panel: any) {
  const given = panel.fieldConfig ?? {};
  const base = DEFAULTS[panel.type] ?? DEFAULTS.stat;
  const own = structuredClone(given.defaults ?? {});
  const thresholds = own.thresholds ?? structuredClone(base.thresholds);
  thresholds?.steps.forEach((step: any) => {
    step.value = step.value ?? -Infinity;
  });
  const overrides = structuredClone(given.overrides ?? []);
  return {
    defaults: {
      ...structuredClone(base),
      ...own,
      ...(thresholds && { thresholds }),
      ...((base.custom || own.custom) && { custom: { ...base.custom, ...own.custom } }),
    },
    overrides,
  };
}
