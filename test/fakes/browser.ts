/** A real browser out of the package registry, kept to loopback. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

export type Opened = { readonly browser: Browser; close(): Promise<void> };

/** Its unpacked files go into a folder of its own, which `close` removes. */
export async function openBrowser(): Promise<Opened> {
  const home = mkdtempSync(join(tmpdir(), 'blackstart-browser-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = home;
  try {
    const browser = await playwright.launch({
      executablePath: await chromium.executablePath(),
      args: [...chromium.args, '--proxy-server=127.0.0.1:9', '--proxy-bypass-list=127.0.0.0/8'],
      headless: true,
    });
    return {
      browser,
      async close() {
        await browser.close();
        rmSync(home, { recursive: true, force: true });
      },
    };
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
