-- What callers do at each node, told once a second by those that have any: limits of callers are for all nodes together. A crash of the server may forget it.
CREATE UNLOGGED TABLE eis.caller_use (
    node uuid PRIMARY KEY, callers text[] NOT NULL, requests bigint[] NOT NULL, bytes bigint[] NOT NULL,
    uploads integer[] NOT NULL, event_streams integer[] NOT NULL, queries integer[] NOT NULL, inferences integer[] NOT NULL);
