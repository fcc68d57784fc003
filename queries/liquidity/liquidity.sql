-- What each participant of a payment system has, and who has too little.
--   leat run queries/liquidity/liquidity.sql        (from the root of the repository)
--   python3 queries/liquidity/expected.py           prints the same tables, computed on its own
CREATE STREAM payments (
  participant TEXT,
  transtype TEXT,
  amount NUMERIC(14,2),
  crdr TEXT,
  time TIMESTAMPTZ
) WITH (connector = 'file', path = 'queries/liquidity/payments.jsonl', format = 'json');

CREATE STREAM fundings (
  participant TEXT,
  kind TEXT,
  amount NUMERIC(14,2),
  time TIMESTAMPTZ
) WITH (connector = 'file', path = 'queries/liquidity/fundings.jsonl', format = 'json');

CREATE TABLE limits (participant TEXT PRIMARY KEY, minimum NUMERIC(14,2));

INSERT INTO limits VALUES
  ('ALPCCH22', 100000), ('BERGCHZZ', 500000), ('CORVCH2A', 100000), ('DELTCHGG', 100000), ('EIGRCH22', 250000), ('FIRNCHBE', 100000),
  ('GLARCH2L', 7000000), ('HELVCHZZ', 100000);

-- What comes in is positive, what goes out negative.
CREATE VIEW movements AS
  SELECT participant, transtype, CASE crdr WHEN 'CR' THEN amount ELSE -amount END AS amount, time FROM payments
  UNION ALL
  SELECT participant, kind, CASE kind WHEN 'funding' THEN amount ELSE -amount END, time FROM fundings;

CREATE MATERIALIZED VIEW balances AS
  SELECT participant, sum(amount) AS balance, count(*) AS transactions, arg_max(transtype, time) AS last_type,
    arg_max(amount, time) AS last_amount, max(time) AS last_time
  FROM movements GROUP BY participant;

CREATE MATERIALIZED VIEW flows AS
  SELECT participant, window_start, sum(amount) FILTER (WHERE amount > 0) AS inflow, sum(-amount) FILTER (WHERE amount < 0) AS outflow
  FROM TUMBLE(movements, time, INTERVAL '15 minutes') GROUP BY participant, window_start;

-- A row comes when a balance falls under its limit, and goes when it has recovered: SUBSCRIBE under_limit tells both.
CREATE MATERIALIZED VIEW under_limit AS
  SELECT b.participant, b.balance, l.minimum FROM balances b JOIN limits l ON l.participant = b.participant WHERE b.balance < l.minimum;

SELECT participant, balance, transactions, last_type, last_amount, last_time FROM balances ORDER BY participant;

SELECT participant, balance, minimum FROM under_limit ORDER BY participant;

SELECT participant, window_start, inflow, outflow FROM flows ORDER BY participant, window_start;
