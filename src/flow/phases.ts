import type { Phase } from '../report/progress.ts';

/** What of a restore or a save may take its time, by what is restored or saved. */

export const downloading = (what: string): Phase => ({ name: `Downloading ${what}`, unit: 'bytes' });
export const unpacking = (what: string): Phase => ({ name: `Unpacking ${what}`, unit: 'file' });
export const packing = (what: string): Phase => ({ name: `Packing ${what}`, unit: 'file' });
export const uploading = (what: string): Phase => ({ name: `Uploading ${what}`, unit: 'bytes' });
