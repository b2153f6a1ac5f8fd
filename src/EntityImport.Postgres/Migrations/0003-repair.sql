-- What is made of an import's rejected rows, and of single ones of them.
CREATE TABLE eis.repair (import uuid PRIMARY KEY, document text NOT NULL);
CREATE TABLE eis.repair_edit (import uuid NOT NULL, number bigint NOT NULL, document text NOT NULL, PRIMARY KEY (import, number));
