/**
 * `NODE_OPTIONS=--require …/preload` (or `--import`): the app itself is not changed. This runs before the worker, which makes its
 * core module later and serves it by a `require` of its own; so `require` is watched until the core module is there.
 */
import Module from 'node:module';
import type { CoreApi } from '../function-app/loading/functions-core.ts';
import { CORE_MODULE } from './core-module.ts';
import { installInWorker } from './install.ts';

type Require = (this: unknown, id: string) => unknown;

watchForCoreModule(installInWorker);

/** Calls back once, when the worker has its default programming model: before it knows of any app. */
function watchForCoreModule(found: (core: CoreApi) => void): void {
  const prototype = Module.prototype as { require: Require };
  let assigned = prototype.require;
  let exposed = assigned;
  let isFound = false;
  const isPlain = { configurable: true, enumerable: true } as const;
  // Only what is assigned is watched: whoever reads `require` to wrap it must not be given something that calls his wrapper.
  const watched = (require: Require): Require =>
    function (id) {
      const answer = require.call(this, id);
      if (id === CORE_MODULE && !isFound) {
        isFound = true;
        Object.defineProperty(prototype, 'require', {
          ...isPlain,
          writable: true,
          value: assigned,
        });
        afterFirstModel(answer as CoreApi, found);
      }
      return answer;
    };
  Object.defineProperty(prototype, 'require', {
    ...isPlain,
    get: () => exposed,
    set: (require: Require) => {
      assigned = require;
      exposed = watched(require);
    },
  });
}

/** The first who asks for the core module is the library that sets the default model. */
function afterFirstModel(core: CoreApi, found: (core: CoreApi) => void): void {
  if (core.getProgrammingModel() !== undefined) {
    found(core);
    return;
  }
  const setProgrammingModel = core.setProgrammingModel.bind(core);
  core.setProgrammingModel = (model) => {
    setProgrammingModel(model);
    core.setProgrammingModel = setProgrammingModel;
    found(core);
  };
}
