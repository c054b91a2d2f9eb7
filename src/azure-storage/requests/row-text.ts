/** Rows and their keys as the table service takes them: OData 3 in JSON. Mirrors `serialize` of @azure/data-tables. */
import type { Row } from '../tables/row.ts';

export interface RowKeys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/**
 * The row as JSON; columns that are neither texts, numbers nor booleans name their type. Put together member by member: a commit
 * writes a hundred and more, and an object that is made to be written costs several times as much.
 */
export function rowText({ partitionKey, rowKey, ...columns }: Row): string {
  let text = `{"PartitionKey":${JSON.stringify(partitionKey)},"RowKey":${JSON.stringify(rowKey)}`;
  for (const [name, value] of Object.entries(columns)) {
    if (typeof value === 'object') {
      text += `,${JSON.stringify(name)}:${JSON.stringify(value.value)}`;
      text += `,${JSON.stringify(`${name}@odata.type`)}:"Edm.${value.type}"`;
    } else {
      text += `,${JSON.stringify(name)}:${JSON.stringify(value)}`;
    }
  }
  return `${text}}`;
}

/** The row in a path: `(PartitionKey='a',RowKey='b')`. */
export function rowPath({ partitionKey, rowKey }: RowKeys): string {
  return `(PartitionKey='${keyText(partitionKey)}',RowKey='${keyText(rowKey)}')`;
}

function keyText(key: string): string {
  return encodeURIComponent(key.replaceAll("'", "''"));
}
