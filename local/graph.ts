import { readFileSync } from 'node:fs';

/** An action of the file, as far as it is read here (`actionJSON` in Go's src/cmd/go/internal/work/action.go). */
interface GraphAction {
  readonly Mode: string;
  readonly Package: string;
  readonly Cmd: readonly string[] | null;
}

/**
 * The import paths of the packages that a go command compiled, sorted, from its `-debug-actiongraph=FILE`. An action
 * of mode `build` whose `Cmd` is a list ran the compiler; `null` means that the cache had it (seen with Go 1.26.8).
 * A package compiled more than once (a test's variant beside the package itself) comes as often.
 * @throws Error when the file holds no list of actions
 */
export function compiledPackages(actiongraphFile: string): string[] {
  return ran(actiongraphFile, 'build');
}

/** The import paths of the executables that a go command linked, `<package>.test` for a test binary; as above. */
export function links(actiongraphFile: string): string[] {
  return ran(actiongraphFile, 'link');
}

function ran(file: string, mode: string): string[] {
  const graph: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(graph) || graph.length === 0) throw new Error(`no actions in ${file}`);
  return graph
    .filter(isAction)
    .filter((action) => action.Mode === mode && action.Cmd !== null && action.Cmd.length > 0)
    .map((action) => action.Package)
    .sort();
}

function isAction(value: unknown): value is GraphAction {
  return (
    typeof value === 'object' &&
    value !== null &&
    'Mode' in value &&
    'Package' in value &&
    typeof value.Package === 'string' &&
    'Cmd' in value &&
    (value.Cmd === null || Array.isArray(value.Cmd))
  );
}
