import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Report } from './report.ts';

/** @throws Error where the directory cannot be written */
export function writeReport(path: string, report: Report): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}

/** What main wrote. @throws Error where the job removed or changed it */
export function readReport(path: string): Report {
  const report: Report = JSON.parse(readFileSync(path, 'utf8'));
  return report;
}
