// The browser, and what it saves.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { chromium } from 'playwright-core';

const { CHROMIUM = '/usr/bin/chromium', COLOURS = '128' } = process.env;

export const launch = () =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--force-device-scale-factor=1'], // its sandbox does not start as root
  });

/** The whole page as a PNG of few colours. */
export async function save(page, file) {
  await page.screenshot({ path: file, fullPage: true });
  execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', file, COLOURS, file]);
  console.log(`${file}: ${Math.round(statSync(file).size / 1024)} KB`);
}
