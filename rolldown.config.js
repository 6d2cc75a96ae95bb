import { mkdirSync, writeFileSync } from 'node:fs';
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

/** Writes dist/licenses.txt of what the builds until now have bundled; the last one's is whole. */
const licences = license({
  thirdParty: (dependencies) => {
    for (const one of dependencies) bundled.set(`${one.name} ${one.version}`, licenceOf(one));
    const texts = [...bundled].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
    mkdirSync('dist', { recursive: true });
    writeFileSync('dist/licenses.txt', texts.join(`\n${'-'.repeat(80)}\n\n`));
  },
});

function licenceOf({ name, version, license: id, licenseText, noticeText }) {
  const texts = [licenseText, noticeText].filter((text) => text).map((text) => `\n${text?.trim()}\n`);
  return `${name} ${version}: ${id}\n${texts.join('')}`;
}

export default [
  // The three programs of the action, and what they share.
  defineConfig({
    input: { main: 'src/main.ts', post: 'src/post.ts', cache: 'src/store/child.ts' },
    platform: 'node',
    output: {
      ...output,
      chunkFileNames: '[name].js',
      codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
    },
    plugins: [licences],
  }),
  // Apart, so that a worker thread loads nothing that it does not need.
  defineConfig({
    input: { 'pack-worker': 'src/pack/worker.ts' },
    platform: 'node',
    output,
    plugins: [licences],
  }),
];
