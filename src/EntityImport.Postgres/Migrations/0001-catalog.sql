-- What is known of entities, mappings, uploads and imports: a JSON document each, beside the columns that it is looked up by.
CREATE TABLE eis.counter (name text PRIMARY KEY, last bigint NOT NULL);
INSERT INTO eis.counter (name, last) VALUES ('import', 0), ('entity', 0);

-- An entity's records are in eis_data.TABLE_NAME; the field at place i of columns is its column f(i).
CREATE TABLE eis.entity (name text PRIMARY KEY, number bigint NOT NULL, table_name text NOT NULL, columns text[] NOT NULL, document text NOT NULL);
CREATE TABLE eis.guards (entity text PRIMARY KEY, document text NOT NULL);
CREATE TABLE eis.mapping (id uuid NOT NULL, revision integer NOT NULL, entity text NOT NULL, document text NOT NULL, PRIMARY KEY (id, revision));
CREATE TABLE eis.upload (id uuid PRIMARY KEY, sha256 text, mapping uuid, sender text, expired boolean NOT NULL DEFAULT false, document text NOT NULL);
CREATE INDEX upload_mapping ON eis.upload (mapping, id);
CREATE INDEX upload_sha256 ON eis.upload (sha256);
CREATE TABLE eis.import (sequence bigint PRIMARY KEY, id uuid NOT NULL UNIQUE, upload uuid NOT NULL, entity text NOT NULL, state text NOT NULL, document text NOT NULL);
CREATE INDEX import_upload ON eis.import (upload, sequence);
CREATE INDEX import_entity ON eis.import (entity, sequence);
CREATE INDEX import_unfinished ON eis.import (state) WHERE state IN ('Queued', 'Running');
CREATE TABLE eis.plan (id uuid PRIMARY KEY, entity text NOT NULL, state text NOT NULL, expired boolean NOT NULL, bytes bigint NOT NULL, document text NOT NULL);
CREATE TABLE eis.receipt (caller text, key text NOT NULL, done bigint NOT NULL, document text NOT NULL);
CREATE INDEX receipt_key ON eis.receipt (key);
CREATE TABLE eis.key (id uuid PRIMARY KEY, used bigint, document text NOT NULL);
CREATE TABLE eis.audit (id uuid PRIMARY KEY, noted bigint NOT NULL, entity text, subject text, refused boolean NOT NULL, document text NOT NULL);
CREATE TABLE eis.webhook (id uuid PRIMARY KEY, document text NOT NULL);
CREATE TABLE eis.notice (id uuid PRIMARY KEY, noted bigint NOT NULL, document text NOT NULL);
CREATE TABLE eis.delivery (notice uuid NOT NULL, webhook uuid NOT NULL, state text NOT NULL, due bigint, document text NOT NULL, PRIMARY KEY (notice, webhook));
CREATE INDEX delivery_due ON eis.delivery (webhook, due, notice) WHERE due IS NOT NULL;

-- Of which imports it is kept what records were: in the entity's table of that, or, where all records were replaced, in a table of its own.
CREATE TABLE eis.before_image (import bigint PRIMARY KEY, entity text NOT NULL, whole_table text, records bigint NOT NULL);

-- Who may write: the process that has the lease 'service', and into an entity (by its name in upper case) the attempt with its epoch, at the import with that number.
CREATE TABLE eis.lease (name text PRIMARY KEY, epoch bigint NOT NULL, node uuid NOT NULL, import bigint, expires_at timestamptz NOT NULL);
