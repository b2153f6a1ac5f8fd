-- Who is signed in with a browser, and links by which somebody is to sign in; found by the hash of their secret. What cookies are encrypted with.
CREATE TABLE eis.session (id uuid PRIMARY KEY, hash text NOT NULL UNIQUE, expires bigint NOT NULL, document text NOT NULL);
CREATE TABLE eis.protection_key (id uuid PRIMARY KEY, document text NOT NULL);
