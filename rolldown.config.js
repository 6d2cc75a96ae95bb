import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';
import license from 'rollup-plugin-license';

const output = {
  dir: 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  minify: true,
  comments: { legal: false }, // dist/licenses.txt has the whole texts.
};

const bundled = new Map();

/** Writes what dist/ holds of others, as the builds until now have bundled it; the last one's is whole. */
const inventory = license({
  thirdParty: {
    multipleVersions: true, // Else of two versions of a package one is left out.
    output: (dependencies) => {
      for (const one of dependencies) bundled.set(`${one.name} ${one.version}`, one);
      const all = [...bundled].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
      mkdirSync('dist', { recursive: true });
      writeFileSync('dist/licenses.txt', all.map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`));
      writeFileSync('dist/sbom.json', `${JSON.stringify(sbomOf(all), null, 2)}\n`);
    },
  },
});

function licenceOf({ name, version, license: id, licenseText, noticeText, author, repository }) {
  const texts = [licenseText, noticeText].filter((text) => text).map((text) => `\n${text?.trim()}\n`);
  const none = `\nThe package has no text of its licence. Author: ${author?.text()}; source: ${repository?.url}\n`;
  return `${name} ${version}: ${id}\n${texts.join('') || none}`;
}

/** CycloneDX 1.6. Without a time and a serial number, so that the same sources give the same bytes. */
function sbomOf(dependencies) {
  const { name, version, license: id } = readJson('package.json');
  const locked = Object.entries(readJson('package-lock.json').packages);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name, version, licenses: [{ expression: id }] } },
    components: dependencies.map((one) => componentOf(one, locked)),
  };
}

function componentOf({ name, version, license: id }, locked) {
  const [, { integrity }] = locked.find(
    ([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version,
  );
  const [algorithm, hash] = integrity.split('-');
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    ...{ type: 'library', 'bom-ref': purl, name, version },
    hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(hash, 'base64').toString('hex') }],
    licenses: [{ expression: id }],
    purl,
  };
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export default [
  // The programs of the action and of its sub-actions: what begins a use, what ends it, and what all share.
  defineConfig({
    input: {
      main: 'src/main.ts',
      post: 'src/post.ts',
      restore: 'src/restore.ts',
      save: 'src/save.ts',
      cache: 'src/store/child.ts',
    },
    platform: 'node',
    output: {
      ...output,
      chunkFileNames: '[name].js',
      codeSplitting: { groups: [{ name: 'shared', minShareCount: 3 }] },
    },
    plugins: [inventory],
  }),
  // Apart, so that a worker thread loads nothing that it does not need.
  defineConfig({
    input: { 'pack-worker': 'src/pack/worker.ts' },
    platform: 'node',
    output,
    plugins: [inventory],
  }),
];
