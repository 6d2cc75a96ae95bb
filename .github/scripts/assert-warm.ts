import { compiledPackages } from '../../local/graph.ts';

/** `node assert-warm.ts FILE...`: fails unless the go commands that wrote these action graphs compiled nothing. */
const files = process.argv.slice(2);
if (files.length === 0) throw new Error('name the files that go test -debug-actiongraph=FILE has written');

for (const file of files) {
  const compiled = compiledPackages(file);
  console.log(
    `${file}: ${compiled.length} packages compiled${compiled.map((path) => `\n  ${path}`).join('')}`,
  );
  if (compiled.length > 0) process.exitCode = 1;
}
