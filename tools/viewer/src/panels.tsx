// One component per kind of panel: Grafana's own where @grafana/ui has it.
import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  DataFrame,
  FieldType,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  renderTextPanelMarkdown,
  TimeRange,
  transformDataFrame,
  VizOrientation,
} from '@grafana/data';
import { BarGauge, BigValue, TimeSeries, useTheme2, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { Annotation, interpolate, run, Scope } from './data';
import { fieldConfig, registry } from './fields';

export interface Props {
  panel: any;
  width: number;
  height: number;
  frames: DataFrame[];
  scope: Scope;
  zone: string;
  marks: Annotation[];
}

export function useFrames(panel: any, scope: Scope, width: number, zone: string) {
  const theme = useTheme2();
  const [state, set] = useState<{ frames?: DataFrame[]; error?: string }>({});
  useEffect(() => {
    (async () => {
      const raw = (
        await Promise.all(
          (panel.targets ?? []).filter((t: any) => !t.hide).map((t: any) => run(t, scope, width, panel)),
        )
      ).flat();
      const shaped = panel.transformations?.length
        ? await lastValueFrom(transformDataFrame(panel.transformations, raw))
        : raw;
      return applyFieldOverrides({
        data: shaped,
        fieldConfig: fieldConfig(panel),
        fieldConfigRegistry: registry,
        replaceVariables: (text) => interpolate(text, scope),
        theme,
        timeZone: zone,
      });
    })().then(
      (frames) => set({ frames }),
      (error) => set({ error: String(error.message ?? error) }),
    );
  }, []);
  return state;
}

function Marks({ config, marks, range }: { config: any; marks: Annotation[]; range: TimeRange }) {
  const theme = useTheme2();
  useLayoutEffect(() => {
    config.addHook('draw', (u: any) => {
      const { ctx, bbox } = u;
      const at = (when: number) => Math.min(Math.max(u.valToPos(when, 'x', true), bbox.left), bbox.left + bbox.width);
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height + 12);
      ctx.clip();
      for (const mark of marks) {
        const color = theme.visualization.getColorByName(mark.color);
        const ends = mark.timeEnd ? [mark.time, mark.timeEnd] : [mark.time];
        ctx.strokeStyle = ctx.fillStyle = color;
        ctx.lineWidth = 2;
        ctx.setLineDash([5, 5]);
        for (const end of ends) {
          ctx.beginPath();
          ctx.moveTo(at(end), bbox.top);
          ctx.lineTo(at(end), bbox.top + bbox.height);
          ctx.stroke();
        }
        ctx.setLineDash([]);
        if (mark.timeEnd) {
          ctx.globalAlpha = 0.1;
          ctx.fillRect(at(mark.time), bbox.top, at(mark.timeEnd) - at(mark.time), bbox.height);
          ctx.globalAlpha = 1;
          ctx.fillRect(at(mark.time), bbox.top + bbox.height, at(mark.timeEnd) - at(mark.time), 5);
        } else {
          ctx.beginPath();
          ctx.moveTo(at(mark.time), bbox.top + bbox.height);
          ctx.lineTo(at(mark.time) - 5, bbox.top + bbox.height + 7);
          ctx.lineTo(at(mark.time) + 5, bbox.top + bbox.height + 7);
          ctx.fill();
        }
      }
      ctx.restore();
    });
  }, [config]);
  return null;
}

/** As Grafana's timeseries panel does: what is not finite is a gap. */
function graphable(frames: DataFrame[]): DataFrame[] {
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((f) =>
      f.type === FieldType.number ? { ...f, values: f.values.map((v: any) => (Number.isFinite(v) ? v : null)) } : f,
    ),
  }));
}

function Graph({ panel, width, height, frames: given, scope, zone, marks }: Props) {
  const [frames] = useState(() => graphable(given));
  const options = panel.options ?? {};
  const legend = { displayMode: 'list', placement: 'bottom', calcs: [], showLegend: true, ...options.legend };
  return (
    <TimeSeries
      frames={frames}
      structureRev={1}
      timeRange={scope.range}
      timeZone={zone}
      width={width}
      height={height}
      legend={legend}
      options={options}
    >
      {(config: any) => <Marks config={config} marks={marks} range={scope.range} />}
    </TimeSeries>
  );
}

function values(panel: any, frames: DataFrame[], scope: Scope, theme: any, zone: string, sparkline: boolean) {
  return getFieldDisplayValues({
    fieldConfig: fieldConfig(panel) as any,
    reduceOptions: panel.options?.reduceOptions ?? { calcs: ['lastNotNull'] },
    replaceVariables: (t) => interpolate(t, scope),
    theme,
    data: frames,
    sparkline,
    timeZone: zone,
  });
}

function Stat({ panel, width, height, frames, scope, zone }: Props) {
  const theme = useTheme2();
  const o = {
    graphMode: 'area',
    colorMode: 'value',
    justifyMode: 'auto',
    textMode: 'auto',
    orientation: 'auto',
    wideLayout: true,
    ...panel.options,
  };
  const orientation =
    o.orientation === 'auto'
      ? width / height > 2
        ? VizOrientation.Vertical
        : VizOrientation.Horizontal
      : o.orientation;
  return (
    <VizRepeater
      getValues={() => values(panel, frames, scope, theme, zone, o.graphMode !== 'none')}
      getAlignmentFactors={getDisplayValueAlignmentFactors as any}
      width={width}
      height={height}
      source={frames}
      itemSpacing={3}
      renderCounter={0}
      autoGrid
      orientation={o.orientation === 'auto' ? VizOrientation.Auto : orientation}
      renderValue={({ value, alignmentFactors, width, height, count }: any) => (
        <BigValue
          value={value.display}
          count={count}
          sparkline={value.sparkline}
          colorMode={o.colorMode}
          graphMode={o.graphMode}
          justifyMode={o.justifyMode}
          textMode={o.textMode === 'auto' && count === 1 && frames.length === 1 ? 'value' : o.textMode}
          alignmentFactors={alignmentFactors}
          text={o.text}
          width={width}
          height={height}
          theme={theme}
          wideLayout={o.wideLayout}
        />
      )}
    />
  );
}

function Bars({ panel, width, height, frames, scope, zone }: Props) {
  const theme = useTheme2();
  const o = {
    displayMode: 'gradient',
    orientation: 'horizontal',
    showUnfilled: true,
    valueMode: 'color',
    minVizWidth: 8,
    minVizHeight: 16,
    maxVizHeight: 300,
    ...panel.options,
  };
  return (
    <VizRepeater
      getValues={() => values(panel, frames, scope, theme, zone, false)}
      getAlignmentFactors={getDisplayValueAlignmentFactors as any}
      width={width}
      height={height}
      source={frames}
      itemSpacing={8}
      renderCounter={0}
      orientation={o.orientation}
      minVizWidth={o.minVizWidth}
      minVizHeight={o.minVizHeight}
      maxVizHeight={o.maxVizHeight}
      renderValue={({ value, alignmentFactors, width, height, orientation }: any) => (
        <BarGauge
          value={value.display}
          width={width}
          height={height}
          orientation={orientation}
          field={value.field}
          theme={theme}
          alignmentFactors={alignmentFactors}
          displayMode={o.displayMode}
          itemSpacing={8}
          showUnfilled={o.showUnfilled}
          valueDisplayMode={o.valueMode}
        />
      )}
    />
  );
}

function Table({ panel, width, height, frames, scope }: Props) {
  useState(() => cacheFieldDisplayNames(frames));
  return (
    <TableNG
      data={frames[0]}
      width={width}
      height={height}
      sortBy={panel.options?.sortBy}
      cellHeight={panel.options?.cellHeight ?? 'sm'}
      noHeader={panel.options?.showHeader === false}
      timeRange={scope.range}
      structureRev={1}
      fieldConfig={fieldConfig(panel) as any}
    />
  );
}

/** Grafana's heat map is not in @grafana/ui: this one is ours, for a series a row (calculate: false, "Format: time series"). */
function Heat({ panel, width, height, frames, scope, zone }: Props) {
  const theme = useTheme2();
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const c = canvas.current!;
    const ratio = window.devicePixelRatio;
    c.width = width * ratio;
    c.height = height * ratio;
    const g = c.getContext('2d')!;
    g.scale(ratio, ratio);
    g.font = `12px ${theme.typography.fontFamily}`;
    g.textBaseline = 'middle';
    const rows = frames
      .map((f) => ({
        name: f.name ?? '',
        time: f.fields[0].values,
        value: f.fields[1].values,
        step: f.fields[0].config.interval ?? 60000,
      }))
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    const left = 44,
      bottom = 22,
      from = scope.range.from.valueOf(),
      to = scope.range.to.valueOf();
    const x = (t: number) => left + ((t - from) / (to - from)) * (width - left - 4);
    const tall = (height - bottom) / rows.length;
    const most =
      panel.options?.color?.max ??
      Math.max(...rows.flatMap((r) => Array.from(r.value as number[]).filter(Number.isFinite)), 1e-9);
    const scheme = theme.isDark
      ? ['#1a1a2e', '#3b1f5b', '#7b2382', '#c8415d', '#f58f3c', '#fdf5a6']
      : ['#fdf5e6', '#fdd49e', '#fc8d59', '#e34a33', '#b30000', '#5a0010'];
    const color = (v: number) => {
      const p = Math.min(Math.max(v / most, 0), 1) * (scheme.length - 1);
      const i = Math.min(Math.floor(p), scheme.length - 2);
      const mix = (k: number) =>
        Math.round(
          parseInt(scheme[i].slice(k, k + 2), 16) * (1 - p + i) + parseInt(scheme[i + 1].slice(k, k + 2), 16) * (p - i),
        );
      return `rgb(${mix(1)},${mix(3)},${mix(5)})`;
    };
    rows.forEach((row, r) => {
      const top = (rows.length - 1 - r) * tall;
      for (let i = 0; i < row.time.length; i++) {
        if (!Number.isFinite(row.value[i])) {
          continue;
        }
        const a = x(row.time[i] - row.step);
        g.fillStyle = color(row.value[i]);
        g.fillRect(Math.max(a, left), top + 0.5, x(row.time[i]) - Math.max(a, left) + 0.3, tall - 1);
      }
      if (rows.length <= 16 || r % 4 === 0) {
        g.fillStyle = theme.colors.text.primary;
        g.textAlign = 'right';
        g.fillText(row.name, left - 6, top + tall / 2);
      }
    });
    g.textAlign = 'center';
    g.fillStyle = theme.colors.text.primary;
    const every = [5, 10, 15, 30, 60, 120].find((m) => (to - from) / 60000 / m <= width / 90)! * 60000;
    for (let t = Math.ceil(from / every) * every; t < to; t += every) {
      g.fillText(
        new Date(t).toLocaleTimeString('en-GB', {
          hour: '2-digit',
          minute: '2-digit',
          timeZone: zone === 'utc' ? 'UTC' : zone,
        }),
        x(t),
        height - bottom / 2,
      );
    }
  }, []);
  return <canvas ref={canvas} style={{ width, height }} />;
}

function Text({ panel, scope, height }: Props) {
  return (
    <div
      className="markdown-html"
      style={{ height, overflow: 'auto' }}
      dangerouslySetInnerHTML={{ __html: renderTextPanelMarkdown(interpolate(panel.options?.content ?? '', scope)) }}
    />
  );
}

const KINDS: Record<string, (props: Props) => any> = {
  timeseries: Graph,
  stat: Stat,
  bargauge: Bars,
  table: Table,
  heatmap: Heat,
  text: Text,
};

export function Body(props: Omit<Props, 'frames'>) {
  const { frames, error } = useFrames(props.panel, props.scope, props.width, props.zone);
  const theme = useTheme2();
  const center = {
    height: props.height,
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'center',
    color: theme.colors.text.secondary,
  } as const;
  useEffect(() => {
    if (frames || error) {
      (window as any).done = ((window as any).done ?? 0) + 1;
      (window as any).report = {
        ...(window as any).report,
        [props.panel.id]: { title: props.panel.title, type: props.panel.type, series: frames?.length, error },
      };
    }
  }, [frames, error]);
  if (error) {
    return <div style={{ ...center, color: theme.colors.error.text }}>{error}</div>;
  }
  if (!frames) {
    return null;
  }
  const Kind = KINDS[props.panel.type];
  if (!Kind) {
    return <div style={center}>{props.panel.type}: not drawn here</div>;
  }
  const empty =
    props.panel.type !== 'text' &&
    !frames.some((f) => f.length && f.fields.some((field) => field.type === FieldType.number));
  return empty ? (
    <div style={{ ...center, fontSize: 18 }}>{props.panel.fieldConfig?.defaults?.noValue ?? 'No data'}</div>
  ) : (
    <Kind {...props} frames={frames} />
  );
}
