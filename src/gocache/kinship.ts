import { createHash } from 'node:crypto';
import { classOfOutput } from './classify.ts';
import type { ObjectClass } from './content.ts';
import { hashOf, outputNameOf, recordNameOf } from './layout.ts';
import type { GocacheObject } from './scan.ts';
import { readOutputOf } from './sweep.ts';

/**
 * The action ID that Go derives from another for a thing that belongs to it: `Subkey` in
 * `cmd/go/internal/cache/hash.go`, SHA-256 of `subkey:`, the parent's 32 bytes and a word.
 *
 * @param parent 64 hex digits, as is the result
 */
export function subkey(parent: string, word: string): string {
  return createHash('sha256').update('subkey:').update(parent, 'hex').update(word).digest('hex');
}

/** The output whose content is nothing. */
const emptyOutput = outputNameOf('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

/**
 * The class of each object, by its name. Outputs are told by content, records by their output; and since the empty
 * output tells nothing, a record of it by its kin among the given objects (measured: of 799 such records it tells
 * all but six, which belong to test results):
 * - `vet` keeps what it printed beside its facts (`Subkey(id, "stdout")`), so an empty record that has such a kin
 *   holds the facts of a package without any, and both are 'vet';
 * - what the compiler and the linker printed stands beside an archive (`"stdout"`, `"link-stdout"`) and is no
 *   archive: it stays 'other'.
 *
 * @param objects all, or only those that are asked about: each is opened, so this costs a read of every one
 * @throws what the file system says, but for objects that are gone: those are 'other'
 */
export function classesOf(
  gocache: string,
  objects: readonly GocacheObject[],
): ReadonlyMap<string, ObjectClass> {
  const outputOf = readOutputOf(gocache);
  const classes = new Map<string, ObjectClass>();
  const outputClass = (name: string): ObjectClass => {
    const known = classes.get(name);
    if (known !== undefined) return known;
    const found = classOfOutput(gocache, name);
    classes.set(name, found);
    return found;
  };

  const facts: string[] = [];
  const empty: string[] = [];
  for (const object of objects) {
    if (object.kind !== 'record') {
      outputClass(object.name);
      continue;
    }
    const id = outputOf(object);
    const output = id === undefined ? undefined : outputNameOf(id);
    const found = output === undefined ? 'other' : outputClass(output);
    classes.set(object.name, found);
    if (found === 'vet') facts.push(object.name);
    if (output === emptyOutput) empty.push(object.name);
  }
  markVet(classes, { facts, empty });
  return new Map(objects.map(({ name }) => [name, classes.get(name) ?? 'other']));
}

/** Gives empty records that are vet's the class 'vet'; archives' own were left out, since they are told as such. */
function markVet(
  classes: Map<string, ObjectClass>,
  records: { readonly facts: readonly string[]; readonly empty: readonly string[] },
): void {
  const isEmpty = new Set(records.empty);
  for (const name of records.facts) {
    const stdout = recordNameOf(subkey(hashOf(name), 'stdout'));
    if (isEmpty.has(stdout)) classes.set(stdout, 'vet');
  }
  for (const name of records.empty) {
    const stdout = recordNameOf(subkey(hashOf(name), 'stdout'));
    if (!classes.has(stdout)) continue;
    classes.set(name, 'vet');
    if (isEmpty.has(stdout)) classes.set(stdout, 'vet');
  }
}
