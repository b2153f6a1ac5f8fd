-- The lowest version that a program must understand to work with the store: a step that programs before it can live with leaves it as it is, so that nodes of both can start, and an upgrade can be taken back.
ALTER TABLE eis.store ADD COLUMN lowest integer NOT NULL DEFAULT 7;
