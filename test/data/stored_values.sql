-- Values of every type that can be stored, for the tests that move them between
-- databases and versions.  One table a type in the schema stored:
--
--	CREATE TABLE stored.<type> (label text PRIMARY KEY, value <type>);
--
-- with the smallest value, an ordinary one, and the odd ones of that type.
CREATE TABLE stored.version (label text PRIMARY KEY, value text);
INSERT INTO stored.version VALUES ('library', crm_metrics_version());
