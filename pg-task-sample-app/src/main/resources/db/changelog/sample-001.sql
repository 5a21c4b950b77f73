--liquibase formatted sql

--changeset sample:001-products
CREATE TABLE product (
	name  text PRIMARY KEY,
	price numeric(10, 2) NOT NULL,
	stock int NOT NULL CHECK (stock >= 0)
);
INSERT INTO product (name, price, stock) VALUES
	('book', 20, 1000000),
	('lamp', 45, 3),
	('piano', 9000, 10);

--changeset sample:001-orders
CREATE TABLE customer_order (
	id          uuid PRIMARY KEY,
	product     text NOT NULL REFERENCES product,
	quantity    int NOT NULL CHECK (quantity > 0),
	status      text NOT NULL,
	payment_id  uuid,
	notified_at timestamptz,
	task_id     uuid NOT NULL,
	created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX customer_order_created_at_idx ON customer_order (created_at);
CREATE TABLE order_event (
	order_id    uuid NOT NULL REFERENCES customer_order,
	status      text NOT NULL,
	happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (order_id, status)
);

--changeset sample:001-payments
--comment: What the simulated payment service knows; it is here because it has no database of its own.
CREATE TABLE payment (
	id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	idempotency_key uuid NOT NULL UNIQUE,
	amount          numeric(12, 2) NOT NULL,
	charged_at      timestamptz NOT NULL DEFAULT now()
);
