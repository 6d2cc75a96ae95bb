/**
 * The files of GOMODCACHE's download cache that a go.sum names, relative to GOMODCACHE: of a module that is built
 * its zip, of one that only the module graph needs its go.mod (`go help mod`, "go.sum"; the layout is that of
 * cmd/go/internal/modfetch.CachePath, as a GOPROXY's).
 *
 * Not the `.ziphash`: without it Go hashes the zip anew and compares it with go.sum (modfetch/fetch.go, hashZip),
 * so that nothing but what go.sum names can come out of a stored zip.
 *
 * @param goSum the text of a go.sum or go.work.sum; lines of another form are passed over, as Go reports them
 */
export function downloadFiles(goSum: string): string[] {
  return goSum.split(/\r?\n/).flatMap((line) => {
    const [path, version, hash] = line.split(' ');
    if (!path || !version || !hash?.startsWith('h1:')) return [];
    const ofGraph = version.endsWith('/go.mod');
    const file = `cache/download/${escapePath(path)}/@v/${escapePath(version.replace(/\/go\.mod$/, ''))}`;
    return ofGraph ? [`${file}.mod`, `${file}.info`] : [`${file}.zip`];
  });
}

/** Upper case as `!` and lower case, for file systems that fold case (golang.org/x/mod/module.EscapePath). */
function escapePath(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

/** The names that may be written below GOMODCACHE: those that `downloadFiles` gives, without a step up. */
export const downloadFileName =
  /^cache\/download\/(?:(?!\.{1,2}\/|@v\/)[A-Za-z0-9._~!+-]+\/)+@v\/(?!\.)[A-Za-z0-9._~!+-]+\.(?:zip|mod|info)$/;
