-- Values of every type that can be stored, for the tests that move them between
-- databases and versions.  One table a type in the schema stored:
--
--	CREATE TABLE stored.<type> (label text PRIMARY KEY, value <type>);
--
-- with the smallest value, an ordinary one, and the odd ones of that type.
CREATE TABLE stored.version (label text PRIMARY KEY, value text);
INSERT INTO stored.version VALUES ('library', crm_metrics_version());
CREATE TABLE stored.crm_attribution_def (label text PRIMARY KEY, value crm_attribution_def);
INSERT INTO stored.crm_attribution_def VALUES
	('smallest', 'crm_attribution_def:1 model=linear'),
	('everything', 'crm_attribution_def:1 model=time_decay lookback=1mon2d3.5s half_life=7d ignore=["a \"b\"","c\\d"] reset_on_conversion=true'),
	('weights', 'crm_attribution_def:1 model=custom weights=[0.3333333333333333,0,1e-300]');
CREATE TABLE stored.crm_attribution_summary (label text PRIMARY KEY, value crm_attribution_summary);
INSERT INTO stored.crm_attribution_summary VALUES
	('none', 'crm_attribution_summary:1 untouched=0 untouched_value=null touched_value=null channels=[] moves=[] shares=[]'),
	('some', 'crm_attribution_summary:1 untouched=2 untouched_value=5.50 touched_value=3 channels=["a","b","q\"r s\\"] moves=[[0,1,2],[0,2,1],[0,3,1],[1,0,1],[1,2,2],[2,0,1],[2,1,1],[3,0,1]] shares=[[1,2,2,2],[2,2,2,2],[3,1,1,1]]'),
	('big', 'crm_attribution_summary:1 untouched=9223372036854775807 untouched_value=123456789012345678901234567890123456789012345.678 touched_value=null channels=["a"] moves=[[0,1,9223372036854775807]] shares=[]');
