/** What storage has no index for: duration, parent, and text in payloads. */
import type { InstanceFilter } from './instance-filter.ts';
import { parseDuration } from './duration-input.ts';
import { Typed } from './typed-field.tsx';

export function SearchFields(props: {
  readonly filter: InstanceFilter;
  readonly onChange: (part: Partial<InstanceFilter>) => void;
}) {
  const { filter, onChange } = props;
  return (
    <div class="search-fields" role="group" aria-label="Searched one by one">
      <Typed
        id="text"
        label="Text in input, output or custom status"
        hint="Text in payloads"
        value={filter.text}
        onChange={(text) => {
          onChange({ text });
        }}
      />
      <Typed
        id="parent"
        label="Id of the instance that called it"
        hint="Called by (id)"
        value={filter.parent}
        onChange={(parent) => {
          onChange({ parent });
        }}
      />
      <Typed
        id="longer"
        label="Lasted at least, such as 90 s, 5 min, 2 h"
        hint="Lasted at least, as 5 min"
        value={filter.longer}
        isBad={isBad(filter.longer)}
        onChange={(longer) => {
          onChange({ longer });
        }}
      />
      <Typed
        id="shorter"
        label="Lasted at most, such as 90 s, 5 min, 2 h"
        hint="Lasted at most"
        value={filter.shorter}
        isBad={isBad(filter.shorter)}
        onChange={(shorter) => {
          onChange({ shorter });
        }}
      />
    </div>
  );
}

function isBad(duration: string): boolean {
  return duration !== '' && parseDuration(duration) === undefined;
}
