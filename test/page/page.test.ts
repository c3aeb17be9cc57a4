import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Opened, openBrowser } from '../fakes/browser.ts';
import { type Running, start } from '../fakes/program.ts';

const service = createServer((_request, response) => response.end('fine'));
let opened: Opened;
let watch: Running;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo;
  watch = start(['watch', `http://127.0.0.1:${port}/`, '--every', '200ms']);
  const [, url = ''] = await watch.said(/"url":"([^"]+)"/);
  await watch.said(/availability: /);
  opened = await openBrowser();
  page = await opened.browser.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
}, 90_000);

afterAll(async () => {
  await opened?.close();
  watch?.kill('SIGINT');
  await watch?.ended;
  service.close();
}, 30_000);

describe('the page', () => {
  test('shows the fleet, with who is connected', async () => {
    await page.getByText('here', { exact: true }).first().waitFor();
    expect(await page.locator('body').innerText()).toMatch(/connected/i);
  });

  test('shows each verdict with its sentence', async () => {
    const text = await page.locator('body').innerText();
    expect(text).toContain('availability');
    expect(text).toMatch(/from this vantage only/);
  });

  test('runs without an error, under its content security policy', () => {
    expect(complaints).toEqual([]);
  });
});
