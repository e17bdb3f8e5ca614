-- Results that every capability returns.

CREATE TYPE crm_interval AS (
    n          bigint,
    estimate   double precision,
    std_error  double precision,
    lower      double precision,
    upper      double precision,
    conf_level double precision
);
COMMENT ON TYPE crm_interval IS
    'an estimate from n observations with its standard error and confidence interval; what cannot be told is NULL';

CREATE TYPE crm_comparison AS (
    n_control   bigint,
    n_treatment bigint,
    control     double precision,
    treatment   double precision,
    difference  double precision,
    std_error   double precision,
    lower       double precision,
    upper       double precision,
    lift        double precision,
    lift_lower  double precision,
    lift_upper  double precision,
    statistic   double precision,
    df          double precision,
    p_value     double precision,
    method      text
);
COMMENT ON TYPE crm_comparison IS
    'treatment against control: difference = treatment - control with its confidence interval, lift = difference / control, and a two-sided test; what cannot be told is NULL';
