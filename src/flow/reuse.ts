import { join } from 'node:path';
import type { SetState } from '../config/state.ts';
import { explainMissed } from '../go/missed.ts';
import { readTrace, type TracedTool } from '../go/trace.ts';
import { type Compiled, compiledOf } from '../gocache/compiled.ts';
import { reuseOf } from '../gocache/reuse.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { MissedReport, ReuseReport, TallyReport } from '../report/report.ts';
import type { Look } from './look.ts';
import { readWarmed } from './warmed.ts';

/** Where the job's tools are recorded. */
export const traceDirectory = (work: string): string => join(work, 'trace');

/** What the job reused, and what it made itself. Null where marks cannot tell it. */
export function tellReuse(seen: Look, { gocache, work, trace }: SetState): ReuseReport | null {
  const { facts, snapshot, own, uses, made, classes } = seen;
  if (facts.foreignObjects > 0 || facts.lostObjects > 0) return null;
  const warmed = (name: string) => snapshot.live.has(name) || snapshot.known.has(name);
  const isArchive = ({ name }: GocacheObject) => classes.get(name) === 'archive';
  const isWarms = (object: GocacheObject) => isArchive(object) && !snapshot.helped.has(object.name);
  const compiled = made.filter(isArchive);
  const evidence = evidenceOf(compiled, gocache);
  const shape = readWarmed(work);
  const tools = trace ? readTrace(traceDirectory(work)).filter((tool) => tool.exitCode === 0) : [];
  return {
    ...reuseOf(own, uses, { restored: snapshot.restored, warmed }),
    compiled: packagesOf(compiled),
    wasted: packagesOf(own.filter((object, at) => uses[at] === 'warm' && isWarms(object))),
    missed: trace ? traced(tools, 'compile') : named(evidence),
    links: traced(tools, 'link'),
    traced: trace,
    reasons: shape === undefined ? [] : explainMissed(evidence, shape),
  };
}

/** A compiled package is a record, whose output may be another's, too. */
function packagesOf(archives: readonly GocacheObject[]): TallyReport {
  return {
    objects: archives.filter((object) => object.kind === 'record').length,
    bytes: archives.reduce((sum, object) => sum + object.bytes, 0),
  };
}

/** What the archives say of themselves. Each costs a read of milliseconds, so of very many only the first. */
function evidenceOf(archives: readonly GocacheObject[], gocache: string): Compiled[] {
  const outputs = archives.filter((object) => object.kind === 'output').slice(0, mostEvidence);
  return outputs.flatMap(({ name }) => compiledOf(gocache, name) ?? []);
}

const mostEvidence = 500;

/** The project's and its modules' packages before those of the standard library. */
function named(evidence: readonly Compiled[]): MissedReport[] {
  const pathsOf = (packages: readonly Compiled[]) =>
    packages.flatMap(({ importPath, directory }) => importPath ?? directory ?? []).sort();
  const [standard, others] = [
    evidence.filter((one) => one.standard),
    evidence.filter((one) => !one.standard),
  ];
  return [...pathsOf(others), ...pathsOf(standard)].map((path) => ({ package: path }));
}

/** The calls of one tool, the longest first. */
function traced(tools: readonly TracedTool[], tool: TracedTool['tool']): MissedReport[] {
  const calls = tools.filter((call) => call.tool === tool).sort((a, b) => b.seconds - a.seconds);
  return calls.map(({ package: name, seconds }) => ({ package: name, seconds }));
}
