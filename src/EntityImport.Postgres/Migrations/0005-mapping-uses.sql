-- The last import that brought rows in by each mapping into an entity (by its name in upper case), with the SHA-256 of its file's columns.
CREATE TABLE eis.mapping_use (
    mapping uuid NOT NULL, used_for text NOT NULL, import uuid NOT NULL, used_revision integer NOT NULL, used bigint NOT NULL, header text NOT NULL, PRIMARY KEY (mapping, used_for));
INSERT INTO eis.mapping_use (mapping, used_for, import, used_revision, used, header)
SELECT DISTINCT ON (mapping, entity) mapping, entity, id, revision, used, header
FROM (
    SELECT (document::json ->> 'mappingId')::uuid AS mapping, entity, id, sequence, (document::json ->> 'mappingRevision')::integer AS revision, document::json #>> '{header,sha256}' AS header,
        floor(extract(epoch FROM (document::json ->> 'stoppedAt')::timestamptz) * 1000)::bigint AS used
    FROM eis.import WHERE state = 'Succeeded' AND document::json ->> 'undoneBy' IS NULL
) imports
WHERE header IS NOT NULL AND used IS NOT NULL ORDER BY mapping, entity, sequence DESC;
