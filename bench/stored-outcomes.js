// When instances are done: what storage says, not what the orchestrator knows. Rows of the Instances table are read straight
// from Azurite, past the engine that is measured and past the proxy that counts, in the same way for every engine. Azurite
// stamps each row with the time of the write, so that how often is asked does not decide what is measured.
import { TableClient } from '@azure/data-tables';

const ENDED = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);

/** @param {string} connection of Azurite itself. @param {string} hub */
export function storedOutcomes(connection, hub) {
  const table = TableClient.fromConnectionString(connection, `${hub}Instances`, {
    allowInsecureConnection: true,
  });
  /** Rows written before were seen; one millisecond is asked for twice. */
  let since = new Date(0);
  const seen = new Set();

  return {
    /**
     * The instances that ended since the last call, with when that was stored, in ms since the epoch. One query.
     * @throws {Error} when one of them did not complete.
     */
    async ended() {
      const filter = `Timestamp ge datetime'${since.toISOString()}'`;
      const select = ['PartitionKey', 'RuntimeStatus', 'Timestamp'];
      const found = [];
      let latest = since.getTime();
      for await (const row of table.listEntities({ queryOptions: { filter, select } })) {
        const storedMs = Date.parse(row.timestamp);
        latest = Math.max(latest, storedMs);
        if (!ENDED.has(row.RuntimeStatus) || seen.has(row.partitionKey)) continue;
        if (row.RuntimeStatus !== 'Completed') {
          throw new Error(`instance ${row.partitionKey} is ${row.RuntimeStatus}`);
        }
        seen.add(row.partitionKey);
        found.push({ id: row.partitionKey, storedMs });
      }
      // A write that began before a later one may become visible after it.
      since = new Date(Math.max(since.getTime(), latest - 1_000));
      return found;
    },
  };
}
