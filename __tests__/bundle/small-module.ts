import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files by their `/`-separated names. */
export type Files = Readonly<Record<string, string>>;

/**
 * A module of five packages that needs of the standard library what `testing` needs: `core` imports `plainlib`,
 * which has no tests, and `leaf`; `tests/smoke` uses `core`; `cmd/tool` is a program.
 */
export function smallModule(changed: Files = {}): Files {
  return {
    'go.mod': 'module example.com/small\n\ngo 1.24\n',
    'README.md': 'not compiled\n',
    'core/core.go':
      'package core\n\nimport (\n\t"example.com/small/leaf"\n\t"example.com/small/plainlib"\n)\n\n' +
      'func Sum() int { return leaf.One() + plainlib.Two() }\n',
    'core/core_test.go':
      'package core\n\nimport "testing"\n\nfunc TestSum(t *testing.T) {\n\tif Sum() != 3 {\n\t\tt.Fatal(Sum())\n\t}\n}\n',
    'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 1 }\n',
    'leaf/leaf_test.go':
      'package leaf\n\nimport "testing"\n\nfunc TestOne(t *testing.T) {\n\tif One() != 1 {\n\t\tt.Fatal(One())\n\t}\n}\n',
    'plainlib/plainlib.go': 'package plainlib\n\nfunc Two() int { return 2 }\n',
    'cmd/tool/main.go':
      'package main\n\nimport "example.com/small/leaf"\n\nfunc main() { println(leaf.One()) }\n',
    'tests/smoke/smoke_test.go':
      'package smoke\n\nimport (\n\t"testing"\n\n\t"example.com/small/core"\n)\n\n' +
      'func TestSmoke(t *testing.T) {\n\tif core.Sum() != 3 {\n\t\tt.Fatal(core.Sum())\n\t}\n}\n',
    ...changed,
  };
}

/** Writes files below a directory, with the directories that they need. */
export function writeFiles(directory: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
