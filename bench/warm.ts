import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backdate, markSecond } from '../src/gocache/backdate.ts';
import { scan } from '../src/gocache/scan.ts';
import { partition, readOutputOf } from '../src/gocache/sweep.ts';
import { median } from './median.ts';
import { area, compileAfter, isTested, noTest } from './warm-compiles.ts';
import { type Command, Lab } from './warm-lab.ts';

const module = 'github.com/caddyserver/caddy/v2';
const version = 'v2.11.4';
/** Compiled as plain packages; all others are measured. */
const plain = './caddytest/...';
/** In a tested package that few others import. */
const leaf = 'modules/caddyhttp/rewrite/rewrite.go';
const pairs = 3;

/** What the action takes and what is beside it takes, in the same unit. */
type Pair = readonly [ours: number, theirs: number];

/** GOCACHEs from empty ones by the two ways, and the commands of each. */
interface Cold {
  readonly ours: readonly Command[];
  readonly usual: readonly Command[];
  readonly ownGocache: string;
  readonly usualGocache: string;
}

/**
 * The warm of the built action beside the usual recipe, `go test -run=^$` of the same packages by the same flags: what
 * each costs, whether the job compiles anything after it, and what is stored. The two run in turn, each on a GOCACHE
 * of its own that is a copy of the same.
 */
export async function run(): Promise<void> {
  const lab = new Lab(module, version);
  try {
    await introduce(lab);
    console.log('| | this action | beside it | | ratio | should be |\n|:--|--:|--:|:--|--:|--:|');
    const cold = await warmCold(lab);
    await warmEdited(lab, cold);
    await warmUnchanged(lab, cold);
    await store(lab, cold);
    await compileAfter(lab, cold.ownGocache);
  } finally {
    lab.close();
  }
}

async function introduce(lab: Lab): Promise<void> {
  const gocache = lab.gocache();
  const of = (format: string, ...args: string[]) => lab.list(gocache, ['-f', format, ...args]);
  const modules = new Set(await of('{{with .Module}}{{.Path}}{{end}}', '-deps', '-test', './...'));
  const all = await lab.list(gocache, ['./...']);
  const tested = await of(isTested, './...');
  const ofArea = await of(isTested, area.cover);
  console.log(
    `${module}@${version}: ${modules.size - 1} modules beside its own; ${all.length} packages, ${tested.length} with ` +
      `tests. ${plain} is plain, the others are measured. Compiles are counted over ${area.cover} (${ofArea.length} ` +
      `with tests; ${area.plain} is plain), after a sweep to what that warm alone has used.\n`,
  );
  lab.drop(gocache);
}

/**
 * Cold warm: CPU seconds of the action's own go commands, taken from its report and run again as they are, and of the
 * recipe, each from an empty GOCACHE with all modules downloaded. One pair: it takes minutes.
 */
async function warmCold(lab: Lab): Promise<Cold> {
  const ownGocache = lab.gocache();
  const usualGocache = lab.gocache();
  const usual = await recipe(lab);
  const theirs = await lab.cpu(usualGocache, usual);
  const scratch = lab.gocache(usualGocache);
  const { warm } = await lab.main(scratch, { 'plain-packages': plain });
  lab.drop(scratch);
  const ours = warm.passes.map((pass) => pass.command);
  const asRecipe = ours.map((command) =>
    command.filter((word) => !/^-(count|exec|toolexec)=/.test(word)).join(' '),
  );
  const expected = usual.map((command) => command.join(' '));
  if (asRecipe.join('\n') !== expected.join('\n')) throw new Error('the action compiles other packages');
  const own = await lab.cpu(ownGocache, ours);
  print('cold warm, CPU s, one pair', [[own, theirs]], 'usual recipe', 'at most 0.9');
  return { ours, usual, ownGocache, usualGocache };
}

/** What a workflow has by hand: the same two passes, each linked and started without a test. */
async function recipe(lab: Lab): Promise<readonly Command[]> {
  const gocache = lab.gocache();
  const plainOnes = (await lab.list(gocache, [plain])).sort();
  const all = (await lab.list(gocache, ['./...'])).sort();
  lab.drop(gocache);
  const measured = all.filter((path) => !plainOnes.includes(path));
  return [
    ['go', 'test', noTest, '-cover', ...measured],
    ['go', 'test', noTest, ...plainOnes],
  ];
}

/**
 * Warm after an edit of the leaf package, another one in each pair: CPU seconds of the same commands. Twice: from the
 * action's own set, and from the GOCACHE that the recipe itself left. There Go finds the results of the recipe's
 * runs without a test for all packages that the edit does not reach, and so does not link those.
 */
async function warmEdited(lab: Lab, cold: Cold): Promise<void> {
  const file = join(lab.workspace, leaf);
  const text = readFileSync(file, 'utf8');
  let edits = 0;
  const from = async (base: string, commands: readonly Command[]): Promise<number> => {
    const gocache = lab.gocache(base);
    const seconds = await lab.cpu(gocache, commands);
    lab.drop(gocache);
    return seconds;
  };
  const bases = { 'the action’s set': cold.ownGocache, 'the recipe’s GOCACHE': cold.usualGocache };
  for (const [name, base] of Object.entries(bases)) {
    const at = await inTurn(
      () => from(base, cold.ours),
      () => from(base, cold.usual),
      () => {
        edits += 1;
        writeFileSync(file, `${text}\nfunc edited() string { return "edit ${edits}" }\n`);
      },
    );
    print(`warm after an edit of ${leaf}, from ${name}, CPU s`, at, 'usual recipe', 'at most 0.5');
  }
  writeFileSync(file, text);
}

/** Warm where nothing has changed: wall seconds of main's warm, beside those of listing the same packages. */
async function warmUnchanged(lab: Lab, { ownGocache }: Cold): Promise<void> {
  const gocache = lab.gocache(ownGocache);
  const list = async (): Promise<number> => {
    const started = performance.now();
    await lab.go(gocache, ['list', '-deps', '-test', './...']);
    return (performance.now() - started) / 1000;
  };
  const warm = async () => (await lab.main(gocache, { 'plain-packages': plain })).warm.seconds;
  const at = await inTurn(warm, list);
  lab.drop(gocache);
  print('warm of an unchanged project, wall s', at, 'go list -deps -test ./...', 'at most 3');
}

/**
 * What an entry holds, packed as the action packs it: the set of the two passes, beside all packages' plain and
 * measured ones together. The latter as it is after both commands from an empty GOCACHE: they run on what the recipe
 * left, and what they do not use of it does not count.
 */
async function store(lab: Lab, { ownGocache, usualGocache }: Cold): Promise<void> {
  const gocache = lab.gocache(usualGocache);
  const second = markSecond(Date.now());
  backdate(gocache, scan(gocache), second);
  await lab.go(gocache, ['test', noTest, './...']);
  await lab.go(gocache, ['test', noTest, '-cover', './...']);
  const { live } = partition(scan(gocache), { second, outputOf: readOutputOf(gocache) });
  const both = (await lab.packedBytes(gocache, live)) / 1e6;
  const own = (await lab.packedBytes(ownGocache, scan(ownGocache))) / 1e6;
  lab.drop(gocache);
  print('stored, MB', [[own, both]], 'all packages plain and measured', '');
}

/** Pairs of both ways, after whatever comes before each; the other way goes first in every second pair. */
async function inTurn(
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
  before?: () => void,
): Promise<Pair[]> {
  const done: Pair[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    before?.();
    const first = pair % 2 === 0 ? await ours() : undefined;
    const second = await theirs();
    done.push([first ?? (await ours()), second]);
  }
  return done;
}

/** The median of each way, the ratio of these, and where there are several pairs the ratio of each. */
function print(what: string, at: readonly Pair[], beside: string, should: string): void {
  const ratios = at.map(([ours, theirs]) => (ours / theirs).toFixed(2)).join(', ');
  const ours = median(at.map(([value]) => value));
  const theirs = median(at.map(([, value]) => value));
  const of = at.length > 1 ? `, median of ${at.length} pairs (${ratios})` : '';
  const cells = [ours.toFixed(1), theirs.toFixed(1), beside, (ours / theirs).toFixed(2), should];
  console.log(`| ${[what + of, ...cells].join(' | ')} |`);
}
