/** This package, as it is installed. */
import { createRequire } from 'node:module';
import { OWN_FOLDER } from '../base/own-package.ts';

const { version } = createRequire(import.meta.url)(`${OWN_FOLDER}/package.json`) as {
  readonly version: string;
};

export const PACKAGE = { folder: OWN_FOLDER, version } as const;
