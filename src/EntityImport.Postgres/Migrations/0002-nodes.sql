-- Several processes may share a store. Each has a lease 'node:ID' then, in place of the one lease 'service' of a process that works alone; and who it is, is here.
CREATE TABLE eis.node (id uuid PRIMARY KEY, name text NOT NULL, build text NOT NULL, since timestamptz NOT NULL, draining boolean NOT NULL DEFAULT false);

-- Which import of an entity is to run: its oldest one that has not ended, if nobody is at it, in the order in which entities became ready.
ALTER TABLE eis.lease ALTER node DROP NOT NULL, ADD renewed_at timestamptz, ADD head bigint, ADD ready_at timestamptz;
CREATE INDEX import_waiting ON eis.import (entity, sequence) WHERE state IN ('Queued', 'Running');
CREATE INDEX lease_ready ON eis.lease (ready_at) WHERE head IS NOT NULL AND import IS NULL;
CREATE INDEX lease_import ON eis.lease (import) WHERE import IS NOT NULL;
UPDATE eis.lease SET import = NULL, node = NULL WHERE name <> 'service';
INSERT INTO eis.lease (name, epoch, expires_at, head, ready_at)
    SELECT entity, 0, 'infinity', min(sequence), clock_timestamp() FROM eis.import WHERE state IN ('Queued', 'Running') GROUP BY entity
    ON CONFLICT (name) DO UPDATE SET head = excluded.head, ready_at = excluded.ready_at;

-- Who changes definitions, or adds imports, holds the first; the second says whose turn it is.
INSERT INTO eis.lease (name, epoch, expires_at) VALUES ('definitions', 0, 'infinity'), ('definitions:turn', 0, 'infinity');

-- Places of imports on all nodes together, where there is a limit.
CREATE TABLE eis.place (number integer PRIMARY KEY, entity text);
CREATE INDEX place_entity ON eis.place (entity) WHERE entity IS NOT NULL;

-- Which node makes a plan; and how far imports and plans are, which a crash of the server may forget.
ALTER TABLE eis.plan ADD node uuid;
CREATE INDEX plan_unfinished ON eis.plan (id) WHERE state IN ('Queued', 'Running');
CREATE UNLOGGED TABLE eis.progress (import uuid PRIMARY KEY, document text NOT NULL);
