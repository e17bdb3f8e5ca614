/*
 * service.sql - support tickets and surveys
 *
 * Answers take an exponential time that depends on the priority.  One ticket
 * in twenty is never answered, and some of those are closed all the same;
 * some are reopened after they were solved.  What has not happened by the end
 * of the period is NULL.
 *
 * CSAT and CES go out when a ticket is solved for the first time and fall
 * with the time the answer took; NPS goes out every half year and is lower
 * for customers who have already dropped out.  Most people do not answer.
 */

CREATE FUNCTION sample_crm.fill_tickets(lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'tickets');
	st_count bigint := stream(seed, 'ticket counts');
BEGIN
	WITH drawn AS (
		SELECT c.id AS customer_id, c.acquired_at, c.time_zone, i,
			   uniform(st, (c.id * 65536 + i) * 16) AS u_day,
			   uniform(st, (c.id * 65536 + i) * 16 + 1) AS u_time,
			   uniform(st, (c.id * 65536 + i) * 16 + 2) AS u_priority,
			   uniform(st, (c.id * 65536 + i) * 16 + 3) AS u_channel,
			   uniform(st, (c.id * 65536 + i) * 16 + 4) AS u_subject,
			   uniform(st, (c.id * 65536 + i) * 16 + 5) AS u_response,
			   uniform(st, (c.id * 65536 + i) * 16 + 6) AS u_wait,
			   uniform(st, (c.id * 65536 + i) * 16 + 7) AS u_work,
			   uniform(st, (c.id * 65536 + i) * 16 + 8) AS u_reopen,
			   uniform(st, (c.id * 65536 + i) * 16 + 9) AS u_back,
			   uniform(st, (c.id * 65536 + i) * 16 + 10) AS u_again,
			   uniform(st, (c.id * 65536 + i) * 16 + 11) AS u_unknown
		FROM truth t
		JOIN customers c ON c.id = t.customer_id
		JOIN segments g ON g.segment = t.segment
		CROSS JOIN LATERAL
			generate_series(1, poisson(st_count, c.id, g.tickets_a_year
									   * extract(epoch FROM hi::timestamptz - c.acquired_at)::float8
									   / 31557600)) i
		OFFSET 0
	), created AS (
		SELECT *,
			   greatest(acquired_at,
						moment(acquired_at::date + floor(u_day * (hi - acquired_at::date))::int,
							   time_of_day(u_time), time_zone)) AS created_at,
			   CASE WHEN u_priority < 0.20 THEN 'low' WHEN u_priority < 0.73 THEN 'normal'
					WHEN u_priority < 0.92 THEN 'high' WHEN u_priority < 0.97 THEN 'urgent' END AS priority
		FROM drawn
		OFFSET 0
	), answered AS (
		SELECT *,
			   CASE WHEN u_response > 0.05
					THEN created_at + seconds(30 - 3600 * ln(u_wait)
											  * CASE priority WHEN 'low' THEN 24 WHEN 'high' THEN 3
															  WHEN 'urgent' THEN 1 ELSE 9 END)
			   END AS answered_at
		FROM created
		OFFSET 0
	), solved AS (
		/* a third of the answers solve the matter, and a few are closed unanswered */
		SELECT *,
			   CASE WHEN answered_at IS NOT NULL
					THEN answered_at + seconds(CASE WHEN u_work < 0.3 THEN 0
													ELSE -86400 * ln((u_work - 0.3) / 0.7) END)
					WHEN u_response < 0.01 THEN created_at + interval '168 hours'
			   END AS solved_at
		FROM answered
		OFFSET 0
	), reopened AS (
		SELECT *,
			   CASE WHEN u_reopen < 0.09 THEN solved_at - seconds(86400 * ln(u_back)) END AS reopened1_at,
			   CASE WHEN u_reopen < 0.09 THEN solved_at - seconds(86400 * (ln(u_back) + ln(u_again))) END AS solved1_at,
			   CASE WHEN u_reopen < 0.01 THEN solved_at - seconds(86400 * (2 * ln(u_back) + ln(u_again))) END AS reopened2_at,
			   CASE WHEN u_reopen < 0.01 THEN solved_at - seconds(86400 * 2 * (ln(u_back) + ln(u_again))) END AS solved2_at
		FROM solved
		OFFSET 0
	), censored AS (
		SELECT *,
			   CASE WHEN reopened2_at < hi::timestamptz THEN solved2_at
					WHEN reopened1_at < hi::timestamptz THEN solved1_at
					ELSE solved_at END AS last_solved_at,
			   (reopened1_at IS NOT NULL AND reopened1_at < hi::timestamptz)::int
			   + (reopened2_at IS NOT NULL AND reopened2_at < hi::timestamptz)::int AS reopened
		FROM reopened
	)
	INSERT INTO tickets (id, customer_id, subject, priority, channel, status, created_at, first_response_at,
						 first_resolved_at, resolved_at, reopened)
	SELECT row_number() OVER (ORDER BY created_at, customer_id, i),
		   CASE WHEN u_unknown > 0.04 THEN customer_id END,
		   pick('{Where is my order, Wrong item, Refund please, Cannot log in, Question about the invoice,
				  How does this work, It is broken}', u_subject),
		   priority,
		   CASE WHEN u_channel < 0.55 THEN 'email' WHEN u_channel < 0.75 THEN 'web'
				WHEN u_channel < 0.90 THEN 'chat' ELSE 'phone' END,
		   CASE WHEN last_solved_at < hi::timestamptz THEN 'solved'
				WHEN answered_at < hi::timestamptz THEN 'open' ELSE 'new' END,
		   created_at,
		   CASE WHEN answered_at < hi::timestamptz THEN answered_at END,
		   CASE WHEN solved_at < hi::timestamptz THEN solved_at END,
		   CASE WHEN last_solved_at < hi::timestamptz THEN last_solved_at END,
		   reopened
	FROM censored
	ORDER BY 1;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_tickets(date, date, int) IS
	'part of generate(): support tickets';

CREATE FUNCTION sample_crm.fill_surveys(lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st_ticket bigint := stream(seed, 'ticket surveys');
	st_nps bigint := stream(seed, 'nps');
	bad text[] := '{"Terrible, nobody answers.", "Far too slow, I am very disappointed.", "It broke after a week. Never again!",
					"The support was rude and useless."}';
	fair text[] := '{"It is okay, nothing special.", "Works, but the price is too high.", "Delivery took a while.",
					 "Good product, slow support."}';
	good text[] := '{"Great service, thank you!", "I love it, works perfectly.", "Very friendly and quick help.",
					 "Excellent quality :)"}';
BEGIN
	WITH ticket AS (
		SELECT t.*, kind,
			   CASE WHEN t.first_response_at IS NULL THEN 200
					ELSE extract(epoch FROM t.first_response_at - t.created_at)::float8 / 3600 END AS hours,
			   uniform(st_ticket, t.id * 32 + kind * 16) AS u_sent,
			   uniform(st_ticket, t.id * 32 + kind * 16 + 1) AS u_answer,
			   uniform(st_ticket, t.id * 32 + kind * 16 + 2) AS u_delay,
			   uniform(st_ticket, t.id * 32 + kind * 16 + 3) AS u1,
			   uniform(st_ticket, t.id * 32 + kind * 16 + 4) AS u2,
			   uniform(st_ticket, t.id * 32 + kind * 16 + 5) AS u_comment,
			   uniform(st_ticket, t.id * 32 + kind * 16 + 6) AS u_text
		FROM tickets t
		CROSS JOIN generate_series(0, 1) kind
		WHERE t.first_resolved_at IS NOT NULL
		OFFSET 0
	), sent AS (
		SELECT CASE kind WHEN 0 THEN 'csat' ELSE 'ces' END AS survey, customer_id, id AS ticket_id,
			   first_resolved_at + interval '1 hour' AS sent_at,
			   CASE WHEN u_answer < 0.4 THEN seconds(60 - 43200 * ln(u_delay)) END AS delay,
			   CASE WHEN u_answer > 0.005
					THEN CASE kind WHEN 0
							  THEN greatest(1, least(5, round(5.0 - ln(1 + hours) / 2 - reopened + 0.8 * normal(u1, u2))))
							  ELSE greatest(1, least(7, round(6.2 - ln(1 + hours) / 2 - reopened + 1.2 * normal(u1, u2))))
							  END END::int AS score,
			   CASE kind WHEN 0 THEN 5 ELSE 7 END AS best, u_comment, u_text
		FROM ticket
		WHERE u_sent < CASE kind WHEN 0 THEN 0.7 ELSE 0.3 END
		UNION ALL
		SELECT 'nps', CASE WHEN u_anonymous > 0.03 THEN customer_id END, NULL, sent_at,
			   CASE WHEN u_answer < 0.35 THEN seconds(60 - 86400 * ln(u_delay)) END,
			   CASE WHEN u_answer > 0.005
					THEN greatest(0, least(10, round(8.3 - (churned * 2.5) + 1.9 * normal(u1, u2)))) END::int,
			   10, u_comment, u_text
		FROM (SELECT c.id AS customer_id,
					 moment(c.acquired_at::date + i * 182, 36000, c.time_zone) AS sent_at,
					 coalesce((t.lifetime_end < moment(c.acquired_at::date + i * 182, 36000, c.time_zone))::int,
							  0) AS churned,
					 uniform(st_nps, (c.id * 1024 + i) * 8) AS u_answer,
					 uniform(st_nps, (c.id * 1024 + i) * 8 + 1) AS u_delay,
					 uniform(st_nps, (c.id * 1024 + i) * 8 + 2) AS u1,
					 uniform(st_nps, (c.id * 1024 + i) * 8 + 3) AS u2,
					 uniform(st_nps, (c.id * 1024 + i) * 8 + 4) AS u_comment,
					 uniform(st_nps, (c.id * 1024 + i) * 8 + 5) AS u_text,
					 uniform(st_nps, (c.id * 1024 + i) * 8 + 6) AS u_anonymous
			  FROM customers c
			  JOIN truth t ON t.customer_id = c.id
			  CROSS JOIN LATERAL generate_series(1, (hi - 1 - c.acquired_at::date) / 182) i
			  OFFSET 0) n
	)
	INSERT INTO survey_responses (id, survey, customer_id, ticket_id, sent_at, responded_at, score, comment)
	SELECT row_number() OVER (ORDER BY sent_at, survey, ticket_id, customer_id, score, u_text), survey, customer_id,
		   ticket_id, sent_at,
		   CASE WHEN answered THEN sent_at + delay END,
		   CASE WHEN answered THEN score END,
		   CASE WHEN answered AND u_comment < 0.3
				THEN CASE WHEN score <= best * 0.6 THEN pick(bad, u_text)
						  WHEN score <= best * 0.8 THEN pick(fair, u_text)
						  ELSE pick(good, u_text) END END
	FROM (SELECT *, coalesce(sent_at + delay < hi::timestamptz, false) AS answered FROM sent) s
	WHERE sent_at < hi::timestamptz
	ORDER BY 1;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_surveys(date, date, int) IS
	'part of generate(): NPS, CSAT and CES surveys';
