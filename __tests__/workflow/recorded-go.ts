import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledPackages } from '../../local/graph.ts';
import type { Pushed } from './act.ts';

/** A go command that may compile, as it was run. */
export interface Recorded {
  /** Whether the action has run it, to warm. */
  readonly warm: boolean;
  /** `test ./...` for `go test ./...`. */
  readonly command: string;
  /** The import paths of what it has compiled. */
  readonly compiled: readonly string[];
}

/**
 * A `go` to stand before the real one on PATH: so a workflow runs as it is written, and each command that may compile leaves
 * its arguments and its action graph in `$RESULTS`. The action's own commands do not see the step's files, so $GITHUB_ENV tells
 * the two apart.
 */
export function recordingGo(): string {
  const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  return `#!/bin/sh
case "$1" in
  test | vet | build) ;;
  *) exec '${root}/bin/go' "$@" ;;
esac
directory=$(mktemp -d "$RESULTS/go-XXXXXX")
printf '%s' "$GITHUB_ENV" > "$directory/file"
printf '%s' "$*" > "$directory/command"
command=$1
shift
exec '${root}/bin/go' "$command" -debug-actiongraph="$directory/graph" "$@"
`;
}

/** What has been recorded in a run, in no order. */
export function recorded({ path }: Pushed): Recorded[] {
  const directories = readdirSync(path('.')).filter((name) => name.startsWith('go-'));
  return directories.map((name) => ({
    warm: readFileSync(path(join(name, 'file')), 'utf8') === '',
    command: readFileSync(path(join(name, 'command')), 'utf8'),
    compiled: compiledPackages(path(join(name, 'graph'))),
  }));
}
