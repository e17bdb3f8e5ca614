/*
 * pipeline.sql - leads, opportunities and their stage history
 *
 * Most companies and some consumers were leads before they were customers;
 * other leads come to nothing.  The first deal of a customer that was a lead
 * is the one that made it a customer: it ends won, at the instant the account
 * was made.  Later deals, and those of leads that are still leads, walk
 * through the stages by chance, as far as the period lets them.
 */

/*
 * One deal's walk.  A stage ends in the next one, or is left for the one
 * after next (skipped), for the one before (entered again), or for lost; the
 * chance of losing is the same in each of the four stages and such that
 * win_rate is the chance of passing all four in a row.  A lost deal is
 * sometimes reopened.  One move in fifty takes no time, as when a careless
 * owner catches up on the paperwork.
 */
CREATE FUNCTION sample_crm.deal_walk(stream bigint, key bigint, win_rate float8)
RETURNS TABLE (move int, stage text, elapsed float8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	stages text[] := '{qualification, discovery, proposal, negotiation, won}';
	days float8[] := '{6, 12, 15, 10}';
	lose float8 := 1 - power(win_rate, 0.25);
	k bigint := key * 1024;
	at int := 1;
	u float8;
BEGIN
	move := 1;
	elapsed := 0;
	LOOP
		stage := stages[at];
		RETURN NEXT;
		EXIT WHEN at = 5;
		move := move + 1;
		k := k + 4;
		IF sample_crm.uniform(stream, k) > 0.02 THEN
			elapsed := elapsed - 86400 * days[at] * ln(sample_crm.uniform(stream, k + 1));
		END IF;
		u := sample_crm.uniform(stream, k + 2);
		IF u < lose THEN
			stage := 'lost';
			RETURN NEXT;
			EXIT WHEN move > 8 OR sample_crm.uniform(stream, k + 3) > 0.04;
			move := move + 1;
			elapsed := elapsed + 86400 * 30;
			at := 2;
			CONTINUE;
		END IF;
		u := (u - lose) / (1 - lose);
		at := CASE WHEN u < 0.10 AND at > 1 AND move < 12 THEN at - 1
				   WHEN u > 0.88 AND at < 4 THEN at + 2
				   ELSE at + 1 END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sample_crm.deal_walk(bigint, bigint, float8) IS
	'the stages one deal passes through, and the seconds from its start to each of them';

CREATE FUNCTION sample_crm.fill_leads(n_customers int, lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'leads');
	total float8 := (SELECT elapsed + weight / 7 FROM calendar ORDER BY day DESC LIMIT 1);
BEGIN
	WITH drawn AS (
		SELECT key,
			   uniform(st, key * 16) AS u_lead,
			   uniform(st, key * 16 + 1) AS u_before,
			   uniform(st, key * 16 + 2) AS u_pos,
			   uniform(st, key * 16 + 3) AS u_time,
			   uniform(st, key * 16 + 4) AS u_source,
			   uniform(st, key * 16 + 5) AS u_score,
			   uniform(st, key * 16 + 6) AS u_contact,
			   uniform(st, key * 16 + 7) AS u_delay,
			   uniform(st, key * 16 + 8) AS u_status,
			   uniform(st, key * 16 + 9) AS u_region,
			   uniform(st, key * 16 + 10) AS u_email
		FROM generate_series(1, n_customers::bigint + n_customers * 3 / 10) key
		OFFSET 0
	), lead AS (
		SELECT d.*, c.id AS customer_id, c.email, c.company, c.acquired_at AS converted_at,
			   c.acquired_at - seconds(600 - 18 * 86400 * ln(u_before)) AS created_at,
			   c.acquisition_channel AS source,
			   30 + floor(70 * u_score)::int AS score
		FROM drawn d
		JOIN customers c ON c.id = d.key
		JOIN truth t ON t.customer_id = c.id
		WHERE u_lead < CASE WHEN t.segment = 'consumer' THEN 0.05 ELSE 0.9 END
		UNION ALL
		SELECT d.*, NULL,
			   CASE WHEN u_email > 0.1 THEN 'lead' || key || '@example.com' END,
			   CASE WHEN u_email > 0.4 THEN 'Prospect ' || key END, NULL,
			   moment(lo - 1 + width_bucket(u_pos * total, (SELECT array_agg(elapsed ORDER BY day) FROM calendar)),
					  time_of_day(u_time), r.time_zone),
			   CASE WHEN u_source < 0.35 THEN 'paid_search'
					WHEN u_source < 0.60 THEN 'social'
					WHEN u_source < 0.75 THEN 'organic_search'
					WHEN u_source < 0.95 THEN 'referral' END,
			   floor(80 * u_score)::int
		FROM drawn d
		JOIN (SELECT *, coalesce(lag(upto) OVER (ORDER BY upto), 0) AS above FROM regions) r
		  ON u_region > r.above AND u_region <= r.upto
		WHERE d.key > n_customers
	), contacted AS (
		SELECT *,
			   CASE WHEN u_contact < 0.2 THEN NULL
					ELSE least(created_at + seconds(300 - 10 * 3600 * ln(u_delay)), converted_at) END AS contacted_at
		FROM lead
		WHERE created_at >= lo::timestamptz
	)
	INSERT INTO leads (id, created_at, source, email, company, score, status, first_contacted_at,
					   converted_at, customer_id)
	SELECT row_number() OVER (ORDER BY created_at, key), created_at, source, email, company,
		   CASE WHEN u_status < 0.85 THEN score END,
		   CASE WHEN customer_id IS NOT NULL THEN 'converted'
				WHEN contacted_at IS NULL OR contacted_at >= hi::timestamptz THEN 'new'
				WHEN u_status < 0.45 THEN 'disqualified'
				ELSE 'working' END,
		   CASE WHEN contacted_at < hi::timestamptz THEN contacted_at END,
		   converted_at, customer_id
	FROM contacted
	ORDER BY 1;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_leads(int, date, date, int) IS
	'part of generate(): leads that became customers, and others';

CREATE FUNCTION sample_crm.fill_opportunities(lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'opportunities');
	st_deals bigint := stream(seed, 'deals');
	st_walk bigint := stream(seed, 'deal walks');
BEGIN
	WITH deal AS (
		/* deals of customers; number 0 is the one that made a lead a customer */
		SELECT t.customer_id * 1024 + i AS key, t.customer_id,
			   CASE WHEN i = 0 THEN l.id END AS lead_id,
			   CASE WHEN i = 0 THEN l.created_at
					ELSE c.acquired_at + seconds(extract(epoch FROM hi::timestamptz - c.acquired_at)::float8
												 * uniform(st, (t.customer_id * 1024 + i) * 16))
			   END AS created_at,
			   CASE WHEN i = 0 THEN c.acquired_at END AS won_at,
			   CASE WHEN i = 0 THEN 1 ELSE g.win_rate END AS win_rate,
			   g.deal_value, c.currency, coalesce(c.company, c.name) AS party
		FROM truth t
		JOIN customers c ON c.id = t.customer_id
		JOIN segments g ON g.segment = t.segment AND g.deals_a_year > 0
		LEFT JOIN leads l ON l.customer_id = c.id
		CROSS JOIN LATERAL
			generate_series(CASE WHEN l.id IS NULL THEN 1 ELSE 0 END,
							least(1023, poisson(st_deals, t.customer_id, g.deals_a_year
												* extract(epoch FROM hi::timestamptz - c.acquired_at)::float8
												/ 31557600))) i
		UNION ALL
		/* deals of leads that have not become customers */
		SELECT l.id * 1024 + 1023, NULL, l.id,
			   l.first_contacted_at
			   + seconds(extract(epoch FROM hi::timestamptz - l.first_contacted_at)::float8
						 * uniform(st, (l.id * 1024 + 1023) * 16) / 4),
			   NULL, 0.15, g.deal_value, 'EUR', coalesce(l.company, 'Lead ' || l.id)
		FROM leads l
		JOIN segments g ON g.segment = 'small business'
		WHERE l.status = 'working'
	), drawn AS (
		SELECT d.*,
			   uniform(st, key * 16 + 1) AS u1,
			   uniform(st, key * 16 + 2) AS u2,
			   uniform(st, key * 16 + 3) AS u_owner,
			   uniform(st, key * 16 + 4) AS u_missing,
			   uniform(st, key * 16 + 5) AS u_expected,
			   uniform(st, key * 16 + 6) AS u_reason
		FROM (SELECT * FROM deal OFFSET 0) d
		OFFSET 0
	), walked AS (
		SELECT d.*, w.move, w.stage,
			   CASE WHEN won_at IS NULL THEN created_at + seconds(w.elapsed)
					/* the walk of a deal that is known to be won is stretched to end then */
					ELSE created_at
						 + seconds(extract(epoch FROM won_at - created_at)::float8
								   * CASE WHEN max(w.elapsed) OVER deal > 0
										  THEN w.elapsed / max(w.elapsed) OVER deal
										  ELSE (w.stage = 'won')::int END)
			   END AS entered_at
		FROM drawn d
		CROSS JOIN LATERAL deal_walk(st_walk, key, win_rate) w
		WINDOW deal AS (PARTITION BY d.key)
	), numbered AS MATERIALIZED (
		SELECT *, dense_rank() OVER (ORDER BY created_at, key) AS id,
			   row_number() OVER (PARTITION BY key ORDER BY move DESC) = 1 AS last
		FROM walked
		WHERE entered_at < hi::timestamptz
	), ins AS (
		INSERT INTO opportunity_stages (id, opportunity_id, stage, entered_at)
		SELECT row_number() OVER (ORDER BY entered_at, id, move), id, stage, entered_at
		FROM numbered
		ORDER BY 1
	)
	INSERT INTO opportunities (id, customer_id, lead_id, name, owner, created_at, stage, status, probability,
							   amount, currency, expected_close, closed_at, lost_reason)
	SELECT id, customer_id, lead_id, party || ' #' || id,
		   CASE WHEN u_owner > 0.03 THEN pick('{Alex, Billie, Charlie, Dana}', u_owner) END,
		   created_at, stage,
		   CASE WHEN stage IN ('won', 'lost') THEN stage ELSE 'open' END,
		   CASE WHEN u_missing > 0.08 OR stage IN ('won', 'lost')
				THEN CASE stage WHEN 'qualification' THEN 10 WHEN 'discovery' THEN 25 WHEN 'proposal' THEN 50
								WHEN 'negotiation' THEN 75 WHEN 'won' THEN 100 ELSE 0 END END,
		   CASE WHEN u_missing < 0.96 THEN round((deal_value * exp(0.8 * normal(u1, u2)))::numeric, 2) END,
		   currency,
		   CASE WHEN u_expected > 0.05 THEN created_at::date + 20 + floor(60 * u_expected)::int END,
		   CASE WHEN stage IN ('won', 'lost') THEN entered_at END,
		   CASE WHEN stage = 'lost' AND u_reason < 0.7
				THEN pick('{price, competitor, no budget, no answer}', u_reason / 0.7) END
	FROM numbered
	WHERE last
	ORDER BY id;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_opportunities(date, date, int) IS
	'part of generate(): deals of customers and leads, with their stage history';
