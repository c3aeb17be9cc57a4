import { expect, test } from 'vitest';
import { reportOf } from '../../chaos/judge.ts';
import { reportHtml, reportMarkdown } from '../../chaos/report.ts';
import { exactly } from '../../contract/bounds.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { attempts, facts, originMs } from '../fakes/drill-facts.ts';

const hostile = `<script>alert("1")</script>|'&`;

function report(name: string): DrillReport {
  const results = [...attempts(-500, 'RRRRR'), ...attempts(0, 'RR...XXXXX'), ...attempts(1_000, 'XX.RRRRRRR')];
  return reportOf(
    facts(results, {
      name,
      restoreCalled: exactly(originMs + 1_000),
      overrides: { [`guard.${name}`]: name },
      left: [],
      prediction: { 'first-good': { p5: 300, p50: 400, p95: 900 } },
    }),
  );
}

test('the page is whole, loads nothing and runs nothing', () => {
  const page = reportHtml(report('lose-us-east-1'), { results: [], burstEveryMs: 100 });
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).toContain('<svg');
  expect(page).toContain('first-good');
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son\w+=/i);
  expect(page).not.toMatch(/(href|src)=/);
});

test('text from outside cannot become markup', () => {
  const page = reportHtml(report(hostile));
  expect(page).not.toContain('<script>');
  expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;|&#39;&amp;');
  const text = reportMarkdown(report(hostile));
  expect(text).not.toContain('<script>');
  expect(text).toContain('\\<script\\>');
});

test('the text has the verdict, each stage with its bounds, and what was predicted', () => {
  const text = reportMarkdown(report('lose-us-east-1'));
  expect(text).toContain('# Drill lose-us-east-1: pass');
  expect(text).toContain('| | first-good | 455 ms ± 55 ms | 300 ms to 900 ms |');
  expect(text).toContain('### Failback');
});
