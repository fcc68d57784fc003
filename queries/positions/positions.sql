-- A table that a changelog keeps up to date, three views over it, and what they hold at the end.
--   leat run queries/positions/positions.sql        (from the root of the repository)
--   python3 queries/positions/expected.py           prints the same tables, computed on its own
CREATE TABLE positions (
  position_id BIGINT PRIMARY KEY,
  client TEXT,
  ticker TEXT,
  amount BIGINT,
  exchange TEXT
) WITH (connector = 'file', path = 'queries/positions/positions.jsonl', format = 'json', envelope = 'upsert');

CREATE STREAM trades (
  trade_id BIGINT,
  position_id BIGINT,
  price NUMERIC(10,2),
  quantity BIGINT,
  traded_at TIMESTAMPTZ
) WITH (connector = 'file', path = 'queries/positions/trades.jsonl', format = 'json');

-- A client is in the view once, as long as one of its positions is on NASDAQ.
CREATE MATERIALIZED VIEW nasdaq_clients AS
  SELECT DISTINCT client FROM positions WHERE exchange = 'NASDAQ';

CREATE MATERIALIZED VIEW by_exchange AS
  SELECT exchange, count(*) AS positions, sum(amount) AS amount FROM positions GROUP BY exchange;

-- A trade is in the view as long as its position is open, with the position's client and exchange of now.
CREATE MATERIALIZED VIEW open_trades AS
  SELECT t.trade_id, t.traded_at, p.client, p.ticker, p.exchange, t.price, t.quantity
  FROM trades t JOIN positions p ON p.position_id = t.position_id;

SELECT client FROM nasdaq_clients ORDER BY client;

SELECT exchange, positions, amount FROM by_exchange ORDER BY exchange;

SELECT count(*) AS trades, sum(quantity) AS quantity FROM open_trades;

SELECT trade_id, traded_at, client, ticker, exchange, price, quantity FROM open_trades ORDER BY trade_id DESC LIMIT 20;
