import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { codeOf } from '../errors.ts';
import { classOfContent, headBytes, type ObjectClass, tailBytes } from './content.ts';
import { mainPackageOf } from './executable.ts';
import { outputNameOf } from './layout.ts';
import { type GocacheObject, isMissing } from './scan.ts';
import { readOutputOf } from './sweep.ts';

/**
 * What an object is, by its content: see content.ts. A record has the class of its output, 'other' where it names
 * none; what an *empty* output is, `classesOf` of kinship.ts tells.
 *
 * It reads the first half KiB; of a text that this does not tell, the last 4 KiB; of an executable as much as it
 * takes to find its import path.
 *
 * @throws what the file system says, but for an object that is gone: that one is 'other'
 */
export function classify(gocache: string, object: GocacheObject): ObjectClass {
  if (object.kind === 'record') return classOfRecord(gocache, object);
  return classOfOutput(gocache, object.name);
}

/** The class of a record's output; 'other' where the record is malformed or its output gone. */
export function classOfRecord(gocache: string, record: GocacheObject): ObjectClass {
  const output = readOutputOf(gocache)(record);
  return output === undefined ? 'other' : classOfOutput(gocache, outputNameOf(output));
}

/** @param name an output or an executable's directory, `ab/ab…-d` */
export function classOfOutput(gocache: string, name: string): ObjectClass {
  const path = `${gocache}/${name}`;
  try {
    return classOfFile(path);
  } catch (error) {
    // Reading a directory as a file fails with EISDIR: one system call less than asking first.
    if (codeOf(error) === 'EISDIR') return classOfExecutable(path);
    if (isMissing(error)) return 'other';
    throw error;
  }
}

function classOfFile(path: string): ObjectClass {
  const descriptor = openSync(path, 'r');
  try {
    return classOfContent(readAt(descriptor, 0, headBytes), () =>
      readAt(descriptor, Math.max(0, fstatSync(descriptor).size - tailBytes), tailBytes),
    );
  } finally {
    closeSync(descriptor);
  }
}

const buffer = Buffer.allocUnsafe(Math.max(headBytes, tailBytes));

function readAt(descriptor: number, position: number, length: number): string {
  return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, length, position));
}

/**
 * Only the import path in the binary tells Go's own tools: a user's `go run ./cover` makes a file of the same name.
 */
function classOfExecutable(directory: string): ObjectClass {
  const [file] = readdirSync(directory);
  if (file === undefined) return 'other';
  const mainPackage = mainPackageOf(`${directory}/${file}`);
  return mainPackage?.startsWith('cmd/') === true ? 'tool' : 'executable';
}
