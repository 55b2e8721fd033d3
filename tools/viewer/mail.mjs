// node mail.mjs MAIL.html OUT.png: an e-mail as a reader shows it.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, save } from './chromium.mjs';

const [mail, file] = process.argv.slice(2);
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 760, height: 400 } });
await page.goto(pathToFileURL(path.resolve(mail)).href);
await save(page, file);
await browser.close();
