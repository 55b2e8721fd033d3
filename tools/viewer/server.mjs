// The page, the dashboards, Grafana's icons and fonts, and a way to Prometheus, at a port of 127.0.0.1.
import { createReadStream, existsSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const here = import.meta.dirname;
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.css': 'text/css',
  '.otf': 'font/otf',
};

/** Grafana asks for its icons and fonts under /public; Debian's Inter stands in for the fonts. */
const roots = (dashboards) => [
  ['/d/', dashboards],
  ['/public/build/img/icons/', path.join(here, 'node_modules/@grafana/ui/dist/public/img/icons')],
  ['/public/fonts/inter/', '/usr/share/fonts/opentype/inter'],
  ['/', path.join(here, 'dist')],
];

function passOn(request, response, prometheus, url) {
  const asked = http.request(
    {
      host: prometheus.hostname,
      port: prometheus.port,
      method: request.method,
      path: url.pathname.slice('/prom'.length) + url.search,
      headers: { 'content-type': request.headers['content-type'] ?? 'text/plain' },
    },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  asked.on('error', (error) => {
    response.writeHead(502);
    response.end(JSON.stringify({ status: 'error', error: String(error) }));
  });
  request.pipe(asked);
}

function send(response, dashboards, pathname) {
  const [prefix, root] = roots(dashboards).find(([one]) => pathname.startsWith(one));
  const name = decodeURIComponent(pathname.slice(prefix.length)).replace(/\.woff2$/, '.otf') || 'index.html';
  const file = path.join(root, path.normalize('/' + name));
  if (!existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404);
    response.end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
}

/** `prometheus`: its address; `dashboards`: a folder. Gives the page's address, and what ends the server. */
export async function serve(prometheus, dashboards) {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname.startsWith('/prom/')) {
      passOn(request, response, new URL(prometheus), url);
    } else {
      send(response, dashboards, url.pathname);
    }
  });
  server.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
