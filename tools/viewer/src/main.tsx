import { createTheme, dateTimeFormat, EventBusSrv, ThemeContext } from '@grafana/data';
import { GlobalStyles, Icon, PanelChrome, PanelContextProvider, PortalContainer } from '@grafana/ui';
import { Component, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Annotation, annotations, choices, Scope, timeRange } from './data';
import { Body } from './panels';

// ?d=prod/orders.v1&theme=dark&var-group=billing&now=2026-11-24T14:40:00Z&from=now-3h&to=now&tz=utc&scrape=30
const query = new URLSearchParams(location.search);
const theme = createTheme({ colors: { mode: query.get('theme') === 'light' ? 'light' : 'dark' } });
const zone = query.get('tz') ?? 'utc';
const bus = new EventBusSrv();
const CELL = 30,
  GAP = 8,
  WIDE = 24;

class Guard extends Component<{ children: any }, { error?: Error }> {
  state: { error?: Error } = {};
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  render() {
    return this.state.error ? <div style={{ color: 'red' }}>{String(this.state.error)}</div> : this.props.children;
  }
}

function Panel({ panel, scope, marks, width }: { panel: any; scope: Scope; marks: Annotation[]; width: number }) {
  const { x, y, w, h } = panel.gridPos;
  const unit = (width + GAP) / WIDE;
  const place = {
    position: 'absolute',
    left: x * unit,
    top: y * (CELL + GAP),
    width: w * unit - GAP,
    height: h * CELL + (h - 1) * GAP,
  } as const;
  if (panel.type === 'row') {
    return (
      <div style={{ ...place, display: 'flex', alignItems: 'center', gap: 4, fontSize: 18, fontWeight: 500 }}>
        <Icon name={panel.collapsed ? 'angle-right' : 'angle-down'} /> {panel.title}
        {panel.collapsed ? (
          <span style={{ color: theme.colors.text.secondary, fontSize: 14 }}> ({panel.panels.length} panels)</span>
        ) : null}
      </div>
    );
  }
  return (
    <div style={place}>
      <PanelChrome
        title={panel.title}
        description={panel.description}
        width={place.width}
        height={place.height}
        displayMode={panel.transparent ? 'transparent' : 'default'}
      >
        {(inner, tall) => (
          <Guard>
            <Body panel={panel} width={inner} height={tall} scope={scope} zone={zone} marks={marks} />
          </Guard>
        )}
      </PanelChrome>
    </div>
  );
}

function Box({ label, children }: { label?: string; children: any }) {
  const line = `1px solid ${theme.components.input.borderColor}`;
  return (
    <div style={{ display: 'flex', height: 32, alignItems: 'stretch', borderRadius: 2, marginRight: 6, fontSize: 13 }}>
      {label && (
        <div
          style={{
            padding: '0 8px',
            display: 'flex',
            alignItems: 'center',
            background: theme.colors.background.secondary,
            border: line,
            borderRight: 'none',
            fontSize: 12,
            fontWeight: 500,
          }}
        >
          {label}
        </div>
      )}
      <div
        style={{
          padding: '0 8px',
          display: 'flex',
          alignItems: 'center',
          gap: 6,
          whiteSpace: 'nowrap',
          background: theme.components.input.background,
          border: line,
        }}
      >
        {children}
      </div>
    </div>
  );
}

function Page() {
  const [loaded, set] = useState<{ dashboard: any; scope: Scope; marks: Annotation[] }>();
  const width = document.documentElement.clientWidth - 2 * 16;
  useEffect(() => {
    (async () => {
      const dashboard = await fetch(`/d/${query.get('d')}.json`).then((r) => r.json());
      const range = timeRange(
        query.get('from') ?? dashboard.time.from,
        query.get('to') ?? dashboard.time.to,
        query.get('now') ? Date.parse(query.get('now')!) : Date.now(),
      );
      const scope: Scope = { range, variables: {}, many: new Set(), all: {}, scrape: Number(query.get('scrape') ?? 30) };
      for (const variable of dashboard.templating?.list ?? []) {
        const asked = query.getAll(`var-${variable.name}`);
        const held = variable.type === 'constant' ? [variable.query] : [];
        const found = variable.type === 'query' ? await choices(variable, scope) : held;
        const initial = [variable.current?.value || []].flat();
        if (variable.multi || variable.includeAll) {
          scope.many.add(variable.name);
        }
        scope.variables[variable.name] = asked.length ? asked : initial.length ? initial : found.slice(0, 1);
        scope.all[variable.name] = variable.allValue || `(${found.join('|')})`;
      }
      await Promise.all(['14px Inter', '500 14px Inter'].map((font) => document.fonts.load(font))); // sizes of big numbers are measured
      set({ dashboard, scope, marks: await annotations(dashboard, scope) });
      (window as any).panels = dashboard.panels.filter((p: any) => p.type !== 'row').length;
    })().catch((error) => {
      document.title = `failed: ${error}`;
      console.error(error);
    });
  }, []);
  if (!loaded) {
    return null;
  }
  const { dashboard, scope, marks } = loaded;
  const bottom = Math.max(...dashboard.panels.map((p: any) => p.gridPos.y + p.gridPos.h));
  const time = (t: any) => dateTimeFormat(t, { timeZone: zone, format: 'YYYY-MM-DD HH:mm' });
  return (
    <div
      style={{
        background: theme.colors.background.canvas,
        minHeight: '100vh',
        padding: '0 16px 16px',
        overflow: 'hidden',
      }}
    >
      <div style={{ display: 'flex', alignItems: 'center', height: 40, fontSize: 14, gap: 8 }}>
        <Icon name="apps" /> Dashboards <Icon name="angle-right" /> Kafka <Icon name="angle-right" />{' '}
        <b style={{ fontWeight: 500 }}>{dashboard.title}</b>
        {(dashboard.tags ?? []).map((tag: string) => (
          <span
            key={tag}
            style={{
              background: theme.colors.background.secondary,
              border: `1px solid ${theme.colors.border.weak}`,
              borderRadius: 4,
              padding: '0 6px',
              fontSize: 12,
            }}
          >
            {tag}
          </span>
        ))}
      </div>
      <div style={{ display: 'flex', flexWrap: 'wrap', padding: '8px 0 16px' }}>
        {(dashboard.templating?.list ?? [])
          .filter((v: any) => v.hide !== 2)
          .map((v: any) => (
            <Box key={v.name} label={v.hide === 1 ? undefined : v.label || v.name}>
              {(scope.variables[v.name] ?? []).map((x) => (x === '$__all' ? 'All' : x)).join(' + ')}{' '}
              <Icon name="angle-down" />
            </Box>
          ))}
        {(dashboard.annotations?.list ?? [])
          .filter((a: any) => !a.hide)
          .map((a: any) => (
            <Box key={a.name} label={a.name}>
              <span
                style={{
                  width: 28,
                  height: 14,
                  borderRadius: 7,
                  background: theme.colors.primary.main,
                  position: 'relative',
                }}
              >
                <span
                  style={{
                    position: 'absolute',
                    right: 2,
                    top: 2,
                    width: 10,
                    height: 10,
                    borderRadius: 5,
                    background: '#fff',
                  }}
                />
              </span>
            </Box>
          ))}
        {(dashboard.links ?? []).map((l: any) => (
          <Box key={l.title}>
            <Icon
              name={l.icon === 'doc' ? 'file-alt' : l.icon === 'external link' ? 'external-link-alt' : 'info-circle'}
            />{' '}
            {l.title}
          </Box>
        ))}
        <div style={{ flex: 1 }} />
        <Box>
          <Icon name="clock-nine" /> {time(scope.range.from)} to {time(scope.range.to)}{' '}
          <span style={{ color: theme.colors.warning.text }}>{zone.toUpperCase()}</span>
        </Box>
        <Box>
          <Icon name="sync" /> {dashboard.refresh}
        </Box>
      </div>
      <div style={{ position: 'relative', height: bottom * (CELL + GAP) }}>
        {dashboard.panels.map((panel: any, i: number) => (
          <Panel key={i} panel={panel} scope={scope} marks={marks} width={width} />
        ))}
      </div>
    </div>
  );
}

createRoot(document.getElementById('root')!).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <PanelContextProvider value={{ eventsScope: 'global', eventBus: bus, sync: () => 0 } as any}>
      <Page />
    </PanelContextProvider>
    <PortalContainer />
  </ThemeContext.Provider>,
);
