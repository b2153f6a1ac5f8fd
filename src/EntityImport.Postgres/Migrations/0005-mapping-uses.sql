-- The last import that brought rows in by each mapping, with the SHA-256 of its file's columns. Two that end at once may leave two rows, of which the newest holds.
CREATE TABLE eis.mapping_use (mapping uuid NOT NULL, import uuid NOT NULL, used bigint NOT NULL, header text NOT NULL);
CREATE INDEX mapping_use_mapping ON eis.mapping_use (mapping);
CREATE INDEX mapping_use_header ON eis.mapping_use (header);
INSERT INTO eis.mapping_use (mapping, import, used, header)
SELECT DISTINCT ON (mapping) mapping, id, used, header
FROM (
    SELECT (document::jsonb ->> 'mappingId')::uuid AS mapping, id, sequence, document::jsonb #>> '{header,sha256}' AS header,
        floor(extract(epoch FROM (document::jsonb ->> 'stoppedAt')::timestamptz) * 1000)::bigint AS used
    FROM eis.import WHERE state = 'Succeeded'
) imports
WHERE header IS NOT NULL AND used IS NOT NULL ORDER BY mapping, sequence DESC;
