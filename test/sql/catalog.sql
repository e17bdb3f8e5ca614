-- House rules that the catalog can show.  Every query prints offenders, so
-- that the expected output is "0 rows" but for what is listed with its reason.

-- (Array types are members from 17 on; they have neither name nor comment of
-- their own.)
CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS object
FROM pg_depend d
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE d.deptype = 'e' AND e.extname = 'crm_metrics'
  AND NOT EXISTS (SELECT FROM pg_type t
                  WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typcategory = 'A');

CREATE TEMP VIEW member_function AS
SELECT m.object, l.lanname, p.*
FROM member m
JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
JOIN pg_language l ON l.oid = p.prolang;

-- The queries below see what they are meant to see.
SELECT count(*) > 0 AS has_functions FROM member_function;

-- Everything has a comment, support functions too.  (An operator family that
-- comes with its class has none.)
SELECT object AS without_comment
FROM member
WHERE obj_description(objid, classid::regclass::name) IS NULL
  AND classid <> 'pg_opfamily'::regclass
ORDER BY object COLLATE "C";

-- Every name starts with crm_.
SELECT object AS badly_named
FROM member
LEFT JOIN pg_proc p ON classid = 'pg_proc'::regclass AND p.oid = objid
LEFT JOIN pg_type t ON classid = 'pg_type'::regclass AND t.oid = objid
LEFT JOIN pg_class c ON classid = 'pg_class'::regclass AND c.oid = objid
LEFT JOIN pg_opclass o ON classid = 'pg_opclass'::regclass AND o.oid = objid
WHERE coalesce(proname, typname, relname, opcname, 'crm_') NOT LIKE 'crm\_%'
ORDER BY object COLLATE "C";

-- Nothing but what the extension is made of is created: no schema, no role
-- setting, no event trigger.
SELECT object AS unexpected_kind
FROM member
WHERE classid NOT IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_class'::regclass,
                      'pg_cast'::regclass, 'pg_operator'::regclass,
                      'pg_opclass'::regclass, 'pg_opfamily'::regclass)
ORDER BY object COLLATE "C";

-- The parallel mark is safe, except for what creates views and tables, and their lock:
SELECT object AS not_parallel_safe, proparallel
FROM member_function
WHERE proparallel <> 's'
ORDER BY object COLLATE "C";

-- The volatility mark was thought of: nothing is volatile, except for the same:
SELECT object AS volatile
FROM member_function
WHERE provolatile = 'v'
ORDER BY object COLLATE "C";

-- A C symbol is called as its function; an overload adds a suffix.
SELECT object AS other_symbol, prosrc
FROM member_function
WHERE lanname = 'c'
  AND prosrc <> proname
  AND left(prosrc, length(proname) + 1) <> proname || '_'
ORDER BY object COLLATE "C";

-- Costs are stated: 100 is the default of SQL functions, 1000 rows that of
-- functions returning sets.  (1 is the default of C functions and a fair tier,
-- so that it cannot be told from silence.)
SELECT object AS default_cost, procost, prorows
FROM member_function
WHERE (lanname NOT IN ('c', 'internal') AND procost = 100)
   OR (proretset AND prorows = 1000)
ORDER BY object COLLATE "C";

-- SQL functions are bound when they are created: no search_path can change
-- what they call.  Nobody gets another's rights.
SELECT object AS unbound_or_definer
FROM member_function
WHERE (lanname = 'sql' AND prosqlbody IS NULL) OR prosecdef
ORDER BY object COLLATE "C";

-- A parallel safe aggregate can be combined, and its state moved when it is
-- internal; an internal state says its size; no final function changes it.
-- (Ordered-set aggregates cannot be combined.)
SELECT f.object AS incomplete_aggregate,
       a.aggcombinefn = 0 AS no_combine,
       a.aggtranstype = 'internal'::regtype
         AND (a.aggserialfn = 0 OR a.aggdeserialfn = 0) AS no_serial,
       a.aggtranstype = 'internal'::regtype AND a.aggtransspace = 0 AS no_size,
       a.aggfinalmodify <> 'r' OR a.aggmfinalmodify <> 'r' AS final_writes
FROM member_function f
JOIN pg_aggregate a ON a.aggfnoid = f.oid
WHERE (a.aggkind = 'n' AND a.aggcombinefn = 0)
   OR (a.aggkind = 'n' AND a.aggtranstype = 'internal'::regtype
       AND (a.aggserialfn = 0 OR a.aggdeserialfn = 0))
   OR (a.aggtranstype = 'internal'::regtype AND a.aggtransspace = 0)
   OR a.aggfinalmodify <> 'r' OR a.aggmfinalmodify <> 'r'
ORDER BY f.object COLLATE "C";

-- Base types travel in binary too, and can be stored compressed.
SELECT m.object AS incomplete_type, t.typreceive = 0 AS no_receive, t.typsend = 0 AS no_send,
       t.typstorage
FROM member m
JOIN pg_type t ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
WHERE t.typtype = 'b' AND t.typcategory <> 'A'
  AND (t.typreceive = 0 OR t.typsend = 0 OR (t.typlen = -1 AND t.typstorage = 'p'))
ORDER BY m.object COLLATE "C";
