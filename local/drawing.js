/**
 * Runs in the page that summary-page.ts makes: Mermaid draws the charts, and what came of the page is left in #drawn, in the
 * form of `DrawnPage`.
 */
(async () => {
  const { document, mermaid } = globalThis;
  // A chart that is folded away has no size.
  for (const folded of document.querySelectorAll('details')) folded.open = true;
  for (const code of document.querySelectorAll('code.language-mermaid')) {
    const place = document.createElement('div');
    place.className = 'chart';
    place.textContent = code.textContent;
    code.parentElement.replaceWith(place);
  }
  mermaid.initialize({ startOnLoad: false });
  await mermaid.run({ querySelector: '.chart', suppressErrors: true });

  const textsOf = (root, selector) => [...root.querySelectorAll(selector)].map((one) => one.textContent);
  const chartOf = (place) => {
    const svg = place.querySelector('svg');
    const labels = [...place.querySelectorAll('.legend text, .label text')];
    return {
      kind: svg?.getAttribute('aria-roledescription') ?? '',
      title: textsOf(place, '.pieTitleText, .chart-title text').join(),
      slices: [...place.querySelectorAll('.pieCircle')].filter((one) => one.getTotalLength() > 0).length,
      legend: textsOf(place, '.legend text'),
      axis: textsOf(place, '.bottom-axis .label text'),
      line: lineOf(place.querySelector('.plot path')),
      overlaps: labels.flatMap((one, at) => labels.slice(at + 1).filter((other) => overlap(one, other)))
        .length,
      width: svg?.getBoundingClientRect().width ?? 0,
      text: place.textContent,
    };
  };
  const sections = [...document.querySelectorAll('section')].map((section) => ({
    name: section.dataset.name,
    elements: [...new Set([...section.querySelectorAll(':not(svg *)')].map((one) => one.localName))].sort(),
    folded: [...section.children].filter((one) => one.localName === 'details').length,
    foldedAnywhere: section.querySelectorAll('details').length,
    text: section.textContent,
    tables: [...section.querySelectorAll('table')].map((table) =>
      [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
    ),
    charts: [...section.querySelectorAll('.chart')].map(chartOf),
  }));

  if (document.body.dataset.open === 'charts') {
    for (const folded of document.querySelectorAll('details'))
      folded.open = folded.querySelector('svg') !== null;
  }
  const { width, height } = document.body.getBoundingClientRect();
  const place = document.createElement('pre');
  place.id = 'drawn';
  place.hidden = true;
  place.textContent = encodeURIComponent(JSON.stringify({ width, height, sections }));
  document.body.append(place);

  /** Where the line of an xychart has its points, and its colour. */
  function lineOf(path) {
    if (path === null) return null;
    const points = path.getAttribute('d').slice(1).split('L');
    return { points: points.map((one) => one.split(',').map(Number)), colour: path.getAttribute('stroke') };
  }

  function overlap(one, other) {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  }
})();
