// What Grafana's server and its Prometheus data source do: variables, queries, frames.
import { DataFrame, FieldType, dateTime, rangeUtil, TimeRange, toDataFrame } from '@grafana/data';

export type Dashboard = any;
export interface Scope {
  range: TimeRange;
  variables: Record<string, string[]>;
  many: Set<string>; // those of several values: Grafana escapes them for a regular expression
  all: Record<string, string>;
  scrape: number;
}

const seconds = (text: string) => rangeUtil.intervalToSeconds(text);

export async function ask(path: string, params: Record<string, string | number>) {
  const form = new URLSearchParams(params as any);
  const answer = await (
    path.startsWith('query')
      ? fetch(`/prom/api/v1/${path}`, { method: 'POST', body: form })
      : fetch(`/prom/api/v1/${path}?${form}`)
  ).then((r) => r.json());
  if (answer.status !== 'success') {
    throw new Error(answer.error || 'no answer');
  }
  return answer.data;
}

export function timeRange(from: string, to: string, now: number): TimeRange {
  const at = (text: string) =>
    text === 'now' ? now : text.startsWith('now-') ? now - seconds(text.slice(4)) * 1000 : Number(text);
  return { from: dateTime(at(from)), to: dateTime(at(to)), raw: { from, to } };
}

const special = (value: string) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\\\$&');

/** $name, ${name}, ${name:format} and [[name]], as the Prometheus data source writes them into a query. */
export function interpolate(text: string, scope: Scope, extra: Record<string, string> = {}, promql = false): string {
  return text.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)\]\]/g, (whole, a, b, c) => {
    const name = a ?? b ?? c;
    if (name in extra) {
      return extra[name];
    }
    const values = scope.variables[name];
    if (!values) {
      return whole;
    }
    if (values.includes('$__all')) {
      return promql ? (scope.all[name] ?? '.*') : 'All';
    }
    if (!promql) {
      return values.join(' + ');
    }
    if (!scope.many.has(name)) {
      return values[0] ?? '';
    }
    return values.length === 1 ? special(values[0]) : `(${values.map(special).join('|')})`;
  });
}

/** The step of a panel so many pixels wide, and the built-in variables that follow from it. */
export function steps(scope: Scope, pixels: number, min?: string) {
  const least = Math.max(scope.scrape, min ? seconds(min) : 0);
  const interval = rangeUtil.calculateInterval(scope.range, pixels, `${least}s`);
  const step = Math.max(Math.round(interval.intervalMs / 1000), 1);
  const span = Math.round((scope.range.to.valueOf() - scope.range.from.valueOf()) / 1000);
  return {
    step,
    builtin: {
      __interval: `${step}s`,
      __interval_ms: `${step * 1000}`,
      __range: `${span}s`,
      __range_s: `${span}`,
      __range_ms: `${span * 1000}`,
      __rate_interval: `${Math.max(step + scope.scrape, 4 * scope.scrape)}s`,
    },
  };
}

const legend = (format: string | undefined, metric: Record<string, string>) => {
  if (!format || format === '__auto') {
    const { __name__, ...labels } = metric;
    const inner = Object.entries(labels)
      .map(([k, v]) => `${k}="${v}"`)
      .join(', ');
    return inner || !__name__ ? `${__name__ ?? ''}{${inner}}` : __name__;
  }
  return format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, key) => metric[key] ?? '');
};

export async function run(target: any, scope: Scope, pixels: number, panel: any): Promise<DataFrame[]> {
  const { step, builtin } = steps(scope, panel.maxDataPoints ?? pixels, target.interval || panel.interval);
  const query = interpolate(target.expr, scope, builtin, true);
  const to = scope.range.to.valueOf() / 1000;
  const from = scope.range.from.valueOf() / 1000;
  const instant = target.instant && !target.range;
  const data = instant
    ? await ask('query', { query, time: to })
    : await ask('query_range', {
        query,
        start: Math.floor(from / step) * step,
        end: Math.floor(to / step) * step,
        step,
      });
  const series: any[] = data.resultType === 'scalar' ? [{ metric: {}, value: data.result }] : data.result;
  if (instant && target.format === 'table') {
    const labels = [...new Set(series.flatMap((s) => Object.keys(s.metric)))].sort();
    return series.length === 0
      ? []
      : [
          toDataFrame({
            refId: target.refId,
            fields: [
              { name: 'Time', type: FieldType.time, values: series.map((s) => s.value[0] * 1000) },
              ...labels.map((label) => ({
                name: label,
                type: FieldType.string,
                values: series.map((s) => s.metric[label] ?? ''),
              })),
              {
                name: panel.targets.length > 1 ? `Value #${target.refId}` : 'Value',
                type: FieldType.number,
                values: series.map((s) => Number(s.value[1])),
              },
            ],
          }),
        ];
  }
  return series.map((s) => {
    const points: Array<[number, string]> = s.values ?? [s.value];
    const { __name__, ...labels } = s.metric;
    return toDataFrame({
      refId: target.refId,
      name: legend(target.legendFormat, s.metric),
      fields: [
        {
          name: 'Time',
          type: FieldType.time,
          config: { interval: step * 1000 },
          values: points.map((p) => p[0] * 1000),
        },
        {
          name: __name__ ?? 'Value',
          type: FieldType.number,
          labels,
          config: { displayNameFromDS: legend(target.legendFormat, s.metric) },
          values: points.map((p) => Number(p[1])),
        },
      ],
    });
  });
}

export async function choices(variable: any, scope: Scope): Promise<string[]> {
  const asked = /^label_values\((?:([\s\S]*),)?\s*(\w+)\s*\)$/.exec(
    typeof variable.query === 'string' ? variable.query : (variable.query?.query ?? ''),
  );
  if (!asked) {
    return [];
  }
  const match: Record<string, string> = asked[1] ? { 'match[]': interpolate(asked[1], scope, {}, true) } : {};
  const found: string[] = await ask(`label/${asked[2]}/values`, {
    ...match,
    start: scope.range.from.valueOf() / 1000,
    end: scope.range.to.valueOf() / 1000,
  });
  const regex = variable.regex ? new RegExp(variable.regex.replace(/^\/|\/$/g, '')) : undefined;
  return found.filter((value) => !regex || regex.test(value)).sort();
}

export interface Annotation {
  time: number;
  timeEnd?: number;
  color: string;
  title: string;
  text: string;
}

export async function annotations(dashboard: Dashboard, scope: Scope): Promise<Annotation[]> {
  const found: Annotation[] = [];
  for (const source of dashboard.annotations?.list ?? []) {
    if (!source.enable || !source.expr) {
      continue;
    }
    const step = seconds(source.step || '60s');
    const query = interpolate(source.expr, scope, {}, true);
    const data = await ask('query_range', {
      query,
      start: Math.floor(scope.range.from.valueOf() / 1000 / step) * step,
      end: Math.floor(scope.range.to.valueOf() / 1000 / step) * step,
      step,
    });
    for (const s of data.result) {
      let open: Annotation | undefined;
      for (const [when, value] of s.values) {
        if (!Number(value)) {
          continue;
        }
        if (open && when * 1000 - (open.timeEnd ?? open.time) <= step * 1000) {
          open.timeEnd = when * 1000;
          continue;
        }
        open = {
          time: when * 1000,
          color: source.iconColor,
          title: legend(source.titleFormat, s.metric),
          text: legend(source.textFormat, s.metric),
        };
        found.push(open);
      }
    }
  }
  return found;
}
